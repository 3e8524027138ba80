"""One certificate, decoded for a person."""

from dataclasses import asdict, dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.inventory.extension_text import name_of, text_of
from ca.inventory.summary import CertificateSummary
from ca.key_types import key_type_of
from ca.models import CertificateRecord


@dataclass(frozen=True)
class ExtensionView:
    """One extension: its name, whether it is critical, and its value in words."""

    name: str
    critical: bool
    value: str


@dataclass(frozen=True)
class CertificateDetail:
    """A row with the content of its certificate; nothing decoded before it is issued."""

    summary: CertificateSummary
    key_type: str | None
    signature_algorithm: str | None
    extensions: tuple[ExtensionView, ...]
    pem: str | None

    @classmethod
    def of(cls, record: CertificateRecord) -> "CertificateDetail":
        """Return the decoded view of a row."""
        summary = CertificateSummary.of(record)
        if record.der is None:
            return cls(summary, None, None, (), None)
        certificate = x509.load_der_x509_certificate(record.der)
        return cls(
            summary,
            key_type_of(certificate.public_key()),
            certificate.signature_algorithm_oid._name,
            tuple(
                ExtensionView(name_of(extension), extension.critical, text_of(extension.value))
                for extension in certificate.extensions
            ),
            certificate.public_bytes(Encoding.PEM).decode("ascii"),
        )

    def as_document(self) -> dict[str, object]:
        """Return the JSON form: the summary's fields and the decoded ones beside them."""
        return {
            **self.summary.as_document(),
            "key_type": self.key_type,
            "signature_algorithm": self.signature_algorithm,
            "extensions": [asdict(extension) for extension in self.extensions],
            "pem": self.pem,
        }

