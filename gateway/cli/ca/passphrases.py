"""Passphrases of key files, from a file or from the keyboard; never from the command line.

What stands on a command line stands in the list of processes and in the shell's
history.
"""

import sys
from pathlib import Path

import typer

from ca.keys.passphrase import load_passphrase
from foundation.errors import Invalid
from foundation.i18n import Translator

# What guards the root's key for twenty years is a sentence and not a word.
SHORTEST = 16


def new_passphrase(t: Translator, file: Path | None, question: str) -> bytes:
    """Return a passphrase for a new key; asked for twice at the keyboard.

    Raises `Invalid` for a short one and `PassphraseUnavailable`.
    """
    if file is not None:
        passphrase = load_passphrase(file)
    else:
        _require_keyboard()
        passphrase = typer.prompt(
            t(question), hide_input=True, confirmation_prompt=t("cli.ca.passphrase_again"), err=True
        ).encode()
    if len(passphrase) < SHORTEST:
        raise Invalid("passphrase-too-short", field="passphrase", octets=SHORTEST)
    return passphrase


def known_passphrase(t: Translator, file: Path | None) -> bytes:
    """Return the passphrase of a key that exists; raises `PassphraseUnavailable`."""
    if file is not None:
        return load_passphrase(file)
    _require_keyboard()
    return str(typer.prompt(t("cli.ca.passphrase"), hide_input=True, err=True)).encode()


def _require_keyboard() -> None:
    if not sys.stdin.isatty():
        raise Invalid("passphrase-missing", field="passphrase")
