"""Private keys of the CA: one interface, and the places keys can live in."""

from ca.keys.algorithms import EndEntityKeyAlgorithm, KeyAlgorithm, generate_key
from ca.keys.encrypted_files import EncryptedFileKeys
from ca.keys.passphrase import load_or_create_passphrase
from ca.keys.store import KeyStore

__all__ = [
    "EncryptedFileKeys",
    "EndEntityKeyAlgorithm",
    "KeyAlgorithm",
    "KeyStore",
    "generate_key",
    "load_or_create_passphrase",
]
