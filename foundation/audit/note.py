"""Signed notes (c2sp.org/signed-note): a text, and below it who signed it.

::

    text, ending in a newline
                                  <- an empty line
    — <key name> <base64 of key identifier and signature>

Only Ed25519 (type 0x01). Lines of keys that are not asked for are skipped, as
the specification demands: witnesses may add theirs.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ED25519 = b"\x01"
_LONGEST = 64 * 1024
_MOST_SIGNATURES = 32
_KEY_OCTETS = 32
_IDENTIFIER_OCTETS = 4
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/=]+)\n")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteRefused(ValueError):
    """A note is malformed, or no key that is trusted has signed it."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name, as anybody may keep it to verify notes."""

    name: str
    public_key: Ed25519PublicKey

    @property
    def identifier(self) -> bytes:
        """The four octets that signatures name the key by."""
        return key_identifier(self.name, self.public_key)

    def written(self) -> str:
        """Return ``<name>+<identifier>+<base64>``, the form Go's sumdb/note has."""
        encoded = base64.b64encode(_ED25519 + _raw(self.public_key)).decode()
        return f"{self.name}+{self.identifier.hex()}+{encoded}"

    @classmethod
    def read(cls, unverified: str) -> "VerifierKey":
        """Return the key in `unverified`; raises `NoteRefused`."""
        name, _, rest = unverified.strip().partition("+")
        identifier, _, encoded = rest.partition("+")
        try:
            octets = _decoded(encoded)
            if octets[:1] != _ED25519 or len(octets) != 1 + _KEY_OCTETS:
                raise NoteRefused("the key is not of type Ed25519")
            key = cls(name, Ed25519PublicKey.from_public_bytes(octets[1:]))
        except ValueError as malformed:
            raise NoteRefused("the key is malformed") from malformed
        require_key_name(name)
        if key.identifier.hex() != identifier:
            raise NoteRefused("the key's identifier is not its own")
        return key


class NoteSigner(Protocol):
    """Whoever signs notes; where the key is, is its own affair."""

    @property
    def verifier_key(self) -> VerifierKey:
        """Return the key that verifies what `sign` gives."""
        ...

    def sign(self, text: bytes) -> bytes:
        """Return the Ed25519 signature over `text`."""
        ...


def sign_note(text: str, signer: NoteSigner) -> str:
    """Return the note with one signature; raises `ValueError` for what is no note's text."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError("a note's text ends in a newline and has no control characters")
    key = signer.verifier_key
    require_key_name(key.name)
    encoded = base64.b64encode(key.identifier + signer.sign(text.encode())).decode()
    return f"{text}\n— {key.name} {encoded}\n"


def open_note(unverified: str, keys: Iterable[VerifierKey]) -> tuple[str, VerifierKey]:
    """Return the text of a note, and the first of `keys` that signed it.

    Raises `NoteRefused` when none has, when one's signature is wrong, and for
    a malformed note.
    """
    text, signatures = split_note(unverified)
    trusted = {(key.name, key.identifier): key for key in keys}
    signed_by: VerifierKey | None = None
    for name, octets in signatures:
        key = trusted.get((name, octets[:_IDENTIFIER_OCTETS]))
        if key is None:
            continue
        try:
            key.public_key.verify(octets[_IDENTIFIER_OCTETS:], text.encode())
        except InvalidSignature as wrong:
            raise NoteRefused("a signature is wrong") from wrong
        signed_by = signed_by or key
    if signed_by is None:
        raise NoteRefused("no trusted key has signed it")
    return text, signed_by


def split_note(unverified: str) -> tuple[str, list[tuple[str, bytes]]]:
    """Return text and signatures without verifying any; raises `NoteRefused`."""
    if len(unverified) > _LONGEST or _CONTROL.search(unverified):
        raise NoteRefused("it is no note")
    text, separator, below = unverified.rpartition("\n\n")
    if not separator:
        raise NoteRefused("it is no note")
    signatures: list[tuple[str, bytes]] = []
    place = 0
    while place < len(below):
        line = _SIGNATURE.match(below, place)
        if line is None or len(signatures) == _MOST_SIGNATURES:
            raise NoteRefused("its signatures are malformed")
        signatures.append((line[1], _signature(line[2])))
        place = line.end()
    if not signatures:
        raise NoteRefused("nobody has signed it")
    return text + "\n", signatures


def key_identifier(name: str, key: Ed25519PublicKey) -> bytes:
    """Return the first four octets of SHA-256(name, newline, type, public key)."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + _raw(key)).digest()[
        :_IDENTIFIER_OCTETS
    ]


def require_key_name(name: str) -> None:
    """Raise `NoteRefused` unless `name` may name a key."""
    if not name or "+" in name or any(character.isspace() for character in name):
        raise NoteRefused("a key cannot have this name")


def _signature(encoded: str) -> bytes:
    try:
        octets = _decoded(encoded)
    except ValueError as malformed:
        raise NoteRefused("its signatures are malformed") from malformed
    if len(octets) <= _IDENTIFIER_OCTETS:
        raise NoteRefused("its signatures are malformed")
    return octets


def _decoded(encoded: str) -> bytes:
    """Return the octets; raises `ValueError` for another spelling than the usual one."""
    octets = base64.b64decode(encoded, validate=True)
    if base64.b64encode(octets).decode() != encoded:
        raise ValueError("another spelling of the same octets")
    return octets


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
