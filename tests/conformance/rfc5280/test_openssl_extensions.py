"""The `openssl` command makes the same extensions of `openssl.cnf` as the CA does."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ca.authorities import Authority
from ca.models import ProfileName
from ca.profiles import PROFILE_NAMES, find_profile_file, settings_environment
from ca.records import get_record
from ca.serial_numbers import serial_number_of
from tests.support.certification import PKI_URL, SERVER_NAMES, Certification
from tests.support.every_profile import certificate_of
from tests.support.openssl import openssl
from tests.support.private_keys import private_key_of

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("profile", PROFILE_NAMES)
def test_extension_by_extension(
    ca: Certification, profile: ProfileName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_environment(pki_url=PKI_URL, server_names=SERVER_NAMES)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    ours = certificate_of(ca, profile)
    monkeypatch.setenv("CERTGATE_CRL", _crl_named_by(ca, ours))
    theirs = _made_by_openssl(ca, profile, ours, tmp_path)
    assert {item.oid: item for item in theirs.extensions} == {
        item.oid: item for item in ours.extensions
    }


def _crl_named_by(ca: Certification, certificate: x509.Certificate) -> str:
    """Return what stands for the CRL in a certificate's address (`ca.crl.shards`)."""
    with ca.database.reading() as session:
        record = get_record(session, serial_number_of(certificate.serial_number))
    return record.issuer if record.crl_shard is None else f"{record.issuer}/{record.crl_shard}"


def _made_by_openssl(
    ca: Certification, profile: ProfileName, ours: x509.Certificate, folder: Path
) -> x509.Certificate:
    """Let the command certify the same public key under the same issuer."""
    issuer = ca.hierarchy.root if profile in ("root", "issuing") else ca.hierarchy.issuing
    assert isinstance(issuer, Authority)
    key = private_key_of(issuer).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "issuer.key").write_bytes(key)
    (folder / "issuer.pem").write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    (folder / "subject.pub").write_bytes(
        ours.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    openssl("req", "-new", "-key", "issuer.key", "-subj", "/CN=x", "-out", "x.csr", folder=folder)
    signer = (
        ["-key", "issuer.key"]
        if profile == "root"
        else ["-CA", "issuer.pem", "-CAkey", "issuer.key", "-force_pubkey", "subject.pub"]
    )
    source = ["-extfile", str(find_profile_file()), "-extensions", profile]
    answer = openssl(
        "x509", "-req", "-in", "x.csr", "-outform", "DER", *source, *signer, folder=folder
    )
    return x509.load_der_x509_certificate(answer.output)
