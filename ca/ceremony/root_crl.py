"""The CRL of an offline root (RFC 5280 section 5): few entries, a long life."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authorities import Authority
from ca.ceremony.records import RevokedIssuing, SignedCrl
from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.errors import SigningFault
from ca.reasons import reason_flag


def sign_root_crl(
    root: Authority,
    *,
    previous_number: int,
    this_update: datetime,
    next_update: datetime,
    entries: Sequence[RevokedIssuing],
) -> SignedCrl:
    """Return a CRL that was read back and verified; times in whole seconds.

    Its number grows with the clock, so that it is above whatever the server
    published before. Raises `SigningFault` and `KeyUnavailable`.
    """
    number = max(previous_number + 1, int(this_update.timestamp() * 1000))
    key_identifier = root.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    builder = (
        x509.CertificateRevocationListBuilder(revoked_certificates=list(map(_entry, entries)))
        .issuer_name(root.certificate.subject)
        .last_update(this_update)
        .next_update(next_update)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_identifier.value),
            critical=False,
        )
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    algorithm = signature_algorithm_of(root.signer.public_key)
    drafted = builder.sign(algorithm.throwaway_key(), algorithm.hash)
    crl = x509.load_der_x509_crl(root.signer.sign_crl(drafted.tbs_certlist_bytes))
    if not crl.is_signature_valid(root.signer.public_key) or len(crl) != len(entries):
        raise SigningFault("the root's CRL does not verify")
    return SignedCrl(
        crl_number=number,
        this_update=this_update,
        next_update=next_update,
        entries=list(entries),
        crl=crl.public_bytes(Encoding.PEM).decode(),
    )


def _entry(revoked: RevokedIssuing) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(int(revoked.serial_number, 16))
        .revocation_date(revoked.revoked_at)
    )
    flag = reason_flag(revoked.reason)
    if flag is not None:
        # Section 5.3.1: not critical, and absent rather than "unspecified".
        builder = builder.add_extension(x509.CRLReason(flag), critical=False)
    return builder.build()
