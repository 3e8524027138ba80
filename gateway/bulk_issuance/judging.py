"""What each row of a manifest would get: the dry run, and the start of the real one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ca.csr import CsrRefused
from ca.proofs import VERIFYING_HERE, AcceptedKey, Verifier, VerifyingProcess
from ca.weak_keys import Blocklist, verify_strength
from enrollment.pickup.many import ManyPickups
from enrollment.pickup.wanted import WantedPickup
from foundation.database import Database
from foundation.errors import Conflict, Failure
from gateway.bulk_issuance.manifest import ManifestRow

_LOT = 500
# Starting the process that verifies costs as much as verifying so many.
_WORTH_A_PROCESS = 5_000


@dataclass
class Judged:
    """Rows that may go on, in their order, and for each other one why not."""

    wanted: list[tuple[ManifestRow, WantedPickup]] = field(default_factory=list)
    refused: list[tuple[ManifestRow, Failure]] = field(default_factory=list)

    def count(self, stage: str) -> int:
        """Return how many rows are at this stage."""
        return sum(wanted.stage == stage for _, wanted in self.wanted)

    @property
    def outstanding(self) -> int:
        """How many certificates are still to be made."""
        return len(self.wanted) - self.count("issued")


@contextmanager
def verifier_for(rows: Sequence[ManifestRow]) -> Iterator[Verifier]:
    """Return who verifies the proofs of a manifest: another process if that is worth starting."""
    if len(rows) < _WORTH_A_PROCESS:
        yield VERIFYING_HERE
        return
    with VerifyingProcess() as verifier:
        yield verifier


def judge_rows(
    database: Database,
    pickups: ManyPickups,
    rows: Sequence[ManifestRow],
    folder: Path,
    *,
    blocklist: Blocklist | None,
    verifier: Verifier,
) -> Judged:
    """Verify every request and hold every row against the register; writes nothing.

    Of rows that name the same subscriber, or the same key, the first one counts.
    """
    judged = Judged()
    subscribers: dict[str, int] = {}
    keys: dict[str, int] = {}
    for row, verdict in _read_all(rows, folder, verifier):
        try:
            if isinstance(verdict, Failure):
                raise verdict
            verify_strength(verdict.public_key, blocklist)
            with database.reading() as session:
                wanted = pickups.judge(session, row.unverified_username, verdict.public_key)
            _once(subscribers, wanted.username, row, "manifest-subscriber-repeated")
            _once(keys, wanted.digest, row, "manifest-key-repeated")
        except Failure as failure:
            judged.refused.append((row, failure))
        else:
            judged.wanted.append((row, wanted))
    return judged


def _read_all(
    rows: Sequence[ManifestRow], folder: Path, verifier: Verifier
) -> Iterator[tuple[ManifestRow, AcceptedKey | Failure]]:
    for start in range(0, len(rows), _LOT):
        lot = rows[start : start + _LOT]
        given: list[bytes | Failure] = []
        for row in lot:
            try:
                given.append(row.read_request(folder))
            except Failure as failure:
                given.append(failure)
        verdicts: Iterator[AcceptedKey | CsrRefused] = iter(
            verifier.begin_requests([one for one in given if isinstance(one, bytes)])()
        )
        for row, one in zip(lot, given, strict=True):
            yield row, one if isinstance(one, Failure) else next(verdicts)


def _once(seen: dict[str, int], name: str, row: ManifestRow, code: str) -> None:
    first = seen.setdefault(name, row.number)
    if first != row.number:
        raise Conflict(code, row=first)
