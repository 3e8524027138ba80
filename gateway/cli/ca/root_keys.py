"""Options that say where the root's key is, and what they open."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from inspect import Parameter, Signature, signature
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
_Module = Annotated[
    Path | None,
    typer.Option("--pkcs11-module", help="The root's key is on a token: the module's path."),
]
_Token = Annotated[str | None, typer.Option("--pkcs11-token", help="The token's label.")]
_PinFile = Annotated[
    Path | None, typer.Option("--pkcs11-pin-file", help="Holds the PIN of the token.")
]
_ROOT_KEY = "root_key"


@dataclass(frozen=True)
class RootKeyPlace:
    """What the options say: a token, or a file in the ceremony's folder."""

    passphrase_file: Path | None
    module: Path | None
    label: str | None
    pin_file: Path | None

    def to_make(self, t: Translator, folder: CeremonyFolder) -> KeyStore:
        """Return where the key is to be made, asking for a passphrase; raises `Invalid`."""
        token = self._token()
        if token is not None:
            return Pkcs11Keys(token)
        passphrase = new_passphrase(t, self.passphrase_file, "cli.ca.new_root_passphrase")
        return EncryptedFileKeys(folder.keys, passphrase)

    def to_use(self, t: Translator, folder: CeremonyFolder) -> KeyStore:
        """Return where the key is, asking for its passphrase; raises `Invalid`."""
        token = self._token()
        if token is not None:
            return Pkcs11Keys(token)
        return EncryptedFileKeys(folder.keys, known_passphrase(t, self.passphrase_file))

    def _token(self) -> TokenAccess | None:
        if self.module is None and self.label is None and self.pin_file is None:
            return None
        if self.module is None or self.label is None or self.pin_file is None:
            raise Invalid("token-options-missing", field="pkcs11")
        try:
            return TokenAccess(self.module, self.label, load_passphrase(self.pin_file).decode())
        except UnicodeDecodeError as unreadable:
            raise Invalid("token-options-missing", field="pkcs11") from unreadable


def with_root_key_options(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with the options that its parameter `root_key` is made of.

    Typer reads a command's options from its signature and knows no group of them.
    """

    def asked(
        *,
        passphrase_file: PassphraseFile = None,
        pkcs11_module: _Module = None,
        pkcs11_token: _Token = None,
        pkcs11_pin_file: _PinFile = None,
        **given: object,
    ) -> None:
        place = RootKeyPlace(passphrase_file, pkcs11_module, pkcs11_token, pkcs11_pin_file)
        command(root_key=place, **given)

    own = [
        each for each in signature(asked).parameters.values() if each.kind is Parameter.KEYWORD_ONLY
    ]
    parameters: list[Parameter] = []
    for each in signature(command).parameters.values():
        parameters += own if each.name == _ROOT_KEY else [each.replace(kind=Parameter.KEYWORD_ONLY)]
    update_wrapper(asked, command)
    asked.__annotations__ = {each.name: each.annotation for each in parameters}
    asked.__signature__ = Signature(parameters)  # type: ignore[attr-defined] # see inspect
    return asked
