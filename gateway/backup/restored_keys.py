"""Restored keys and the passphrase, which no backup holds."""

from pathlib import Path

from ca.errors import KeyUnavailable
from ca.keys import EncryptedFileKeys
from ca.keys.passphrase import load_passphrase
from foundation.settings import Settings
from gateway.backup.errors import PassphraseOpensNothing


def passphrase_file_of(settings: Settings) -> Path:
    """Return where the program looks for the passphrase."""
    return settings.key_passphrase_file or settings.data / "keys" / "passphrase"


def verify_keys_open(keys: Path, passphrase_file: Path) -> None:
    """Raise `PassphraseOpensNothing` unless the passphrase opens every key in the folder."""
    store = EncryptedFileKeys(keys, load_passphrase(passphrase_file))
    for path in sorted(keys.glob("*.pem")):
        try:
            store.get(path.stem)
        except KeyUnavailable as closed:
            raise PassphraseOpensNothing(path.stem, str(passphrase_file)) from closed
