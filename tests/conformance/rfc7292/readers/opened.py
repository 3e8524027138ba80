"""What another program read out of a PKCS#12."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from tests.support.programs import Answer


@dataclass(frozen=True)
class Opened:
    """Everything a program showed; None for what it uses and has no way to show."""

    friendly_name: str | None
    private_key: PrivateKeyTypes | None
    certificates: list[x509.Certificate]


@dataclass
class NotOpened(Exception):
    """The program refused; `answers` is everything it said."""

    answers: list[Answer]


Reader = Callable[[bytes, str, Path], Opened]
"""Opens a PKCS#12 with a password, using a folder; raises `NotOpened`."""
