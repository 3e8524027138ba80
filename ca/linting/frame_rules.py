"""Rules about what certificates of one issuer and one second have in common (RFC 5280 section 4.1).

They look at nothing else: not at number, subject or key, but for a self-signed
root, of which nothing is remembered (`ca.linting.memory`).
"""

from datetime import datetime
from functools import lru_cache

from cryptography import x509

from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.linting.draft import Draft, Rule
from ca.linting.octets import elements

_UTC_TIME = 0x17
_GENERALIZED_TIME = 0x18
_FIRST_GENERALIZED_YEAR = 2050


def version_is_v3(draft: Draft) -> str | None:
    """Extensions need version 3 (section 4.1.2.1)."""
    return None if draft.certificate.version is x509.Version.v3 else "the version is not v3"


def signature_algorithm_is_the_issuers(draft: Draft) -> str | None:
    """The content names the algorithm it will be signed with (sections 4.1.1.2, 4.1.2.3).

    Octet for octet, with the parameters that RFC 4055, RFC 5758, RFC 8410 and
    RFC 9881 ask for or forbid.
    """
    if draft.octets.algorithm != signature_algorithm_of(draft.issuer_key).identifier:
        return "the content names another signature algorithm than the issuer's"
    return None


def issuer_is_the_authority(draft: Draft) -> str | None:
    """The issuer's name is, octet for octet, the subject of its certificate (4.1.2.4)."""
    subject = draft.octets.subject if draft.issuer is None else draft.issuer.subject_octets
    if draft.octets.issuer != subject:
        return "the issuer is not the subject of the authority's certificate"
    return None


def validity_is_inside_the_issuers(draft: Draft) -> str | None:
    """Starts before it ends (section 4.1.2.5), inside the issuer's (shell model)."""
    certificate, issuer = draft.certificate, draft.issuer
    not_before, not_after = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not_before >= not_after:
        return "the validity ends before it starts"
    if issuer is not None and (not_before < issuer.not_before or not_after > issuer.not_after):
        return "the validity reaches outside the issuer's"
    return None


def times_are_written_by_their_year(draft: Draft) -> str | None:
    """UTCTime through 2049, GeneralizedTime from 2050, to the second, in Z (section 4.1.2.5)."""
    certificate = draft.certificate
    moments = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
    if elements(draft.octets.validity) != [_written(moment) for moment in moments]:
        return "a time is not written as its year demands"
    return None


@lru_cache(maxsize=64)
def _written(moment: datetime) -> tuple[int, bytes]:
    digits = f"{moment:%m%d%H%M%S}Z"
    if moment.year < _FIRST_GENERALIZED_YEAR:
        return _UTC_TIME, f"{moment.year % 100:02}{digits}".encode()
    return _GENERALIZED_TIME, f"{moment.year:04}{digits}".encode()


FRAME_RULES: tuple[Rule, ...] = (
    version_is_v3,
    signature_algorithm_is_the_issuers,
    issuer_is_the_authority,
    validity_is_inside_the_issuers,
    times_are_written_by_their_year,
)
