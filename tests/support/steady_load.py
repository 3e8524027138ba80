"""A light steady load through two edges, which writes down whatever was acknowledged.

Units come with slips, log in, file, use an application, and are revoked by an
officer; the revoked go on trying. What failed is left or done again, as people do.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from itertools import cycle
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.acknowledged import NOBODY, Notes, code_of, was_not_begun
from tests.support.edge_client import Answered
from tests.support.guest import Doors, Guest, ask_for_pickup, with_bundle

Slip = Mapping[str, str]
APPLICATION, PORTAL = "/apps/statements/whoami", "/api/v1/session"
_PAUSE_SECONDS = 0.2
_WAIT_SECONDS = 90
# Of those who were revoked, how many go on trying all the time: who came last.
_PERSISTENT = 2


@dataclass
class SteadyLoad:
    """Who does what; `filing` returns the document of a new one."""

    places: tuple[Doors, Doors]
    unit: Guest
    officer: Guest
    slips: list[Slip]
    filing: Callable[[], Any]
    notes: Notes = field(default_factory=Notes)
    _over: threading.Event = field(default_factory=threading.Event)
    _inside: list[Guest] = field(default_factory=list)
    # Who was revoked, and at which edges that is acknowledged to be in force.
    _revoked: list[tuple[Guest, frozenset[str]]] = field(default_factory=list)
    # Units come as a test waits for them: each has a slip.
    _wanted: int = 0
    # Who is refused at one edge goes to the other one.
    _turns: Iterator[Doors] = field(init=False)
    _failures: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the first edge."""
        self._turns = cycle(self.places)

    @contextmanager
    def running(self) -> Iterator[Notes]:
        """Do all of it while the block runs."""
        self._over.clear()
        acts = (*(partial(self._work, place) for place in self.places), self._arrive, self._revoke)
        threads = [threading.Thread(target=self._again, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        try:
            yield self.notes
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
        self._raise_failures()

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """Wait until `happened` says so, while the load goes on."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while not happened():
            self._raise_failures()
            assert time.monotonic() < deadline, f"waited in vain: {self.notes}"
            time.sleep(_PAUSE_SECONDS)

    def wait_for_more(self, *kinds: str) -> None:
        """Wait until one further act of each kind is acknowledged.

        The kinds are `picked_up`, `filed` and `revoked`.
        """
        before = {kind: len(getattr(self.notes, kind)) for kind in kinds}
        # Everybody who comes is revoked in the end.
        self._wanted = max(self._wanted, 1)
        self.wait_for(lambda: all(len(getattr(self.notes, kind)) > before[kind] for kind in kinds))

    def status(self, place: Doors, path: str = APPLICATION) -> tuple[int, str]:
        """Return how the unit is answered at an edge: status, code of the problem."""
        try:
            answer = self.unit.at(place).ask(path)
        except (OSError, HTTPException):
            return 0, ""
        return answer.status, code_of(answer)

    def intrude(self, latest: int | None = None) -> None:
        """Let those who were revoked try at the edges that have said so; all, or the latest."""
        revoked = list(self._revoked)
        for guest, edges in revoked[-latest:] if latest else revoked:
            for place in self._named(edges):
                for path in (APPLICATION, PORTAL):
                    answer = self._ask(guest.at(place), path)
                    if answer is not None and 200 <= answer.status < 300:
                        self.notes.intrusions.append(f"{guest.serial_number} {place.address}{path}")

    def _named(self, edges: frozenset[str]) -> list[Doors]:
        return [place for number, place in enumerate(self.places, 1) if f"edge-{number}" in edges]

    def _raise_failures(self) -> None:
        if self._failures:
            raise self._failures[0]

    def _again(self, act: Callable[[], None]) -> None:
        try:
            while not self._over.wait(_PAUSE_SECONDS):
                act()
        except BaseException as failure:
            self._failures.append(failure)

    def _noted(self, path: str, act: Callable[[], Answered]) -> Answered | None:
        """Return the answer; None when the connection broke, `NOBODY` when there was none."""
        try:
            return self.notes.take(path, act())
        except ConnectionRefusedError:
            self.notes.broken[ConnectionRefusedError.__name__] += 1
            return NOBODY
        except (OSError, HTTPException) as failed:
            self.notes.broken[type(failed).__name__] += 1
            return None

    def _ask(
        self, guest: Guest, path: str, method: str = "GET", document: Any = None
    ) -> Answered | None:
        return self._noted(path, lambda: guest.ask(path, method, document))

    def _work(self, place: Doors) -> None:
        unit = self.unit.at(place)
        self._ask(unit, APPLICATION)
        self._ask(unit, PORTAL)
        filed = self._ask(unit, "/api/v1/tasks", "POST", self.filing())
        if filed is not None and filed.status == 201:
            self.notes.filed.append(str(filed.document["id"]))

    def _arrive(self) -> None:
        """A unit picks up its certificate, logs in and chooses a password."""
        if not self._wanted:
            return
        guest = self._picked_up()
        if guest is None:
            return
        if self._done("log in", guest, guest.log_in, 201) and self._done(
            "reset", guest, guest.reset, 204
        ):
            self._inside.append(guest)
            self._wanted -= 1

    def _done(self, name: str, guest: Guest, act: Callable[[], Answered], status: int) -> bool:
        """Do it, at the other edge when it was not begun; return whether with `status`.

        Who cannot know whether it was done leaves, and another one comes.
        """
        while not self._over.wait(_PAUSE_SECONDS):
            answer = self._noted(name, act)
            if answer is None or not was_not_begun(answer):
                return answer is not None and answer.status == status
            guest.doors = next(self._turns)
        return False

    def _picked_up(self) -> Guest | None:
        slip, place = self.slips.pop(), next(self._turns)
        answer = self._noted("pickup", lambda: ask_for_pickup(place, slip))
        if answer is None or answer.status != 200:
            # Nothing was handed out: whoever has the slip comes again.
            self.slips.append(slip)
            return None
        guest = with_bundle(place, slip, answer)
        digest = guest.credential.certificate.fingerprint(SHA256()).hex()
        self.notes.take_picked_up(guest.serial_number, digest)
        return guest

    def _revoke(self) -> None:
        if self._inside:
            guest, path = self._inside.pop(0), "/api/v1/certificates/{}/revoke"
            answer = self._ask(
                self.officer.at(next(self._turns)),
                path.format(guest.serial_number),
                "POST",
                {"reason": "keyCompromise"},
            )
            if answer is not None and answer.status == 200:
                self.notes.revoked.append(guest.serial_number)
                edges = answer.document["edges"]
                effective = frozenset(one["edge"] for one in edges if one["state"] == "effective")
                self._revoked.append((guest, effective))
            elif answer is not None and was_not_begun(answer):
                self._inside.insert(0, guest)
            else:
                # It may have happened.
                self._wanted += 1
        self.intrude(_PERSISTENT)
