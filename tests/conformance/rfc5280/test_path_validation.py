"""OpenSSL accepts our paths strictly, for their own purpose only (RFC 5280 section 6)."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.models import ProfileName
from ca.names.subject import Subject
from tests.support.certification import SERVER_NAMES, UNIT, Certification
from tests.support.every_profile import certificate_of
from tests.support.openssl import Answer, try_openssl
from tests.support.private_keys import private_key_of

pytestmark = pytest.mark.conformance


def verify(ca: Certification, certificate: x509.Certificate, folder: Path, *options: str) -> Answer:
    """Ask the command at the CA's time."""
    files = {
        "root.pem": ca.hierarchy.root.certificate,
        "issuing.pem": ca.hierarchy.issuing.certificate,
        "leaf.pem": certificate,
    }
    for name, content in files.items():
        (folder / name).write_bytes(content.public_bytes(Encoding.PEM))
    moment = str(int(ca.clock.now().timestamp()))
    return try_openssl(
        "verify", "-x509_strict", "-attime", moment, "-CAfile", "root.pem",
        "-no-CApath", "-no-CAstore", "-untrusted", "issuing.pem", *options, "leaf.pem",
        folder=folder,
    )  # fmt: skip


@pytest.mark.parametrize("profile", ["unit", "officer", "person"])
def test_subscribers_are_clients_and_nothing_else(
    ca: Certification, profile: ProfileName, tmp_path: Path
) -> None:
    certificate = certificate_of(ca, profile)
    assert verify(ca, certificate, tmp_path, "-purpose", "sslclient").status == 0
    for purpose in ("sslserver", "smimesign", "smimeencrypt", "crlsign", "timestampsign"):
        assert verify(ca, certificate, tmp_path, "-purpose", purpose).status != 0, purpose


@pytest.mark.parametrize("name", SERVER_NAMES)
def test_the_server_is_a_server_of_its_names(ca: Certification, name: str, tmp_path: Path) -> None:
    certificate = ca.hierarchy.server.certificate
    option = "-verify_ip" if name[0].isdigit() else "-verify_hostname"
    assert verify(ca, certificate, tmp_path, "-purpose", "sslserver", option, name).status == 0
    assert verify(ca, certificate, tmp_path, option, name + "0").status != 0
    assert verify(ca, certificate, tmp_path, "-purpose", "sslclient").status != 0


@pytest.mark.parametrize("name", ["bank.example.com", "例子 (x)", "*.example.com", "10.0.0.1"])
def test_a_units_name_never_meets_the_name_constraints(
    ca: Certification, name: str, tmp_path: Path
) -> None:
    # Section 4.2.1.10. OpenSSL holds a common name that looks like a host name
    # against them: a unit that calls itself bank.example.com must still get in.
    subject = Subject.of_unit(username="wh000123", name=name, credit_code="91420100MA4KXYZ12X")
    certificate = ca.issue(subject=subject).certificate
    assert verify(ca, certificate, tmp_path, "-purpose", "sslclient").status == 0


def test_name_constraints_stop_a_stolen_issuing_key(ca: Certification, tmp_path: Path) -> None:
    # What a thief would sign: anything, with the issuing key, past our lint.
    issuing = ca.hierarchy.issuing
    genuine = ca.hierarchy.server.certificate
    for name, works in (("portal.example.org", True), ("bank.example.com", False)):
        forged = (
            x509.CertificateBuilder()
            .serial_number(x509.random_serial_number())
            .issuer_name(issuing.certificate.subject)
            .subject_name(UNIT.name())
            .public_key(genuine.public_key())
            .not_valid_before(genuine.not_valid_before_utc)
            .not_valid_after(genuine.not_valid_after_utc)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(private_key_of(issuing), genuine.signature_hash_algorithm)  # type: ignore[arg-type]
        )
        (tmp_path / "leaf.pem").write_bytes(forged.public_bytes(Encoding.PEM))
        answer = verify(ca, forged, tmp_path, "-verify_hostname", name)
        assert ("permitted subtree violation" not in answer.errors) is works, answer


def test_a_subscriber_cannot_act_as_a_ca(ca: Certification, tmp_path: Path) -> None:
    # Sections 4.2.1.3 and 4.2.1.9: no CA:TRUE, no keyCertSign.
    parent = ca.issue()
    child = (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .issuer_name(parent.certificate.subject)
        .subject_name(UNIT.name())
        .public_key(parent.private_key.public_key())
        .not_valid_before(parent.certificate.not_valid_before_utc)
        .not_valid_after(parent.certificate.not_valid_after_utc)
        .sign(parent.private_key, parent.certificate.signature_hash_algorithm)  # type: ignore[arg-type]
    )
    (tmp_path / "parent.pem").write_bytes(parent.certificate.public_bytes(Encoding.PEM))
    answer = verify(ca, child, tmp_path, "-untrusted", "parent.pem")
    assert "invalid CA certificate" in answer.errors


def test_before_and_after_its_time_nothing_verifies(ca: Certification, tmp_path: Path) -> None:
    # Section 6.1.3 (a) (2).
    certificate = ca.issue().certificate
    for moment, words in (
        (certificate.not_valid_before_utc.timestamp() - 1, "not yet valid"),
        (certificate.not_valid_after_utc.timestamp() + 1, "has expired"),
    ):
        answer = verify(ca, certificate, tmp_path, "-attime", str(int(moment)))
        assert words in answer.errors
