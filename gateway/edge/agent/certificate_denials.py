"""Which certificates an edge must refuse, and how it gets from one epoch to the next.

What is refused may be a million entries and is in HAProxy; here are the few
that can change back, held ones, and those that only a journal names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from sqlalchemy.orm import Session

from ca.epoch import read_epoch
from ca.verification.ended import (
    EndedCertificate,
    find_ended_since,
    find_refused,
    find_still_held,
    pages_of_ended,
)
from foundation.clock import Clock
from foundation.database import Database
from gateway.edge.serial_numbers import serial_as_haproxy_prints

Reason = Literal["revoked", "held"]

# More than this is read page by page, as at the start.
_CHANGES_AT_MOST: Final = 20_000


@dataclass(frozen=True)
class CertificateChange:
    """What leads from the epoch that is in force to `epoch`.

    Keys are serial numbers as HAProxy prints them. `replaced` are denied already, for
    another reason.
    """

    epoch: int
    denied: dict[str, Reason] = field(default_factory=dict)
    replaced: dict[str, Reason] = field(default_factory=dict)
    lifted: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    @property
    def changes_anything(self) -> bool:
        """Whether HAProxy has to be told."""
        return bool(self.denied or self.replaced or self.lifted)


class CertificateDenials:
    """What was told to HAProxy, as far as the next change needs it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._held: frozenset[str] = frozenset()
        self._refused: frozenset[str] = frozenset()
        self.epoch: int | None = None

    def load(self) -> Iterator[tuple[str, Reason]]:
        """Yield everything that is refused, read page by page in transactions of their own.

        `epoch` is set when the last has been taken.
        """
        self.epoch = None
        now = self._clock.now()
        with self._database.reading() as session:
            # Before the pages: what changes while they are read comes after this epoch.
            epoch, refused = read_epoch(session), find_refused(session)
        held: set[str] = set()
        for page in pages_of_ended(self._database, now):
            for ended in page:
                if ended.is_held:
                    held.add(ended.serial_number)
                yield serial_as_haproxy_prints(ended.serial_number), _reason(ended)
        for serial_number in sorted(refused):
            yield serial_as_haproxy_prints(serial_number), "revoked"
        self.epoch, self._held, self._refused = epoch, frozenset(held), refused

    def find_change(self, session: Session) -> CertificateChange | None:
        """Return what has changed since, or None when everything must be loaded again.

        That is so when the epoch has gone back, as in a database that was
        restored, and after very many changes. `applied` is to be called when it is in force.
        """
        epoch = read_epoch(session)
        if self.epoch is None or epoch < self.epoch:
            return None
        if epoch == self.epoch:
            return CertificateChange(epoch, held=self._held, refused=self._refused)
        ended = find_ended_since(session, self.epoch, self._clock.now(), _CHANGES_AT_MOST)
        if len(ended) == _CHANGES_AT_MOST:
            return None
        refused = find_refused(session)
        still_held = find_still_held(session, self._held)
        known = self._held | self._refused
        denied = {one.serial_number: _reason(one) for one in ended}
        denied |= dict.fromkeys(refused - self._refused - denied.keys(), "revoked")
        lifted = (self._held - still_held) | (self._refused - refused - denied.keys())
        return CertificateChange(
            epoch,
            denied=_as_printed({s: r for s, r in denied.items() if s not in known}),
            replaced=_as_printed({s: r for s, r in denied.items() if s in known}),
            lifted=frozenset(map(serial_as_haproxy_prints, lifted - denied.keys() - refused)),
            held=(still_held - {one.serial_number for one in ended})
            | {one.serial_number for one in ended if one.is_held},
            refused=refused,
        )

    def applied(self, change: CertificateChange) -> None:
        """Go on from `change`: HAProxy has it."""
        self.epoch, self._held, self._refused = change.epoch, change.held, change.refused


def _reason(ended: EndedCertificate) -> Reason:
    return "held" if ended.is_held else "revoked"


def _as_printed(denied: dict[str, Reason]) -> dict[str, Reason]:
    return {serial_as_haproxy_prints(serial): reason for serial, reason in denied.items()}
