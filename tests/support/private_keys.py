"""Private keys of test authorities, for tests that sign what the CA would not."""

from ca.authorities import Authority, OcspSigner, RootWithoutKey
from ca.key_types import CaPrivateKey
from ca.signing import KeySigner


def private_key_of(authority: Authority | OcspSigner | RootWithoutKey) -> CaPrivateKey:
    """Return the key of an authority that signs in this process."""
    assert not isinstance(authority, RootWithoutKey)
    assert isinstance(authority.signer, KeySigner)
    return authority.signer.private_key
