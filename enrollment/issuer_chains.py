"""Which CA certificates go with a subscriber's certificate.

After a rollover there are several issuing CAs, and what was issued before is
still below the one that issued it. So the chain follows from the certificate,
never from which CA happens to issue today.
"""

from collections.abc import Callable, Iterable

from cryptography import x509

from foundation.errors import Unavailable

Issuers = Callable[[], Iterable[x509.Certificate]]


class IssuerChains:
    """The certificates of root and issuing CAs, read afresh at each use."""

    def __init__(self, root: x509.Certificate, issuers: Issuers) -> None:
        """`issuers` returns every issuing CA that still vouches for certificates."""
        self._root = root
        self._issuers = issuers

    def above(self, certificate: x509.Certificate) -> tuple[x509.Certificate, ...]:
        """Return what a client sends along: the issuing CA, without the root.

        Each issuing CA has a name of its own, so the name decides. Raises
        `Unavailable` ("issuing-ca-unknown") when none of them is the issuer.
        """
        for issuer in self._issuers():
            if issuer.subject == certificate.issuer:
                return (issuer,)
        raise Unavailable("issuing-ca-unknown")

    def everything(self) -> tuple[x509.Certificate, ...]:
        """Return the issuing CAs and the root, for a client that asks what to trust."""
        return (*self._issuers(), self._root)
