"""One change of revocation state, and the line of the journal that tells of it.

A line is one transaction, so that a line cut short is one that never counted.
It is JSON and ends in its own hash::

    {"version":1,"identity":"...","previous":"...",...,"hash":"..."}

`hash` is SHA-256 over the octets before it, closed with ``}``; `previous` is
the hash of the line before. The chain shows damage, not forgery: who can write
the file can write the hashes too.
"""

import hashlib
import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

JournalAct = Literal["revoked", "held", "released", "abandoned"]

FIRST_PREVIOUS = "0" * 64
_HASH = r"^[0-9a-f]{64}$"
_END = re.compile(rb',"hash":"([0-9a-f]{64})"\}')
_END_LENGTH = len(b',"hash":""}') + 64


class BadLine(ValueError):
    """A line that no program of ours wrote, or that was changed since."""


class JournalEntry(BaseModel):
    """One certificate that lost or regained its standing.

    `epoch` is the one that the act began (`ca.epoch`), `at` when it happened,
    `crl_number` the newest CRL's that shows it; `not_after` is the end of the
    certificate, which a CRL needs to know when to forget it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    epoch: Annotated[int, Field(ge=0)]
    act: JournalAct
    issuer: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,16}$")]
    serial_number: Annotated[str, Field(pattern=r"^[0-9A-F]{1,40}$")]
    at: AwareDatetime
    reason: Annotated[str | None, Field(max_length=32)] = None
    invalidity_date: AwareDatetime | None = None
    crl_number: Annotated[int, Field(ge=0)] = 0
    not_after: AwareDatetime | None = None


class JournalLine(BaseModel):
    """The changes of one transaction, or of several that another node made.

    `first` to `last` are the epochs that the line tells everything about; those
    before `open_from` had been committed when it was written;
    `identity` is the journal's own, drawn when it was begun; `root` is the
    SHA-256 of the root certificate of the installation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    identity: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    root: Annotated[str, Field(pattern=_HASH)]
    previous: Annotated[str, Field(pattern=_HASH)]
    written_at: AwareDatetime
    first: Annotated[int, Field(ge=0)]
    last: Annotated[int, Field(ge=0)]
    open_from: Annotated[int, Field(ge=0)]
    entries: tuple[JournalEntry, ...]

    @model_validator(mode="after")
    def _tells_of_its_own_epochs(self) -> "JournalLine":
        if not all(self.first <= entry.epoch <= self.last for entry in self.entries):
            raise ValueError("an entry is of another epoch")
        return self

    @property
    def hash(self) -> str:
        """The hash that the line ends in, lower-case hex."""
        return hashlib.sha256(self._body()).hexdigest()

    def written(self) -> bytes:
        """Return the line as it stands in the file, its end of line included."""
        body = self._body()
        return body[:-1] + f',"hash":"{hashlib.sha256(body).hexdigest()}"}}\n'.encode()

    def _body(self) -> bytes:
        return self.model_dump_json().encode()


def read_line(line: bytes) -> JournalLine:
    """Return what a line without its end of line says; raises `BadLine`.

    Does not look at the line before.
    """
    end = _END.fullmatch(line[-_END_LENGTH:])
    if end is None:
        raise BadLine("does not end in a hash")
    body = line[:-_END_LENGTH] + b"}"
    if hashlib.sha256(body).hexdigest().encode() != end[1]:
        raise BadLine("was changed")
    try:
        read = JournalLine.model_validate_json(body)
    except ValidationError as wrong:
        raise BadLine("is not of a known form") from wrong
    if read.hash.encode() != end[1]:
        # Another spelling of the same facts: its hash would not be found again.
        raise BadLine("is not of a known form")
    return read
