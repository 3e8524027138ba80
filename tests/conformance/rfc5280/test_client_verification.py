"""The gateway's verifier and the openssl command agree (RFC 5280 section 6).

The command sees certificates and CRLs only. Where the verifier refuses more
(nobody recorded the certificate; the leaf must name its purpose), the case says
so.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.names.subject import Subject
from foundation.database import Database
from foundation.errors import Denied
from tests.support.certification import SERVER_NAMES
from tests.support.lookalikes import CLIENT, SERVER, day, foreign_hierarchy, like, tampered
from tests.support.openssl import try_openssl
from tests.support.private_keys import private_key_of
from tests.support.revocation import RevocableCa, make_revocable
from tests.support.schema import create_schema
from tests.support.situations import good, of_an_officer, on_hold, released, revoked

pytestmark = pytest.mark.conformance


@pytest.fixture
def revocable(tmp_path: Path) -> Iterator[RevocableCa]:
    url = f"sqlite:///{tmp_path / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    yield make_revocable(database, tmp_path)
    database.dispose()


def expired(revocable: RevocableCa) -> x509.Certificate:
    certificate = good(revocable)
    revocable.ca.clock.set(certificate.not_valid_after_utc + day(1))
    revocable.crls.refresh_due(revocable.database)
    return certificate


def not_yet_valid(revocable: RevocableCa) -> x509.Certificate:
    certificate = good(revocable)
    now = revocable.ca.clock.now()
    return _signed_by_us(revocable, certificate, valid=(now + day(1), now + day(2)))


def of_a_server(revocable: RevocableCa) -> x509.Certificate:
    return revocable.ca.issue(
        profile="server",
        subject=Subject(SERVER_NAMES[0]),
        subscriber=None,
        server_names=SERVER_NAMES,
    ).certificate


def of_an_ocsp_signer(revocable: RevocableCa) -> x509.Certificate:
    return revocable.ca.hierarchy.ocsp_signers["issuing"].certificate


def with_wrong_purpose(revocable: RevocableCa) -> x509.Certificate:
    return _signed_by_us(revocable, good(revocable), extended_key_usage=SERVER)


def without_digital_signature(revocable: RevocableCa) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=True, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return _signed_by_us(revocable, good(revocable), replaced=(usage,))


def of_the_issuing_ca(revocable: RevocableCa) -> x509.Certificate:
    return revocable.ca.hierarchy.issuing.certificate


def of_the_root(revocable: RevocableCa) -> x509.Certificate:
    return revocable.ca.hierarchy.root.certificate


def below_a_subscriber(revocable: RevocableCa) -> x509.Certificate:
    """6.1.4 (k): a subscriber's certificate is no CA."""
    issued = revocable.issue()
    return like(
        good(revocable),
        issued.private_key,
        issuer=issued.certificate.subject,
        without=(x509.AuthorityKeyIdentifier,),
    )


def of_a_foreign_ca_of_our_name(revocable: RevocableCa) -> x509.Certificate:
    _, key = foreign_hierarchy(revocable.ca)
    return like(good(revocable), key)


def of_a_foreign_ca_of_our_name_without_key_identifier(
    revocable: RevocableCa,
) -> x509.Certificate:
    _, key = foreign_hierarchy(revocable.ca)
    return like(good(revocable), key, without=(x509.AuthorityKeyIdentifier,))


def self_signed_with_our_name(revocable: RevocableCa) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = revocable.ca.hierarchy.issuing.certificate.subject
    return like(
        good(revocable),
        key,
        public_key=key.public_key(),
        subject=issuer,
        without=(x509.AuthorityKeyIdentifier,),
    )


def with_a_changed_subject(revocable: RevocableCa) -> x509.Certificate:
    return tampered(good(revocable))


def with_a_changed_subject_of_a_revoked_one(revocable: RevocableCa) -> x509.Certificate:
    return tampered(revoked(revocable))


@dataclass(frozen=True)
class Case:
    """How a certificate is made and what is said of it; None is trust."""

    make: Callable[[RevocableCa], x509.Certificate]
    code: str | None


