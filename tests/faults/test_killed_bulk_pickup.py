"""SIGKILL in the middle of a manifest: the same again, and nobody has two (issue 3)."""

from pathlib import Path

import pytest
from sqlalchemy import select

from ca.keys import generate_key
from ca.keys.reading import write_public_key
from enrollment.models import Slip
from foundation.database import Database
from tests.faults.issuance_worker import OWN_KEYS
from tests.faults.test_killed_issuance import kill, nothing_is_wrong, run
from tests.support.enrolling import open_counter

pytestmark = pytest.mark.slow

USERNAMES = ("li.wei", "wang.fang", "zhang.min")


@pytest.mark.parametrize("place", ["after commit 1", "after signature 2", "before handing out 2"])
def test_killed_and_repeated(
    database: Database, database_url: str, tmp_path: Path, place: str
) -> None:
    counter = open_counter(database, tmp_path)
    (tmp_path / OWN_KEYS).mkdir()
    for username in USERNAMES:
        counter.appoint(username)
        key = write_public_key(generate_key("ecdsa-p256").public_key())
        (tmp_path / OWN_KEYS / f"{username}.der").write_bytes(key)

    kill("slips", database_url, tmp_path, place)
    run("slips", database_url, tmp_path)
    run("slips", database_url, tmp_path)

    nothing_is_wrong(database, tmp_path)
    with database.reading() as session:
        slips = list(session.scalars(select(Slip)))
    assert [slip.pickup_count for slip in slips] == [1] * len(USERNAMES)
    assert {counter.certificate_state(slip.serial_number) for slip in slips} == {"good"}
    assert counter.actions("pickup.") == ["pickup.redeemed"] * len(USERNAMES)
