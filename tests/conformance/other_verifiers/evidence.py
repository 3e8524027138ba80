"""What a verifier is given to judge a client's certificate by."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

Verdict = Literal[
    "good",
    "revoked",
    "expired",
    "unknown issuer",
    "forged",
    "wrong purpose",
    "no CA",
    "standing unknown",
]
"""What a verifier says; one that says several things at once says the first that it names."""


@dataclass(frozen=True)
class Evidence:
    """A certificate, the path above it, and what the CA has published about them."""

    leaf: x509.Certificate
    issuing: x509.Certificate
    root: x509.Certificate
    crls: list[bytes]
    """In DER, each authority's; an OCSP responder's signer is in its response."""
    ocsp_response: bytes = b""
    between: list[x509.Certificate] = field(default_factory=list)
    """What the client puts between its certificate and the issuing CA, if anything."""

    def but(self, **changes: object) -> "Evidence":
        """Return the evidence with something changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def write(self, folder: Path) -> None:
        """Write everything in the forms that commands read, under the same names always."""
        path = [self.leaf, *self.between, self.issuing, self.root]
        for name, certificates in {
            "leaf": [self.leaf],
            "issuing": [self.issuing],
            "root": [self.root],
            "above": [*self.between, self.issuing],
            "path": path,
        }.items():
            pem = b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
            (folder / f"{name}.pem").write_bytes(pem)
            (folder / f"{name}.der").write_bytes(certificates[0].public_bytes(Encoding.DER))
        for at, der in enumerate(self.crls):
            (folder / f"{at}.crl").write_bytes(der)
        parsed = (x509.load_der_x509_crl(der) for der in self.crls)
        (folder / "crls.pem").write_bytes(
            b"".join(one.public_bytes(Encoding.PEM) for one in parsed)
        )
        (folder / "response.der").write_bytes(self.ocsp_response)
