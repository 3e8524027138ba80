"""What a large run has verified: the requests it is given, and the signatures it made."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from ca.csr import CsrRefused, accept_csr
from ca.key_types import CaPublicKey, EndEntityPublicKey
from ca.signing import SignedTbs, verify_signature


class AcceptedKey(NamedTuple):
    """The key of a request that was accepted, and its SPKI in DER."""

    public_key: EndEntityPublicKey
    subject_public_key_info: bytes


Verdict = AcceptedKey | CsrRefused
Verdicts = Callable[[], list[Verdict]]
Proof = Callable[[], None]


class Verifier(Protocol):
    """Verifies lots of proofs. The work may begin before its outcome is asked for."""

    def begin_requests(self, unverified: Sequence[bytes]) -> Verdicts:
        """Return what says of each request, in their order, what `accept_csr` does."""
        ...

    def begin_signatures(self, issuer_key: CaPublicKey, signed: Sequence[SignedTbs]) -> Proof:
        """Return what raises `SigningFault` unless every signature verifies with the key."""
        ...


class VerifyingHere:
    """Verifies in this process, when the outcome is asked for."""

    def begin_requests(self, unverified: Sequence[bytes]) -> Verdicts:
        """See `Verifier.begin_requests`."""
        return lambda: [verdict_on(one) for one in unverified]

    def begin_signatures(self, issuer_key: CaPublicKey, signed: Sequence[SignedTbs]) -> Proof:
        """See `Verifier.begin_signatures`."""

        def verify() -> None:
            for one in signed:
                verify_signature(issuer_key, one.unverified_signature, one.tbs)

        return verify


VERIFYING_HERE: Final = VerifyingHere()


def verdict_on(unverified: bytes) -> Verdict:
    """Return the key of a request, or why it is refused."""
    try:
        accepted = accept_csr(unverified)
    except CsrRefused as refused:
        return refused
    return AcceptedKey(accepted.public_key, accepted.subject_public_key_info)
