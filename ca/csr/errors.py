"""Why a certification request is refused."""

from foundation.errors import Invalid, Parameter


class CsrRefused(Invalid):
    """The request is not taken; `code` says why and never depends on a secret."""

    def __init__(self, code: str, **params: Parameter) -> None:
        super().__init__(code)
        self.params = params

    @classmethod
    def too_large(cls, limit: int) -> "CsrRefused":
        """Return the refusal of more than `limit` octets."""
        return cls("csr-too-large", limit=limit)

    @classmethod
    def malformed(cls) -> "CsrRefused":
        """Return the refusal of what cannot be read as a request."""
        return cls("csr-malformed")

    @classmethod
    def signature_weak(cls, algorithm: str) -> "CsrRefused":
        """Return the refusal of a signature that proves nothing today."""
        return cls("csr-signature-weak", algorithm=algorithm)

    @classmethod
    def signature_wrong(cls) -> "CsrRefused":
        """Return the refusal of a request that its own key did not sign."""
        return cls("csr-signature-wrong")

    @classmethod
    def key_refused(cls, kind: str) -> "CsrRefused":
        """Return the refusal of a kind or size of key."""
        return cls("csr-key-refused", kind=kind)

    @classmethod
    def curve_not_named(cls) -> "CsrRefused":
        """Return the refusal of a curve given by its numbers, or by nothing."""
        return cls("csr-curve-not-named")

    @classmethod
    def key_weak(cls, finding: str) -> "CsrRefused":
        """Return the refusal of a key that others can compute or have."""
        return cls("csr-key-weak", finding=finding)
