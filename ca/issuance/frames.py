"""The common parts of certificates, kept for each profile and issuer."""

from cryptography.hazmat.primitives.asymmetric import ed25519

from ca.authorities import Authority
from ca.encoding.key_identifiers import key_identifier
from ca.encoding.tbs import TbsFrame, encode_extensions
from ca.profiles import Profile
from ca.profiles.extensions import Keys

# Any key will do: only where its identifier stands is looked for.
_SAMPLE = bytes(range(32))
# Profiles times shards times issuing CAs, and more than that has never been seen.
_MOST = 4096


class Frames:
    """Makes frames and keeps them."""

    def __init__(self) -> None:
        self._frames: dict[tuple[Profile, bytes], TbsFrame] = {}

    def frame(self, profile: Profile, issuer: Authority) -> TbsFrame:
        """Return the frame of a profile's certificates under an issuer."""
        place = (profile, issuer.certificate.signature)
        found = self._frames.get(place)
        if found is None:
            if len(self._frames) >= _MOST:
                self._frames.clear()
            found = self._frames[place] = _make(profile, issuer)
        return found


def _make(profile: Profile, issuer: Authority) -> TbsFrame:
    sample = ed25519.Ed25519PublicKey.from_public_bytes(_SAMPLE)
    encoded = encode_extensions(profile.extensions(Keys(sample, issuer.certificate)))
    before, identifier, after = encoded.partition(key_identifier(_SAMPLE))
    if not identifier:
        raise ValueError(f"profile {profile.name} has no subject key identifier")
    return TbsFrame(issuer.certificate.subject, issuer.signer.public_key, (before, after))
