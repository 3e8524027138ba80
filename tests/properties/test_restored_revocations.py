"""Whatever happened before and after a backup: with the journal nothing revoked verifies.

A few certificates, acts upon them in any order, a copy of the database at any
moment between, a crash between a line and its commit anywhere. Then the copy
comes back with the journal.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.database import Database, before_commit
from foundation.errors import Conflict, Denied
from tests.support.certification import Issued
from tests.support.journaled import JournaledCa, make_journaled
from tests.support.revocation import SECURITY_OFFICER
from tests.support.schema import create_schema

CERTIFICATES = 3

ACTS = st.tuples(
    st.sampled_from(["revoke", "hold", "release"]),
    st.integers(min_value=0, max_value=CERTIFICATES - 1),
    # Whether the process dies between the line and the commit.
    st.integers(min_value=0, max_value=9).map(lambda drawn: drawn == 0),
)


@dataclass(frozen=True)
class Origin:
    """A CA with certificates in good standing, which each example copies."""

    journaled: JournaledCa
    issued: list[Issued]
    folder: Path


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    """Made once: every example begins with a copy of its database and journal."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'certgate.db'}"
        create_schema(url)
        journaled = make_journaled(Database(url), folder)
        issued = [journaled.revocable.issue() for _ in range(CERTIFICATES)]
        journaled.database.dispose()
        yield Origin(journaled, issued, folder)


def act(journaled: JournaledCa, kind: str, serial_number: str, *, dies: bool) -> bool:
    """Do one act and say whether it was committed."""

    def die() -> None:
        raise ConnectionError

    revocation = journaled.revocable.revocation
    try:
        with journaled.database.writing() as session:
            match kind:
                case "revoke":
                    revocation.revoke(session, serial_number, "superseded", SECURITY_OFFICER)
                case "hold":
                    revocation.hold(session, serial_number, SECURITY_OFFICER)
                case _:
                    revocation.release(session, serial_number, SECURITY_OFFICER)
            if dies:
                before_commit(session, die)
    except (Conflict, ConnectionError):
        return False
    return True


def verifies(journaled: JournaledCa, issued: Issued) -> bool:
    try:
        journaled.revocable.verify(issued.certificate)
    except Denied:
        return False
    return True


@pytest.mark.slow
@given(acts=st.lists(ACTS, max_size=8), data=st.data())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_nothing_that_was_revoked_verifies_after_a_restore(
    origin: Origin, acts: list[tuple[str, int, bool]], data: st.DataObject
) -> None:
    copied_after = data.draw(st.integers(min_value=0, max_value=len(acts)), label="copied after")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = Path(shutil.copy(origin.journaled.path, folder / "revocations.journal"))
        source = origin.folder / "certgate.db"
        database = Database(f"sqlite:///{shutil.copy(source, folder / 'present.db')}")
        present = origin.journaled.on(database, path=path)
        past_file = folder / "past.db"
        states = ["good"] * CERTIFICATES
        for place, (kind, index, dies) in enumerate([*acts, ("", 0, False)]):
            if place == copied_after:
                database.dispose()
                shutil.copy(folder / "present.db", past_file)
            if kind and act(present, kind, origin.issued[index].serial_number, dies=dies):
                states[index] = {"revoke": "revoked", "hold": "held", "release": "good"}[kind]
        database.dispose()

        past = Database(f"sqlite:///{past_file}")
        back = present.on(past, path=path)
        settled = back.settle()

        assert settled.standing == "known"
        for state, issued in zip(states, origin.issued, strict=True):
            if state != "good":
                assert not verifies(back, issued)
        # It is settled: comparing again finds nothing, and acts go on.
        assert back.settle().reconciled.count == 0
        for issued in origin.issued:
            act(back, "revoke", issued.serial_number, dies=False)
            assert not verifies(back, issued)
        past.dispose()
