"""Verifying what a ceremony made, on the server and before anything of it is installed.

Its obligations, in their order. None of them believes what the bundle says of
itself: the root is the one whose fingerprint the operator read from the signed
transcript, or the one that is here already; the rest follows from keys, from
this server's settings, and from its own key store.

1. The root is the expected one, certifies itself, keeps the rules and profile
   of a root, and is valid now.
2. The issuing CA has the name that comes next, was signed by the root, keeps
   the rules and the profile that **this server's** settings make, extension by
   extension, and is valid now.
3. The key of the issuing CA is this server's.
4. The root's CRL was signed by the root, is current, and does not list the
   issuing CA.
5. Its addresses and the number of its CRL shards are this server's.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ca.ceremony.bundle import Bundle, read_pem_certificate
from ca.ceremony.errors import BundleRefused
from ca.encoding.not_readable import NOT_READABLE
from ca.errors import LintRefused, PublicKeyRefused, SigningFault
from ca.key_types import CaPublicKey
from ca.keys.algorithms import accept_authority_key
from ca.keys.store import require_key_name
from ca.linting import lint
from ca.models import AuthorityName
from ca.names.authority_names import is_issuing_name
from ca.profiles import Profile, Profiles
from ca.profiles.extensions import Keys
from ca.serial_numbers import serial_number_of
from ca.signing import Signer, Signers
from ca.signing.proof import verify_signature
from foundation.errors import Parameter


@dataclass(frozen=True)
class VerifiedBundle:
    """What a server may install; the CRL in DER."""

    root: x509.Certificate
    root_key_name: str
    name: AuthorityName
    key_name: str
    issuing: x509.Certificate
    root_crl: x509.CertificateRevocationList
    record_sha256: str


@dataclass(frozen=True)
class Expectations:
    """What this server knows by itself; `root_sha256` in upper-case hex without separators."""

    root_sha256: str
    issuing_name: AuthorityName
    profiles: Profiles
    pki_url: str
    crl_shards: int
    signers: Signers
    now: datetime


def verify_bundle(unverified: Bundle, expected: Expectations) -> VerifiedBundle:
    """Return what may be installed; raises `BundleRefused` naming what is wrong.

    `KeyUnavailable` when the keys cannot be asked.
    """
    # 1.
    root = read_pem_certificate(unverified.root_certificate)
    fingerprint = root.fingerprint(hashes.SHA256()).hex().upper()
    _require(fingerprint == expected.root_sha256, "root-unexpected", found=fingerprint)
    _verify_certificate(root, expected.profiles.for_authority("root"), None, expected.now)

    # 2.
    claimed = unverified.issuing
    issuing = read_pem_certificate(claimed.certificate)
    _require(is_issuing_name(claimed.name), "unreadable", problem="no name of an issuing CA")
    _require(claimed.name == expected.issuing_name, "not-next", wanted=expected.issuing_name)
    profile = expected.profiles.for_authority(claimed.name)
    _verify_certificate(issuing, profile, root, expected.now)

    # 3.
    signer = _find_signer(expected.signers, claimed.key_name)
    _require(signer is not None, "key-missing", key_name=claimed.key_name)
    _require(
        signer is not None and signer.public_key == issuing.public_key(),
        "key-differs",
        key_name=claimed.key_name,
    )

    # 4.
    crl = _verify_crl(unverified.root_crl, root, issuing, expected.now)

    # 5.
    _require(
        unverified.pki_url == expected.pki_url,
        "elsewhere",
        found=unverified.pki_url,
        wanted=expected.pki_url,
    )
    _require(
        unverified.crl_shards == expected.crl_shards,
        "shards-differ",
        found=unverified.crl_shards,
        wanted=expected.crl_shards,
    )
    return VerifiedBundle(
        root=root,
        root_key_name=unverified.root_key_name,
        name=claimed.name,
        key_name=claimed.key_name,
        issuing=issuing,
        root_crl=crl,
        record_sha256=unverified.record_sha256,
    )


def _verify_certificate(
    certificate: x509.Certificate, profile: Profile, issuer: x509.Certificate | None, now: datetime
) -> None:
    what = profile.name
    try:
        key = accept_authority_key(certificate.public_key())
        issuer_key = accept_authority_key((issuer or certificate).public_key())
        tbs = certificate.tbs_certificate_bytes
        verify_signature(issuer_key, certificate.signature, tbs)
        lint(
            tbs,
            serial_number=serial_number_of(certificate.serial_number),
            profile=profile,
            issuer=issuer,
            issuer_key=issuer_key,
        )
    except (SigningFault, PublicKeyRefused, ValueError) as refused:
        raise BundleRefused("certificate-unverified", name=what) from refused
    except LintRefused as refused:
        problem = refused.params["problem"]
        raise BundleRefused("certificate-lint", name=what, problem=problem) from refused
    _require(
        certificate.subject == x509.Name(profile.name_defaults),
        "name-differs",
        name=what,
        found=certificate.subject.rfc4514_string(),
        wanted=x509.Name(profile.name_defaults).rfc4514_string(),
    )
    _require(_extensions_are(certificate, profile, key, issuer), "extensions-differ", name=what)
    _require(
        certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc,
        "not-valid-now",
        name=what,
    )


def _find_signer(signers: Signers, unverified_name: str) -> Signer | None:
    try:
        require_key_name(unverified_name)
    except ValueError as refused:
        # It names files as well, and this one leads elsewhere.
        raise BundleRefused("unreadable", problem="no name of a key") from refused
    return signers.find(unverified_name)


def _extensions_are(
    certificate: x509.Certificate,
    profile: Profile,
    key: CaPublicKey,
    issuer: x509.Certificate | None,
) -> bool:
    wanted = profile.extensions(Keys(key, issuer))
    found = [(extension.value, extension.critical) for extension in certificate.extensions]
    return found == wanted


def _verify_crl(
    unverified_pem: str, root: x509.Certificate, issuing: x509.Certificate, now: datetime
) -> x509.CertificateRevocationList:
    try:
        crl = x509.load_pem_x509_crl(unverified_pem.encode())
        is_the_roots = crl.issuer == root.subject and crl.is_signature_valid(
            accept_authority_key(root.public_key())
        )
    except NOT_READABLE as refused:
        raise BundleRefused("crl-unverified") from refused
    _require(is_the_roots, "crl-unverified")
    end = crl.next_update_utc
    _require(end is not None and crl.last_update_utc <= now <= end, "crl-stale")
    _require(
        crl.get_revoked_certificate_by_serial_number(issuing.serial_number) is None,
        "issuing-revoked",
    )
    return crl


def _require(holds: bool, rule: str, **params: Parameter) -> None:
    if not holds:
        raise BundleRefused(rule, **params)
