"""Options that say where the root's key is, and what they open."""

from pathlib import Path
from typing import Annotated

import typer

from ca.ceremony import CeremonyFolder
from ca.keys import EncryptedFileKeys, KeyStore
from ca.keys.passphrase import load_passphrase
from ca.keys.pkcs11 import Pkcs11Keys, TokenAccess
from foundation.errors import Invalid
from foundation.i18n import Translator
from gateway.cli.ca.passphrases import known_passphrase, new_passphrase

PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="Holds the passphrase of the root's key; else asked."),
]
Module = Annotated[
    Path | None,
    typer.Option("--pkcs11-module", help="The root's key is on a token: the module's path."),
]
Token = Annotated[str | None, typer.Option("--pkcs11-token", help="The token's label.")]
PinFile = Annotated[
    Path | None, typer.Option("--pkcs11-pin-file", help="Holds the PIN of the token.")
]


def new_root_keys(
    t: Translator, folder: CeremonyFolder, passphrase_file: Path | None, token: TokenAccess | None
) -> KeyStore:
    """Return where a root's key is to be made."""
    if token is not None:
        return Pkcs11Keys(token)
    passphrase = new_passphrase(t, passphrase_file, "cli.ca.new_root_passphrase")
    return EncryptedFileKeys(folder.keys, passphrase)


def present_root_keys(
    t: Translator, folder: CeremonyFolder, passphrase_file: Path | None, token: TokenAccess | None
) -> KeyStore:
    """Return where the root's key is."""
    if token is not None:
        return Pkcs11Keys(token)
    return EncryptedFileKeys(folder.keys, known_passphrase(t, passphrase_file))


def token_of(module: Path | None, label: str | None, pin_file: Path | None) -> TokenAccess | None:
    """Return the token that three options name, or None without any; raises `Invalid`."""
    if module is None and label is None and pin_file is None:
        return None
    if module is None or label is None or pin_file is None:
        raise Invalid("token-options-missing", field="pkcs11")
    try:
        return TokenAccess(module, label, load_passphrase(pin_file).decode())
    except UnicodeDecodeError as unreadable:
        raise Invalid("token-options-missing", field="pkcs11") from unreadable
