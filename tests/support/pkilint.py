"""Pkilint's findings on a certificate, as a second opinion beside the CA's own rules."""

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pkilint import loader
from pkilint.pkix import certificate as pkix
from pkilint.pkix import create_attribute_decoder, create_extension_decoder, crl, extension, name
from pkilint.pkix import ocsp as pkix_ocsp
from pkilint.validation import ValidationFindingSeverity


def findings_on(certificate: x509.Certificate) -> list[str]:
    """Return what pkilint finds from NOTICE upwards by RFC 5280, as ``code: message``."""
    document = loader.RFC5280CertificateDocumentLoader().load_der_document(
        certificate.public_bytes(Encoding.DER), "certificate"
    )
    container = pkix.create_pkix_certificate_validator_container(
        pkix.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            pkix.create_issuer_validator_container([]),
            pkix.create_validity_validator_container(),
            pkix.create_subject_validator_container([]),
            pkix.create_extensions_validator_container([]),
            pkix.create_spki_validator_container([]),
        ],
    )
    return _findings(container, document)


def findings_on_crl(der: bytes) -> list[str]:
    """Return what pkilint finds on a CRL by RFC 5280."""
    document = loader.RFC5280CertificateListDocumentLoader().load_der_document(der, "crl")
    container = crl.create_pkix_crl_validator_container(
        _decoders(),
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )
    return _findings(container, document)


def findings_on_ocsp_response(der: bytes) -> list[str]:
    """Return what pkilint finds on an OCSP response by RFC 6960."""
    document = loader.RFC6960OCSPResponseDocumentLoader().load_der_document(der, "response")
    container = pkix_ocsp.create_pkix_ocsp_response_validator_container(
        [pkix_ocsp.create_response_decoder(), *_decoders()], []
    )
    return _findings(container, document)


def _decoders() -> list[Any]:
    return [
        create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
        create_extension_decoder(extension.EXTENSION_MAPPINGS),
    ]


def _findings(container: Any, document: Any) -> list[str]:
    return [
        f"{description.finding.code}: {description.message}"
        for result in container.validate(document.root)
        for description in result.finding_descriptions
        if description.finding.severity <= ValidationFindingSeverity.NOTICE
    ]
