"""The keys and certificates the CA itself works with."""

from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

CaPrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
CaPublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True)
class Authority:
    """A certification authority that can sign."""

    name: Literal["root", "issuing"]
    certificate: x509.Certificate
    private_key: CaPrivateKey


@dataclass(frozen=True)
class RootWithoutKey:
    """The root when its key is kept off this machine: it verifies, it signs nothing."""

    name: Literal["root"]
    certificate: x509.Certificate


@dataclass(frozen=True)
class OcspSigner:
    """A delegated OCSP responder of the issuing CA (RFC 6960 section 4.2.2.2)."""

    certificate: x509.Certificate
    private_key: CaPrivateKey


@dataclass(frozen=True)
class ServerCredential:
    """Certificate and key of the TLS listeners."""

    certificate: x509.Certificate
    private_key: CaPrivateKey
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
    """Root, issuing CA and the two service credentials below it.

    The last two are replaced when they are renewed, so users of a hierarchy
    read them afresh at each use and never keep them.
    """

    root: Authority | RootWithoutKey
    issuing: Authority
    ocsp_signer: OcspSigner
    server: ServerCredential
