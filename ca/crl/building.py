"""Building and signing a full CRL, version 2 (RFC 5280 section 5.1)."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from ca.authority import Authority
from ca.signature_algorithms import signature_algorithm_of


@dataclass(frozen=True)
class CrlContent:
    """Everything a full CRL says beside its issuer; times in whole seconds."""

    crl_number: int
    this_update: datetime
    next_update: datetime
    entries: list[x509.RevokedCertificate]


def build_crl(authority: Authority, content: CrlContent) -> x509.CertificateRevocationList:
    """Return the signed CRL; `ca.crl.gate` proves it before anybody sees it."""
    # The constructor takes the list as it is; add_revoked_certificate would
    # copy it at every call.
    builder = x509.CertificateRevocationListBuilder(revoked_certificates=content.entries)
    builder = (
        builder.issuer_name(authority.certificate.subject)
        .last_update(content.this_update)
        .next_update(content.next_update)
        # Sections 5.2.1 and 5.2.3: both MUST be there, both non-critical.
        .add_extension(_authority_key_identifier(authority.certificate), critical=False)
        .add_extension(x509.CRLNumber(content.crl_number), critical=False)
    )
    algorithm = signature_algorithm_of(authority.signer.public_key)
    # As with certificates, a throwaway key builds what the real one signs.
    drafted = builder.sign(algorithm.throwaway_key(), algorithm.hash)
    return x509.load_der_x509_crl(authority.signer.sign_crl(drafted.tbs_certlist_bytes))


def _authority_key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own.value)