CASES = [
    Case(good, None),
    Case(of_an_officer, None),
    Case(released, None),
    Case(revoked, "certificate-revoked"),
    Case(on_hold, "certificate-revoked"),
    Case(expired, "certificate-expired"),
    Case(not_yet_valid, "certificate-untrusted"),
    Case(of_a_server, "certificate-untrusted"),
    Case(of_an_ocsp_signer, "certificate-untrusted"),
    Case(with_wrong_purpose, "certificate-untrusted"),
    Case(without_digital_signature, "certificate-untrusted"),
    Case(below_a_subscriber, "certificate-untrusted"),
    Case(of_a_foreign_ca_of_our_name, "certificate-untrusted"),
    Case(of_a_foreign_ca_of_our_name_without_key_identifier, "certificate-untrusted"),
    Case(self_signed_with_our_name, "certificate-untrusted"),
    Case(with_a_changed_subject, "certificate-untrusted"),
    Case(with_a_changed_subject_of_a_revoked_one, "certificate-untrusted"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.make.__name__)
def test_both_say_the_same(revocable: RevocableCa, tmp_path: Path, case: Case) -> None:
    certificate = case.make(revocable)
    assert _code(revocable, certificate) == case.code
    assert _openssl_trusts(revocable, certificate, tmp_path) == (case.code is None)


@pytest.mark.parametrize("make", [of_the_issuing_ca, of_the_root])
def test_authorities_are_no_clients(
    revocable: RevocableCa, make: Callable[[RevocableCa], x509.Certificate]
) -> None:
    """The command allows a CA certificate as a client's; the verifier does not."""
    assert _code(revocable, make(revocable)) == "certificate-untrusted"


@pytest.mark.parametrize(
    "without", [(x509.KeyUsage,), ()], ids=["no key usage", "no extended key usage"]
)
def test_the_purpose_has_to_be_said(
    revocable: RevocableCa, tmp_path: Path, without: tuple[type[x509.ExtensionType], ...]
) -> None:
    """4.2.1.3, 4.2.1.12: where nothing is said the command allows everything."""
    usage = CLIENT if without else None
    certificate = _signed_by_us(
        revocable, good(revocable), extended_key_usage=usage, without=without
    )
    assert _openssl_trusts(revocable, certificate, tmp_path)
    assert _code(revocable, certificate) == "certificate-untrusted"


def test_what_nobody_recorded_is_not_trusted(revocable: RevocableCa, tmp_path: Path) -> None:
    """A stolen issuing key makes paths that are valid; it makes no records."""
    certificate = _signed_by_us(revocable, good(revocable), serial_number=0x41424344)
    assert _openssl_trusts(revocable, certificate, tmp_path)
    assert _code(revocable, certificate) == "certificate-untrusted"


def test_a_second_certificate_under_a_known_number_is_not_trusted(
    revocable: RevocableCa, tmp_path: Path
) -> None:
    certificate = good(revocable)
    now = revocable.ca.clock.now()
    twin = _signed_by_us(revocable, certificate, valid=(now - day(1), now + day(3000)))
    assert twin.serial_number == certificate.serial_number
    assert _openssl_trusts(revocable, twin, tmp_path)
    assert _code(revocable, twin) == "certificate-untrusted"
    assert _code(revocable, certificate) is None


def _signed_by_us(
    revocable: RevocableCa, certificate: x509.Certificate, **changes: object
) -> x509.Certificate:
    key = private_key_of(revocable.ca.hierarchy.issuing)
    return like(certificate, key, **changes)  # type: ignore[arg-type]


def _code(revocable: RevocableCa, certificate: x509.Certificate) -> str | None:
    try:
        revocable.verify(certificate)
    except Denied as refused:
        return refused.code
    return None


def _openssl_trusts(revocable: RevocableCa, certificate: x509.Certificate, folder: Path) -> bool:
    hierarchy = revocable.ca.hierarchy
    for name, content in (
        ("root.pem", hierarchy.root.certificate),
        ("issuing.pem", hierarchy.issuing.certificate),
        ("leaf.pem", certificate),
        ("root-crl.pem", revocable.crl("root")),
        ("issuing-crl.pem", revocable.crl("issuing")),
    ):
        (folder / name).write_bytes(content.public_bytes(Encoding.PEM))
    answer = try_openssl(
        "verify", "-x509_strict", "-crl_check_all", "-purpose", "sslclient",
        "-attime", str(int(revocable.ca.clock.now().timestamp())),
        "-CAfile", "root.pem", "-no-CApath", "-no-CAstore", "-untrusted", "issuing.pem",
        "-CRLfile", "root-crl.pem", "-CRLfile", "issuing-crl.pem", "leaf.pem", folder=folder,
    )  # fmt: skip
    assert answer.status in {0, 2}, answer.errors
    return answer.status == 0
