"""Making the certificates of root and issuing CAs.

Nothing here knows a database: an installation and a ceremony on a machine
without one make the same certificates (`ca.authorities.records` enters them).
"""

from dataclasses import dataclass

from cryptography import x509

from ca.authorities.authority import Authority
from ca.encoding.tbs import TbsContent, encode_tbs
from ca.key_types import CaPublicKey
from ca.keys import KeyAlgorithm
from ca.linting import lint
from ca.models import AuthorityName
from ca.names.authority_names import ROOT
from ca.profiles import Profile, Profiles
from ca.profiles.extensions import Keys
from ca.profiles.lifetimes import Lifetimes
from ca.serial_numbers import draw_serial_number
from ca.signing import Signer, Signers
from foundation.clock import Clock
from foundation.randomness import Randomness


@dataclass(frozen=True)
class NewAuthorityKey:
    """A key made for an authority that does not exist yet."""

    serial_number: str
    key_name: str
    signer: Signer


def make_authority_key(
    name: AuthorityName, signers: Signers, randomness: Randomness, algorithm: KeyAlgorithm
) -> NewAuthorityKey:
    """Return a key for an authority that does not exist yet, kept durably."""
    serial_number = draw_serial_number(randomness)
    key_name = f"{name}-{serial_number.lower()}"
    return NewAuthorityKey(serial_number, key_name, signers.create(key_name, algorithm))


class AuthorityCertificates:
    """Certifies the keys of authorities."""

    def __init__(self, *, profiles: Profiles, lifetimes: Lifetimes, clock: Clock) -> None:
        self._profiles = profiles
        self._lifetimes = lifetimes
        self._clock = clock

    def make_root(self, key: NewAuthorityKey) -> Authority:
        """Return a self-signed root; raises `LintRefused`."""
        profile = self._profiles.get("root")
        public_key = key.signer.public_key
        certificate = self._certify(profile, key.serial_number, public_key, None, key.signer)
        return Authority(ROOT, certificate, key.signer)

    def make_issuing(
        self, name: AuthorityName, serial_number: str, public_key: CaPublicKey, root: Authority
    ) -> x509.Certificate:
        """Return the certificate of the issuing CA `name`, signed by `root`.

        Raises `LintRefused`, and `IssuerExpired` when the root is over. Does
        not check that anybody holds the private key.
        """
        profile = self._profiles.for_authority(name)
        return self._certify(profile, serial_number, public_key, root.certificate, root.signer)

    def _certify(
        self,
        profile: Profile,
        serial_number: str,
        public_key: CaPublicKey,
        issuer: x509.Certificate | None,
        signer: Signer,
    ) -> x509.Certificate:
        subject = x509.Name(profile.name_defaults)
        not_before, not_after = self._lifetimes.validity(profile.name, self._clock.now(), issuer)
        content = TbsContent(
            serial_number=int(serial_number, 16),
            issuer=issuer.subject if issuer else subject,
            subject=subject,
            public_key=public_key,
            not_before=not_before,
            not_after=not_after,
            extensions=profile.extensions(Keys(public_key, issuer)),
        )
        linted = lint(
            encode_tbs(content, signer.public_key),
            serial_number=serial_number,
            profile=profile,
            issuer=issuer,
            issuer_key=signer.public_key,
        )
        return signer.sign_certificate(linted)
