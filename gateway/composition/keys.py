"""Where the keys of an installation live, as its settings say."""

from ca.errors import KeyUnavailable
from ca.keys import EncryptedFileKeys, KeyStore, load_or_create_passphrase
from ca.keys.passphrase import load_passphrase
from ca.keys.pkcs11 import Pkcs11Keys, TokenAccess
from foundation.randomness import Randomness
from foundation.settings import Settings


def server_keys(settings: Settings, randomness: Randomness) -> EncryptedFileKeys:
    """Return where the TLS key lives: always a file, since OpenSSL needs it in the process.

    Raises `PassphraseUnavailable`.
    """
    return EncryptedFileKeys(settings.data / "keys", _passphrase(settings, randomness))


def authority_keys(settings: Settings, randomness: Randomness) -> KeyStore:
    """Return where the keys of the CA and its OCSP signers live.

    Raises `PassphraseUnavailable`, also without the PIN. A token is not asked for
    before its first use.
    """
    if settings.key_backend == "files":
        return server_keys(settings, randomness)
    return Pkcs11Keys(token_access(settings))


def token_access(settings: Settings) -> TokenAccess:
    """Return what opens the token; raises `PassphraseUnavailable` without its PIN file."""
    module, label, pin_file = (
        settings.pkcs11_module,
        settings.pkcs11_token,
        settings.pkcs11_pin_file,
    )
    if module is None or label is None or pin_file is None:
        # `Settings` refuses that, unless somebody asks without the backend.
        raise KeyUnavailable("pkcs11")
    try:
        return TokenAccess(module, label, load_passphrase(pin_file).decode())
    except UnicodeDecodeError as unreadable:
        raise KeyUnavailable("pkcs11") from unreadable


def _passphrase(settings: Settings, randomness: Randomness) -> bytes:
    if settings.key_passphrase_file is not None:
        return load_passphrase(settings.key_passphrase_file)
    return load_or_create_passphrase(settings.data / "keys" / "passphrase", randomness)
