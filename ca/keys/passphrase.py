"""The passphrase of the encrypted key files."""

import base64
from contextlib import suppress
from pathlib import Path

from ca.errors import PassphraseUnavailable
from ca.keys.private_files import make_private_folder, write_private_file
from foundation.randomness import Randomness

_RANDOM_OCTETS = 32


def load_passphrase(path: Path) -> bytes:
    """Return the passphrase in `path` without the line's end; raises `PassphraseUnavailable`."""
    try:
        passphrase = path.read_bytes().strip()
    except OSError as failure:
        raise PassphraseUnavailable(str(path)) from failure
    if not passphrase:
        raise PassphraseUnavailable(str(path))
    return passphrase


def load_or_create_passphrase(path: Path, randomness: Randomness) -> bytes:
    """Return the passphrase in `path`; a random one is made for a folder without keys.

    Raises `PassphraseUnavailable` when there are keys beside it: they have one
    already, and another would only hide that it is missing.
    """
    if not path.exists() and not any(path.parent.glob("*.pem")):
        make_private_folder(path.parent)
        content = base64.urlsafe_b64encode(randomness.token(_RANDOM_OCTETS)) + b"\n"
        # Another process that starts at the same time may be first: then its holds.
        with suppress(FileExistsError):
            write_private_file(path, content)
    return load_passphrase(path)
