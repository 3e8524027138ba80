"""Certificates in every situation, and what each verifier is to say of them."""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conformance.other_verifiers.evidence import Verdict
from tests.support.lookalikes import SERVER, day, foreign_hierarchy, like, tampered
from tests.support.private_keys import private_key_of
from tests.support.revocation import RevocableCa
from tests.support.situations import good, of_an_officer, on_hold, released, revoked


@dataclass(frozen=True)
class Situation:
    """How a certificate comes into a situation, and the verdict on it."""

    make: Callable[[RevocableCa], x509.Certificate]
    verdict: Verdict

    def __str__(self) -> str:
        return self.make.__name__.removesuffix("_")


def expired(revocable: RevocableCa) -> x509.Certificate:
    now = revocable.ca.clock.now()
    return _signed_by_us(revocable, valid=(now - day(3), now - day(1)))


def of_somebody_with_our_name(revocable: RevocableCa) -> x509.Certificate:
    """Signed by another key, under the issuing CA's name and key identifier."""
    return like(good(revocable), foreign_hierarchy(revocable.ca)[1])


def of_somebody_else(revocable: RevocableCa) -> x509.Certificate:
    """Signed by an authority that is none of ours and has its own name."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Another CA")])
    key = ec.generate_private_key(ec.SECP256R1())
    return like(good(revocable), key, issuer=name, without=(x509.AuthorityKeyIdentifier,))


def with_a_changed_subject(revocable: RevocableCa) -> x509.Certificate:
    return tampered(good(revocable))


def of_a_server(revocable: RevocableCa) -> x509.Certificate:
    return _signed_by_us(revocable, extended_key_usage=SERVER)


PATHS = [
    Situation(good, "good"),
    Situation(of_an_officer, "good"),
    Situation(released, "good"),
    Situation(revoked, "revoked"),
    Situation(on_hold, "revoked"),
    Situation(expired, "expired"),
    Situation(of_somebody_with_our_name, "forged"),
    Situation(of_somebody_else, "unknown issuer"),
    Situation(with_a_changed_subject, "forged"),
    Situation(of_a_server, "wrong purpose"),
]
STANDINGS = [one for one in PATHS if one.make in {good, released, revoked, on_hold}]


def _signed_by_us(revocable: RevocableCa, **changes: object) -> x509.Certificate:
    key = private_key_of(revocable.ca.hierarchy.issuing)
    return like(good(revocable), key, **changes)  # type: ignore[arg-type]
