"""A disk without room: what is refused is refused whole and clearly, and goes on with room.

The server's own disk (SQLite, journal of revocations) and PostgreSQL's. The
latter's write-ahead log stays on another disk: without room for that PostgreSQL
stops itself, which is the crash of tests/faults/test_installation.py.
"""

import json
import shutil
from pathlib import Path
from urllib.error import HTTPError

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from foundation.database import Database
from foundation.database.failures import find_unavailability
from tests.support.downloads import certificate_of, pick_up, sample_slips
from tests.support.ports import free_ports
from tests.support.postgresql import Cluster
from tests.support.server import Server
from tests.support.small_disk import fill, make_room, small_disk

pytestmark = pytest.mark.slow


def test_a_server_on_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 24) as disk:
        server = Server(disk / "data", free_ports())
        server.start("--demo")
        try:
            kept, refused = sample_slips(server)[:2]
            before = certificate_of(server, kept)
            fill(disk)

            with pytest.raises(HTTPError) as answer:
                pick_up(server, refused)
            assert answer.value.code == 503
            assert int(answer.value.headers["retry-after"]) > 0
            assert json.load(answer.value)["type"].endswith("/database-unavailable")
            number = kept["serial_number"]
            server.cli("revoke", number, "--reason", "keyCompromise", expect=1)
            assert state_of(server, number) == "good"

            make_room(disk)
            assert certificate_of(server, kept) == before
            assert pick_up(server, refused)
            revoke_again(server, number)
            assert state_of(server, number) == "revoked"
            assert server.json("audit", "verify")["whole"] is True
            # Its line may be in the journal from before (decision 14): revoked again is enough.
            assert server.json("doctor")["well"] is True
        finally:
            server.kill()


def state_of(server: Server, serial_number: str) -> str:
    return str(server.json("certificate", "show", serial_number)["state"])


def revoke_again(server: Server, serial_number: str) -> None:
    """Revoke what was refused before, unless the server has: it reads its journal each minute."""
    try:
        server.cli("revoke", serial_number, "--reason", "keyCompromise")
    except AssertionError:
        assert state_of(server, serial_number) == "revoked"


@pytest.mark.postgres
def test_a_postgresql_without_room_is_told_as_unavailable(
    postgresql_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = postgresql_cluster.url("postgres")
    administrator = create_engine(url, isolation_level="AUTOCOMMIT")
    # Beside the server's own folder, which its account may enter.
    place = Path(administrator.url.query["host"]) / "small"  # type: ignore[arg-type]
    with small_disk(place, 12) as disk:
        table_space = disk / "space"
        table_space.mkdir()
        account = place.parent.owner()
        shutil.chown(table_space, account)
        with administrator.connect() as connection:
            connection.execute(text(f"CREATE TABLESPACE small LOCATION '{table_space}'"))
            connection.execute(text("CREATE TABLE acts (act text) TABLESPACE small"))
        database = Database(url)
        try:
            write(database, 1)
            fill(disk)
            with pytest.raises(OperationalError) as full:
                write(database, 1_000)
            failure = find_unavailability(full.value)
            assert failure is not None
            assert failure.code == "database-unavailable"

            make_room(disk)
            write(database, 1_000)
            with database.reading() as session:
                assert session.scalar(text("SELECT count(*) FROM acts")) == 1_001
        finally:
            database.dispose()
            with administrator.connect() as connection:
                connection.execute(text("DROP TABLE acts"))
                connection.execute(text("DROP TABLESPACE small"))
            administrator.dispose()


def write(database: Database, count: int) -> None:
    with database.writing() as session:
        insert = text("INSERT INTO acts SELECT repeat('x', 1000) FROM generate_series(1, :count)")
        session.execute(insert, {"count": count})
