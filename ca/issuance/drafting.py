"""Steps 2 and 3 of an issuance: building the content of a certificate, and linting it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.authority import Authority
from ca.errors import KeyUnavailable
from ca.extensions import Keys
from ca.issuance.authorities import IssuingAuthorities
from ca.keys.algorithms import accept_public_key
from ca.lifetimes import Lifetimes
from ca.linting import LintedTbs, lint
from ca.models import AuthorityName, ProfileName
from ca.profiles import Profile, Profiles
from ca.records import key_columns
from ca.signature_algorithms import assemble_signed
from ca.subject import Subject
from ca.tbs import TbsContent, encode_tbs
from ca.weak_keys import Blocklist, verify_strength
from foundation.clock import Clock


@dataclass(frozen=True)
class Wanted:
    """What a certificate shall be for, with the number that is kept for it."""

    serial_number: str
    profile: ProfileName
    issuer: AuthorityName
    crl_shard: int | None
    server_names: Sequence[str] = ()


@dataclass(frozen=True)
class Drafted:
    """Content that kept every rule, what the table says of it, and the token for the signer."""

    tbs: bytes
    linted: LintedTbs
    columns: dict[str, str | datetime | bytes]

    @property
    def tbs_sha256(self) -> str:
        """Return the digest that the audit log keeps."""
        return hashlib.sha256(self.tbs).hexdigest().upper()


class Drafting:
    """Makes the content of end-entity certificates."""

    def __init__(
        self,
        *,
        authorities: IssuingAuthorities,
        profiles: Profiles,
        lifetimes: Lifetimes,
        clock: Clock,
        blocklist: Blocklist | None,
    ) -> None:
        """`blocklist` are keys known to be published, when an operator provides them."""
        self._authorities = authorities
        self._profiles = profiles
        self._lifetimes = lifetimes
        self._clock = clock
        self._blocklist = blocklist

    def issuer(self, name: AuthorityName) -> Authority:
        """Return an issuing CA that still signs; raises `KeyUnavailable`."""
        issuer = self._authorities.issuers.get(name)
        if issuer is None:
            # Retired and gone between the reservation and now.
            raise KeyUnavailable(name)
        return issuer

    def draft(self, wanted: Wanted, subject: Subject, public_key: PublicKeyTypes) -> Drafted:
        """Return linted content for this key.

        Raises `PublicKeyRefused`, `WeakPublicKey`, `SubjectRefused`,
        `IssuerExpired`, `KeyUnavailable` and `LintRefused`.
        """
        issuer, profile = self.issuer(wanted.issuer), self._profile(wanted)
        accepted = accept_public_key(public_key)
        if self._blocklist is not None:
            verify_strength(accepted, self._blocklist)
        certificate = issuer.certificate
        not_before, not_after = self._lifetimes.validity(
            profile.name, self._clock.now(), certificate
        )
        content = TbsContent(
            serial_number=int(wanted.serial_number, 16),
            issuer=certificate.subject,
            subject=subject.name(profile.name_defaults),
            public_key=accepted,
            not_before=not_before,
            not_after=not_after,
            extensions=profile.extensions(Keys(accepted, certificate)),
        )
        tbs = encode_tbs(content, issuer.signer.public_key)
        columns: dict[str, str | datetime | bytes] = {
            "tbs": tbs,
            "subject": content.subject.rfc4514_string(),
            "not_before": not_before,
            "not_after": not_after,
            **key_columns(accepted),
        }
        return Drafted(tbs, self.lint(tbs, wanted), columns)

    def lint(self, tbs: bytes, wanted: Wanted) -> LintedTbs:
        """Return the token for content that may come from the table; raises `LintRefused`."""
        issuer = self.issuer(wanted.issuer)
        return lint(
            tbs,
            serial_number=wanted.serial_number,
            profile=self._profile(wanted),
            issuer=issuer.certificate,
            issuer_key=issuer.signer.public_key,
        )

    def server_names(self, tbs: bytes, issuer: AuthorityName) -> tuple[str, ...]:
        """Return the host names and addresses that content from the table is for."""
        unsigned = assemble_signed(tbs, self.issuer(issuer).signer.public_key, b"")
        extensions = x509.load_der_x509_certificate(unsigned).extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return tuple(str(name.value) for name in names)

    def _profile(self, wanted: Wanted) -> Profile:
        return self._profiles.for_certificate(
            wanted.profile,
            issuer=wanted.issuer,
            crl_shard=wanted.crl_shard,
            server_names=wanted.server_names,
        )
