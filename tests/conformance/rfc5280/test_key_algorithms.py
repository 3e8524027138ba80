"""The whole hierarchy with each algorithm: the openssl command and our own verifier agree.

RFC 5280 section 4.1.1.2 (signatureAlgorithm), RFC 5758, RFC 4055, RFC 8410 and
RFC 9881 (the AlgorithmIdentifiers, octet for octet).
"""

import hashlib
from pathlib import Path

import pytest
from asn1crypto.x509 import Certificate as Asn1Certificate
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.encoding.der import bit_string, sequence
from ca.encoding.signature_algorithms import algorithm_name_of
from ca.keys import KeyAlgorithm
from foundation.database import Database
from foundation.errors import Denied
from tests.support.openssl import openssl
from tests.support.revocation import RevocableCa, make_revocable

pytestmark = pytest.mark.conformance

# In DER: RFC 5758 section 3.2, RFC 4055 section 5, RFC 8410 section 3, RFC 9881 section 2.
IDENTIFIERS: dict[KeyAlgorithm, str] = {
    "ecdsa-p256": "300a06082a8648ce3d040302",
    "ecdsa-p384": "300a06082a8648ce3d040303",
    "rsa-3072": "300d06092a864886f70d01010b0500",
    "rsa-4096": "300d06092a864886f70d01010b0500",
    "ed25519": "300506032b6570",
    "ml-dsa-65": "300b0609608648016503040312",
}
# Those that OpenSSL 3.0 (Debian 12) knows.
CLASSICAL = [algorithm for algorithm in IDENTIFIERS if algorithm != "ml-dsa-65"]


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Keys and certificates, not storage."""
    return str(request.param)


def made_with(algorithm: KeyAlgorithm, database: Database, folder: Path) -> RevocableCa:
    return make_revocable(database, folder, algorithm=algorithm)


@pytest.mark.parametrize("algorithm", IDENTIFIERS)
def test_client_certificates_verify_and_end_under_each(
    algorithm: KeyAlgorithm, database: Database, tmp_path: Path
) -> None:
    """Issue 3, part 3: also under an ML-DSA-65 root and issuing CA, by the gateway's verifier."""
    revocable = made_with(algorithm, database, tmp_path)
    hierarchy = revocable.ca.hierarchy
    for authority in (hierarchy.root, hierarchy.issuing):
        assert algorithm_name_of(authority.certificate.public_key()) == algorithm
    kept, ended = revocable.issue(), revocable.issue()
    # Subscribers stay classical whatever signs them.
    assert isinstance(kept.certificate.public_key(), ec.EllipticCurvePublicKey)
    for issued in (kept, ended):
        assert revocable.verify(issued.certificate).serial_number == issued.serial_number
    revocable.revoke(ended.serial_number)
    with pytest.raises(Denied) as refused:
        revocable.verify(ended.certificate)
    assert refused.value.code == "certificate-revoked"
    assert revocable.verify(kept.certificate).serial_number == kept.serial_number
    statuses = [revocable.ask(each.serial_number).certificate_status for each in (kept, ended)]
    assert statuses == [ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED]


@pytest.mark.parametrize("algorithm", IDENTIFIERS)
def test_a_forged_signature_of_each_kind_is_refused(
    algorithm: KeyAlgorithm, database: Database, tmp_path: Path
) -> None:
    revocable = made_with(algorithm, database, tmp_path)
    der = bytearray(revocable.issue().certificate.public_bytes(Encoding.DER))
    der[-9] ^= 0x01
    with pytest.raises(Denied) as refused:
        revocable.verifier.verify([bytes(der)])
    assert refused.value.code == "certificate-untrusted"


@pytest.mark.parametrize("algorithm", IDENTIFIERS)
def test_signatures_name_themselves_as_the_standards_say(
    algorithm: KeyAlgorithm, database: Database, tmp_path: Path
) -> None:
    """RFC 5280 4.1.1.2: the same identifier inside and outside of the signed part."""
    revocable = made_with(algorithm, database, tmp_path)
    hierarchy = revocable.ca.hierarchy
    wanted = bytes.fromhex(IDENTIFIERS[algorithm])
    issued = revocable.issue().certificate
    for certificate in (hierarchy.root.certificate, hierarchy.issuing.certificate, issued):
        parsed = Asn1Certificate.load(certificate.public_bytes(Encoding.DER))
        assert parsed["signature_algorithm"].dump() == wanted
        assert parsed["tbs_certificate"]["signature"].dump() == wanted
    for issuer in ("root", "issuing"):
        assert wanted in revocable.crl(issuer).public_bytes(Encoding.DER)


def test_ml_dsa_keys_are_encoded_as_rfc_9881_says(database: Database, tmp_path: Path) -> None:
    """RFC 9881 section 4: no parameters, and the raw public key in the BIT STRING."""
    hierarchy = made_with("ml-dsa-65", database, tmp_path).ca.hierarchy
    for authority in (hierarchy.root, hierarchy.issuing):
        certificate = authority.certificate
        key = certificate.public_key()
        assert isinstance(key, mldsa.MLDSA65PublicKey)
        raw = key.public_bytes_raw()
        info = sequence(bytes.fromhex(IDENTIFIERS["ml-dsa-65"]), bit_string(raw))
        assert info in certificate.tbs_certificate_bytes
        assert len(raw) == 1952
        assert len(certificate.signature) == 3309
        identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        # RFC 5280 4.2.1.2, method 1.
        assert identifier.value.digest == hashlib.sha1(raw, usedforsecurity=False).digest()


@pytest.mark.parametrize("algorithm", CLASSICAL)
def test_the_openssl_command_verifies_the_chain_with_its_crls(
    algorithm: KeyAlgorithm, database: Database, tmp_path: Path
) -> None:
    revocable = made_with(algorithm, database, tmp_path)
    hierarchy = revocable.ca.hierarchy
    files = {
        "root.pem": hierarchy.root.certificate.public_bytes(Encoding.PEM),
        "issuing.pem": hierarchy.issuing.certificate.public_bytes(Encoding.PEM),
        "leaf.pem": revocable.issue().certificate.public_bytes(Encoding.PEM),
        "crls.pem": b"".join(
            revocable.crl(name).public_bytes(Encoding.PEM) for name in ("root", "issuing")
        ),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    moment = str(int(revocable.ca.clock.now().timestamp()))
    common = ("-CAfile", "root.pem", "-x509_strict", "-attime", moment)
    openssl("verify", *common, "issuing.pem", folder=tmp_path)
    openssl(
        *("verify", *common, "-untrusted", "issuing.pem", "-CRLfile", "crls.pem"),
        *("-crl_check_all", "-purpose", "sslclient", "leaf.pem"),
        folder=tmp_path,
    )
