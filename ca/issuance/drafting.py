"""Steps 2 and 3 of an issuance: building the content of a certificate, and linting it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.authorities import Authority
from ca.encoding.key_identifiers import key_bits, key_identifier
from ca.encoding.signature_algorithms import assemble_signed
from ca.errors import KeyUnavailable
from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.frames import Frames
from ca.issuance.validities import Validities
from ca.key_types import key_type_of
from ca.keys.algorithms import accept_public_key
from ca.keys.reading import write_public_key
from ca.linting import LintedTbs, lint
from ca.models import AuthorityName, ProfileName
from ca.names.subject import Subject
from ca.profiles import Profile, Profiles
from ca.profiles.lifetimes import Lifetimes
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


class Content(NamedTuple):
    """What was built and is not linted yet, and what the table says of it."""

    tbs: bytes
    columns: dict[str, str | datetime | bytes]


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
        self._validities = Validities(lifetimes)
        self._clock = clock
        self._blocklist = blocklist
        self._frames = Frames()

    def issuer(self, name: AuthorityName) -> Authority:
        """Return an issuing CA that still signs; raises `KeyUnavailable`."""
        issuer = self._authorities.issuers.get(name)
        if issuer is None:
            # Retired and gone between the reservation and now.
            raise KeyUnavailable(name)
        return issuer

    def draft(self, wanted: Wanted, subject: Subject, public_key: PublicKeyTypes) -> Drafted:
        """Return linted content for this key; raises what `build` raises, and `LintRefused`."""
        content = self.build(wanted, subject, public_key)
        return Drafted(content.tbs, self.lint(content.tbs, wanted), content.columns)

    def build(
        self,
        wanted: Wanted,
        subject: Subject,
        public_key: PublicKeyTypes,
        subject_public_key_info: bytes | None = None,
    ) -> Content:
        """Return content for this key, which is given in DER too when that is known.

        Raises `PublicKeyRefused`, `WeakPublicKey`, `SubjectRefused`,
        `IssuerExpired` and `KeyUnavailable`.
        """
        issuer, profile = self.issuer(wanted.issuer), self._profile(wanted)
        accepted = accept_public_key(public_key)
        verify_strength(accepted, self._blocklist)
        validity = self._validities.get(profile, self._clock.now(), issuer)
        name = subject.written(profile.name_defaults)
        spki = subject_public_key_info or write_public_key(accepted)
        tbs = self._frames.frame(profile, issuer).fill(
            serial_number=int(wanted.serial_number, 16),
            validity=validity,
            subject=name.der,
            subject_public_key_info=spki,
            key_identifier=key_identifier(key_bits(spki)),
        )
        columns: dict[str, str | datetime | bytes] = {
            "tbs": tbs,
            "subject": name.text,
            "not_before": validity[0],
            "not_after": validity[1],
            "key_type": key_type_of(accepted),
            "spki_sha256": hashlib.sha256(spki).hexdigest().upper(),
        }
        return Content(tbs, columns)

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
