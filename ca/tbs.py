"""Building the to-be-signed part of a certificate (RFC 5280 section 4.1.2).

The content is fixed, linted and stored before the real key touches it. The
library only builds by signing, so it signs with a throwaway key of the same
algorithm and the signature is dropped; docs/decisions/0004-raw-tbs-signing.md.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ca.key_types import CaPrivateKey, CaPublicKey
from ca.signature_algorithms import SignatureAlgorithm, signature_algorithm_of


@dataclass(frozen=True)
class TbsContent:
    """Everything a TBSCertificate says."""

    serial_number: int
    issuer: x509.Name
    subject: x509.Name
    public_key: CaPublicKey
    not_before: datetime
    not_after: datetime
    extensions: list[tuple[x509.ExtensionType, bool]]


class TbsBuilder:
    """Encodes TBSCertificates; keeps one throwaway key per algorithm."""

    def __init__(self) -> None:
        self._throwaway_keys: dict[bytes, CaPrivateKey] = {}

    def build(self, content: TbsContent, issuer_key: CaPublicKey) -> bytes:
        """Return the DER of a TBSCertificate that `issuer_key` is to sign."""
        algorithm = signature_algorithm_of(issuer_key)
        builder = (
            x509.CertificateBuilder()
            .serial_number(content.serial_number)
            .issuer_name(content.issuer)
            .subject_name(content.subject)
            .public_key(content.public_key)
            .not_valid_before(content.not_before)
            .not_valid_after(content.not_after)
        )
        for extension, critical in content.extensions:
            builder = builder.add_extension(extension, critical)
        throwaway_key = self._throwaway_key(algorithm)
        return builder.sign(throwaway_key, algorithm.hash).tbs_certificate_bytes

    def _throwaway_key(self, algorithm: SignatureAlgorithm) -> CaPrivateKey:
        key = self._throwaway_keys.get(algorithm.identifier)
        if key is None:
            key = self._throwaway_keys[algorithm.identifier] = algorithm.throwaway_key()
        return key
