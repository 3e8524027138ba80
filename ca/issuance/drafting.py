"""Steps 2 and 3 of an issuance: building the content of a certificate, and linting it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.authority import Authority
from ca.errors import KeyUnavailable
from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.frames import Frames
from ca.key_identifiers import key_bits, key_identifier
from ca.key_types import key_type_of
from ca.keys.algorithms import accept_public_key
from ca.lifetimes import Lifetimes
from ca.linting import LintedTbs, lint
from ca.models import AuthorityName, ProfileName
from ca.profiles import Profile, Profiles
from ca.signature_algorithms import assemble_signed
from ca.subject import Subject
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
        self._frames = Frames()

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
        verify_strength(accepted, self._blocklist)
        validity = self._lifetimes.validity(profile.name, self._clock.now(), issuer.certificate)
        name = subject.written(profile.name_defaults)
        spki = accepted.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
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
        return Drafted(tbs, self._lint(tbs, wanted, profile, issuer), columns)

    def lint(self, tbs: bytes, wanted: Wanted) -> LintedTbs:
        """Return the token for content that may come from the table; raises `LintRefused`."""
        return self._lint(tbs, wanted, self._profile(wanted), self.issuer(wanted.issuer))

    def _lint(self, tbs: bytes, wanted: Wanted, profile: Profile, issuer: Authority) -> LintedTbs:
        return lint(
            tbs,
            serial_number=wanted.serial_number,
            profile=profile,
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
