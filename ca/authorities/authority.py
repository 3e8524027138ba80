"""The certificates the CA itself works with, each with the signer of its key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.key_types import EndEntityPrivateKey
from ca.models import AuthorityName
from ca.signing import Signer


@dataclass(frozen=True)
class Authority:
    """A certification authority that can sign."""

    name: AuthorityName
    certificate: x509.Certificate
    signer: Signer


@dataclass(frozen=True)
class RootWithoutKey:
    """The root when its key is kept off this machine: it verifies, it signs nothing."""

    name: Literal["root"]
    certificate: x509.Certificate


@dataclass(frozen=True)
class OcspSigner:
    """A delegated OCSP responder of an issuing CA (RFC 6960 section 4.2.2.2)."""

    certificate: x509.Certificate
    signer: Signer


@dataclass(frozen=True)
class ServerCredential:
    """Certificate and key of the TLS listeners."""

    certificate: x509.Certificate
    private_key: EndEntityPrivateKey
    key_name: str
    issuing: x509.Certificate

    def pem_chain(self) -> bytes:
        """Return certificate and issuing CA in PEM, in the order of RFC 8446 section 4.4.2."""
        return b"".join(
            certificate.public_bytes(Encoding.PEM)
            for certificate in (self.certificate, self.issuing)
        )


@dataclass
class Hierarchy:
    """Root, issuing CAs and the service credentials below them.

    `issuing` is the one that issues now. `issuers` holds it and those before
    it that still sign CRLs and have OCSP answers, by name, newest first;
    `ocsp_signers` has one for each of them. Services are replaced when they
    are renewed, so users of a hierarchy read them afresh at each use and never
    keep them.
    """

    root: Authority | RootWithoutKey
    issuing: Authority
    issuers: Mapping[AuthorityName, Authority]
    ocsp_signers: Mapping[AuthorityName, OcspSigner]
    server: ServerCredential

    def replace_by(self, fresh: "Hierarchy") -> None:
        """Become what `fresh` is, for everybody who holds this object.

        The active authority last: whoever reads it finds it among the issuers.
        """
        self.root = fresh.root
        self.issuers = fresh.issuers
        self.ocsp_signers = fresh.ocsp_signers
        self.server = fresh.server
        self.issuing = fresh.issuing
