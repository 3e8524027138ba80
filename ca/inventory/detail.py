"""One certificate, decoded for a person."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from ca.inventory.extension_text import name_of, text_of
from ca.inventory.names import NameAttribute, attributes_of
from ca.inventory.summary import CertificateSummary
from ca.models import CertificateRecord


@dataclass(frozen=True)
class ExtensionView:
    """One extension: its name, whether it is critical, and its value in words."""

    name: str
    critical: bool
    value: str


@dataclass(frozen=True)
class Addresses:
    """Where the certificate says its status is told (RFC 5280, 4.2.1.13 and 4.2.2.1)."""

    crl: tuple[str, ...] = ()
    ocsp: tuple[str, ...] = ()
    issuer: tuple[str, ...] = ()


@dataclass(frozen=True)
class CertificateDetail:
    """A row with the content of its certificate; nothing decoded before it is issued."""

    summary: CertificateSummary
    signature_algorithm: str | None = None
    subject: tuple[NameAttribute, ...] = ()
    issuer: tuple[NameAttribute, ...] = ()
    extensions: tuple[ExtensionView, ...] = ()
    addresses: Addresses = Addresses()
    pem: str | None = None

    @classmethod
    def of(cls, record: CertificateRecord) -> "CertificateDetail":
        """Return the decoded view of a row."""
        summary = CertificateSummary.of(record)
        if record.der is None:
            return cls(summary)
        certificate = x509.load_der_x509_certificate(record.der)
        return cls(
            summary=summary,
            signature_algorithm=certificate.signature_algorithm_oid._name,
            subject=attributes_of(certificate.subject),
            issuer=attributes_of(certificate.issuer),
            extensions=tuple(
                ExtensionView(name_of(extension), extension.critical, text_of(extension.value))
                for extension in certificate.extensions
            ),
            addresses=_addresses_of(certificate),
            pem=certificate.public_bytes(Encoding.PEM).decode("ascii"),
        )

    def as_document(self) -> dict[str, object]:
        """Return the JSON form: the summary's fields and the decoded ones beside them."""
        return {
            **self.summary.as_document(),
            "signature_algorithm": self.signature_algorithm,
            "subject_attributes": [asdict(attribute) for attribute in self.subject],
            "issuer_attributes": [asdict(attribute) for attribute in self.issuer],
            "extensions": [asdict(extension) for extension in self.extensions],
            "crl_urls": list(self.addresses.crl),
            "ocsp_urls": list(self.addresses.ocsp),
            "issuer_urls": list(self.addresses.issuer),
            "pem": self.pem,
        }


def _addresses_of(certificate: x509.Certificate) -> Addresses:
    return Addresses(
        crl=tuple(_crl_urls(certificate)),
        ocsp=tuple(_access_urls(certificate, AuthorityInformationAccessOID.OCSP)),
        issuer=tuple(_access_urls(certificate, AuthorityInformationAccessOID.CA_ISSUERS)),
    )


def _crl_urls(certificate: x509.Certificate) -> Iterator[str]:
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.CRLDistributionPoints):
            for point in extension.value:
                yield from (str(name.value) for name in point.full_name or ())


def _access_urls(certificate: x509.Certificate, method: x509.ObjectIdentifier) -> Iterator[str]:
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.AuthorityInformationAccess):
            for access in extension.value:
                if access.access_method == method:
                    yield str(access.access_location.value)
