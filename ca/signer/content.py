"""What the signer asks of the content before it signs.

It does not trust the gateway: a certificate is held against the profile once
more, with the signer's own copy of `openssl.cnf`; a CRL and an OCSP answer are
read back from their DER and must be what their key is for. So a stolen gateway
can get certificates that keep the profiles, at the rate allowed, on record, and
nothing else: no CA below ours, no server of another name, no CRL that goes back.

What the signer cannot know: whether the subscriber exists, and which
certificates ought to be on a CRL. Those are `enrollment` and `ca.crl.gate`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509 import ocsp

from ca.encoding.der import bit_string, sequence
from ca.encoding.not_readable import NOT_READABLE
from ca.encoding.signature_algorithms import assemble_signed, signature_algorithm_of
from ca.errors import LintRefused
from ca.linting import LintedTbs, lint
from ca.profiles import AUTHORITY_PROFILES, Profiles
from ca.signer.holdings import Holding
from ca.signer.messages import SignCertificate

# A gateway's clock may be a little off; one that is further off is a fault.
_CLOCK_SKEW = timedelta(minutes=5)
_LONGEST_CRL = timedelta(days=400)
_LONGEST_ANSWER = timedelta(days=7)


class Refused(Exception):
    """The content is not what this key signs; `rule` names what it breaks."""

    def __init__(self, rule: str, problem: str = "") -> None:
        super().__init__(rule)
        self.rule = rule
        self.problem = problem


@dataclass(frozen=True)
class CrlFacts:
    """What the log keeps of a CRL; `scope` is the address of its part, "full" or "delta"."""

    scope: str
    crl_number: int
    this_update: datetime


def check_certificate(
    request: SignCertificate,
    tbs: bytes,
    holding: Holding,
    profiles: Profiles,
    *,
    ceremony: bool,
) -> LintedTbs:
    """Return the token for the signature; raises `Refused`.

    1. A root's key signs authorities, and only in a ceremony; any other
       authority's key signs end entities.
    2. The issuer whose addresses stand in the certificate is the one whose key
       signs it.
    3. The content keeps every rule of its profile (`ca.linting`).
    """
    # 1.
    of_root = holding.authority == "root"
    if (request.profile in AUTHORITY_PROFILES) != of_root:
        raise Refused("profile_of_key")
    if of_root and not ceremony:
        raise Refused("no_ceremony")
    issuer = None if request.profile == "root" else holding.certificate
    if request.profile != "root" and holding.role != "authority":
        raise Refused("key_is_no_authority")
    # 2.
    if not of_root and request.issuer != holding.authority:
        raise Refused("issuer_of_key")
    # 3.
    profile = profiles.for_certificate(
        request.profile,
        issuer=request.issuer,
        crl_shard=request.crl_shard,
        server_names=request.server_names,
    )
    try:
        return lint(
            tbs,
            serial_number=request.serial_number,
            profile=profile,
            issuer=issuer,
            issuer_key=holding.signer.public_key,
        )
    except LintRefused as refused:
        parameters = refused.params
        raise Refused(str(parameters["rule"]), str(parameters["problem"])) from refused


def check_crl(tbs: bytes, holding: Holding, now: datetime) -> CrlFacts:
    """Return what the content says (RFC 5280 section 5.1.2); raises `Refused`.

    The key is an authority's, the issuer is its subject, and the times are near
    the clock. That numbers grow is for the log to say.
    """
    if holding.role != "authority" or holding.certificate is None:
        raise Refused("key_is_no_authority")
    try:
        crl = x509.load_der_x509_crl(assemble_signed(tbs, holding.signer.public_key, b""))
        if crl.tbs_certlist_bytes != tbs:
            raise Refused("crl_well_formed")
        number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        facts = CrlFacts(_scope_of(crl), number, crl.last_update_utc)
        issuer, next_update = crl.issuer, crl.next_update_utc
    except (*NOT_READABLE, x509.ExtensionNotFound) as failure:
        raise Refused("crl_well_formed") from failure
    if issuer != holding.certificate.subject:
        raise Refused("crl_issuer")
    if facts.this_update > now + _CLOCK_SKEW:
        raise Refused("crl_this_update")
    if next_update is None or not facts.this_update < next_update <= now + _LONGEST_CRL:
        raise Refused("crl_next_update")
    return facts


def check_ocsp(tbs: bytes, holding: Holding, now: datetime) -> None:
    """Raise `Refused` unless this is an answer by the key's own responder, about now.

    RFC 6960 section 4.2.1: ResponseData, byKey, times near the clock.
    """
    if holding.role != "ocsp" or holding.certificate is None:
        raise Refused("key_is_no_ocsp_signer")
    algorithm = signature_algorithm_of(holding.signer.public_key).identifier
    basic = sequence(tbs, algorithm, bit_string(b""))
    try:
        response = ocsp.load_der_ocsp_response(_successful(basic))
        if response.tbs_response_bytes != tbs:
            raise Refused("ocsp_well_formed")
        answers = list(response.responses)
        times = [(answer.this_update_utc, answer.next_update_utc) for answer in answers]
        produced_at, responder = response.produced_at_utc, response.responder_key_hash
    except NOT_READABLE as failure:
        raise Refused("ocsp_well_formed") from failure
    if responder != _key_hash(holding.certificate):
        raise Refused("ocsp_responder")
    if abs(produced_at - now) > _CLOCK_SKEW:
        raise Refused("ocsp_produced_at")
    for this_update, next_update in times:
        if this_update > now + _CLOCK_SKEW:
            raise Refused("ocsp_this_update")
        if next_update is None or next_update > now + _LONGEST_ANSWER:
            raise Refused("ocsp_next_update")


def _scope_of(crl: x509.CertificateRevocationList) -> str:
    for extension in crl.extensions:
        match extension.value:
            case x509.DeltaCRLIndicator():
                return "delta"
            case x509.IssuingDistributionPoint() as point:
                return ",".join(str(name.value) for name in point.full_name or ())
    return "full"


# Section 4.2.1: responseStatus successful, and id-pkix-ocsp-basic with its octets.
_SUCCESSFUL = b"\x0a\x01\x00"
_BASIC = bytes.fromhex("06092b0601050507300101")


def _successful(basic: bytes) -> bytes:
    octets = _tagged(0x04, basic)
    return sequence(_SUCCESSFUL, _tagged(0xA0, sequence(_BASIC, octets)))


def _tagged(tag: int, content: bytes) -> bytes:
    """Return `content` under another tag than that of a SEQUENCE, with the same length octets."""
    return bytes([tag]) + sequence(content)[1:]


def _key_hash(certificate: x509.Certificate) -> bytes:
    """Return KeyHash (RFC 6960 section 4.2.1): the SHA-1 of the subject's public key bits.

    RFC 5280 section 4.2.1.2 makes a key identifier the same way (method 1).
    """
    return x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
