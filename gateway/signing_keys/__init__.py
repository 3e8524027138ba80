"""Keys that sign tokens, by purpose: announced before use, kept until their tokens have expired.

They are the nodes' common property, so they are in the database; they are
secret, so they are sealed there under a key that is not (`sealing`).
"""

from gateway.signing_keys.keys import SigningKey, SigningKeys
from gateway.signing_keys.models import SigningKeyRecord
from gateway.signing_keys.purposes import Algorithm, KeyPurpose
from gateway.signing_keys.rotation import KeyRotation

__all__ = [
    "Algorithm",
    "KeyPurpose",
    "KeyRotation",
    "SigningKey",
    "SigningKeyRecord",
    "SigningKeys",
]
