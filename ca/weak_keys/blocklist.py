"""Known keys that somebody published: Debian's of 2008, firmware, leaked test keys.

The list is the one of the badkeys project, two files that `badkeys --update-bl`
fetches on a machine that has the internet. `blocklist.dat` is a sorted run of
16-octet records: 15 octets of the SHA-256 of the key's number (modulus, x, or
the octets of an Edwards key) without leading zeros, and the number of the list
it comes from, which `badkeysdata.json` names.
"""

import hashlib
import json
import mmap
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path

_RECORD = 16
_DIGEST = 15


class Blocklist:
    """One list, mapped into memory and never changed while it is open."""

    def __init__(self, records: bytes | mmap.mmap, names: Mapping[int, str]) -> None:
        """`names` are those of the lists by number. Raises `ValueError` for other files."""
        if len(records) % _RECORD:
            raise ValueError("a blocklist is a run of records of 16 octets")
        self._records = records
        self._names = names

    @classmethod
    def find_in(cls, folder: Path) -> "Blocklist | None":
        """Return the list of this folder, or None when the folder does not exist.

        Raises `OSError` or `ValueError` when it cannot be read: an operator who
        put a list there relies on it.
        """
        if not folder.exists():
            return None
        described = json.loads((folder / "badkeysdata.json").read_text(encoding="utf-8"))
        names = {int(item["id"]): str(item["name"]) for item in described["blocklists"]}
        with (folder / "blocklist.dat").open("rb") as file:
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), names)

    def find(self, identity: int) -> str | None:
        """Return ``blocklist-<list>`` when the key of this number is listed, else None."""
        octets = identity.to_bytes((identity.bit_length() + 7) // 8, "big")
        digest = hashlib.sha256(octets).digest()[:_DIGEST]
        place = bisect_left(range(len(self._records) // _RECORD), digest, key=self._digest)
        found = self._records[place * _RECORD : (place + 1) * _RECORD]
        if found[:_DIGEST] != digest:
            return None
        return f"blocklist-{self._names.get(found[_DIGEST], str(found[_DIGEST]))}"

    def _digest(self, place: int) -> bytes:
        return self._records[place * _RECORD : place * _RECORD + _DIGEST]
