"""A backup taken while others write brings the same house back (issue: backup and restore)."""

import json
import stat
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import select
from starlette.testclient import TestClient

from ca.errors import PassphraseUnavailable
from ca.models import AuthorityRecord
from foundation.audit import AuditEntry, verify_chain
from foundation.errors import Conflict, Failure
from foundation.settings import Settings
from gateway.backup import MadeBackup, make_backup, restore_backup
from gateway.backup.archive import describe
from gateway.composition.ground import lay_ground
from gateway.composition.house import build_house
from gateway.composition.initialisation import ensure_initialised, initialise
from gateway.composition.occupancy import occupied
from tests.support.answers import code_of
from tests.support.bureau import NEW_PASSWORD, OPERATOR, Bureau
from tests.support.ports import free_ports
from tests.support.server import Server, running_server

OpenHouse = Callable[[Path], Bureau]


@pytest.fixture
def new_home(
    database_kind: str,
    tmp_path: Path,
    postgresql_databases: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder that is not there yet, and on PostgreSQL an empty database for it."""
    if database_kind == "postgresql":
        monkeypatch.setenv("CERTGATE_DATABASE_URL", postgresql_databases("template0"))
    return tmp_path / "restored"


@pytest.fixture
def open_house(bureau: Bureau, request: pytest.FixtureRequest) -> OpenHouse:
    def open_it(folder: Path) -> Bureau:
        ground = lay_ground(Settings.load(folder), clock=bureau.clock)
        request.addfinalizer(ground.database.dispose)
        ensure_initialised(ground, OPERATOR)
        house = build_house(ground)
        return Bureau(house, bureau.clock)

    return open_it


def data_of(bureau: Bureau) -> Path:
    return bureau.house.ground.settings.data


def back_up(bureau: Bureau, name: str = "backup.tar") -> MadeBackup:
    file = data_of(bureau).with_name(name)
    return make_backup(bureau.house.ground, file, OPERATOR)


def give_passphrase(bureau: Bureau, home: Path) -> None:
    (home / "keys").mkdir(parents=True, exist_ok=True)
    passphrase = (data_of(bureau) / "keys" / "passphrase").read_bytes()
    (home / "keys" / "passphrase").write_bytes(passphrase)
    (home / "keys" / "passphrase").chmod(0o600)


def crl_number(bureau: Bureau) -> int:
    crl = x509.load_der_x509_crl(TestClient(bureau.pki).get("/crl/issuing.crl").content)
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def test_a_restored_house_goes_on_where_the_backup_was_taken(
    bureau: Bureau, new_home: Path, open_house: OpenHouse
) -> None:
    """The same slips and passwords, the same revocations, numbers that only grow."""
    used, unused = bureau.register_unit(), bureau.register_officer("li.hong", "auditor")
    chain = bureau.pick_up(used)
    inside = bureau.visitor(chain)
    inside.log_in(used.username, used.initial_password)
    assert inside.reset(used.initial_password).status_code == 204
    lost = bureau.register_officer("zhao.qiang", "auditor")
    lost_chain = bureau.pick_up(lost)
    with bureau.house.database.writing() as session:
        bureau.house.revocation.revoke(session, lost.serial_number, "keyCompromise", OPERATOR)
    made = back_up(bureau)
    bureau.clock.advance(minutes=10)
    give_passphrase(bureau, new_home)

    restored = restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)
    again = open_house(new_home)

    assert restored.has_passphrase
    assert restored.audit_entries == made.manifest.database.audit_sequence
    visitor = again.visitor(chain)
    assert visitor.log_in(used.username, NEW_PASSWORD).status_code == 201
    assert again.arrive(unused).get("/api/v1/session").status_code == 200
    refused = again.visitor(lost_chain).log_in(lost.username, lost.initial_password)
    assert code_of(refused) == "certificate-revoked"
    with again.house.database.reading() as session:
        assert verify_chain(session) > restored.audit_entries
    before = crl_number(bureau)
    assert crl_number(again) > before + timedelta(minutes=10).total_seconds()
    with again.house.database.writing() as session:
        again.house.revocation.revoke(session, used.serial_number, "superseded", OPERATOR)
    assert crl_number(again) > before + timedelta(minutes=10).total_seconds() + 1


def test_sessions_of_the_backup_do_not_live_again(
    bureau: Bureau, new_home: Path, open_house: OpenHouse
) -> None:
    slip = bureau.register_unit()
    chain = bureau.pick_up(slip)
    inside = bureau.visitor(chain)
    inside.log_in(slip.username, slip.initial_password)
    inside.reset(slip.initial_password)
    made = back_up(bureau)
    give_passphrase(bureau, new_home)
    restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)

    visitor = open_house(new_home).visitor(chain)
    visitor.cookies.update(inside.cookies)

    assert inside.get("/api/v1/session").status_code == 200
    assert visitor.get("/api/v1/session").status_code == 401


def test_a_backup_under_writing_shows_one_moment(
    bureau: Bureau, new_home: Path, open_house: OpenHouse
) -> None:
    stop, written = threading.Event(), threading.Semaphore(0)

    def write() -> None:
        while not stop.is_set():
            with bureau.house.database.writing() as session:
                bureau.house.ground.audit.record(
                    session, "pebble.dropped", by=OPERATOR, subject="pebble:1"
                )
            written.release()

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(20):
            written.acquire()
        made = [back_up(bureau, f"{number}.tar") for number in range(3)]
        for _ in range(20):
            written.acquire()
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    give_passphrase(bureau, new_home)

    restored = restore_backup(made[-1].file, new_home, OPERATOR, clock=bureau.clock)

    facts = made[-1].manifest.database
    assert restored.audit_entries == facts.audit_sequence
    assert facts.audit_sequence > made[0].manifest.database.audit_sequence
    with open_house(new_home).house.database.reading() as session:
        entry = session.get_one(AuditEntry, facts.audit_sequence)
        assert entry.entry_hash == facts.audit_hash


def test_archive_and_restored_files_are_their_owners_only(bureau: Bureau, new_home: Path) -> None:
    (data_of(bureau) / "certgate.toml").write_text('timezone = "Asia/Urumqi"\n')
    made = back_up(bureau)
    restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)

    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(new_home.stat().st_mode) == 0o700
    for path in new_home.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert Settings.load(new_home).timezone == "Asia/Urumqi"
    assert not list(new_home.glob(".restore-*"))


def test_neither_passphrase_nor_open_key_is_in_the_archive(bureau: Bureau) -> None:
    octets = back_up(bureau).file.read_bytes()

    assert (data_of(bureau) / "keys" / "passphrase").read_bytes().strip() not in octets
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in octets
    assert b"BEGIN PRIVATE KEY" not in octets


def test_a_key_that_lies_open_is_not_copied(bureau: Bureau) -> None:
    key = next((data_of(bureau) / "keys").glob("issuing-*.pem"))
    key.write_text("-----BEGIN PRIVATE KEY-----\n")

    with pytest.raises(Failure) as refused:
        back_up(bureau)

    assert refused.value.code == "backup-key-not-encrypted"
    assert [path.name for path in key.parents[2].glob("*backup*")] == []


def test_a_backup_replaces_no_file_and_is_recorded(bureau: Bureau) -> None:
    made = back_up(bureau)
    with bureau.house.database.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
        assert entry is not None
        assert (entry.action, entry.subject) == ("backup.made", "backup:backup.tar")
        assert json.loads(entry.facts)["sha256"] == made.sha256

    with pytest.raises(Conflict) as refused:
        back_up(bureau)

    assert refused.value.code == "backup-exists"
    assert [path.name for path in made.file.parent.glob("*backup*")] == ["backup.tar"]


def test_a_file_system_without_links_takes_a_backup_too(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    made = back_up(bureau)

    assert describe(made.file).sha256 == made.sha256
    assert [path.name for path in made.file.parent.glob("*backup*")] == ["backup.tar"]


def test_without_the_passphrase_it_says_so_and_makes_no_other(
    bureau: Bureau, new_home: Path, open_house: OpenHouse
) -> None:
    made = back_up(bureau)
    restored = restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)
    assert not restored.has_passphrase

    with pytest.raises(PassphraseUnavailable):
        open_house(new_home)

    assert not restored.passphrase_file.exists()
    give_passphrase(bureau, new_home)
    assert open_house(new_home).house.certification.root_der() == (
        bureau.house.certification.root_der()
    )


def test_another_passphrase_is_refused_before_anything_is_there(
    bureau: Bureau, new_home: Path, open_house: OpenHouse
) -> None:
    made = back_up(bureau)
    (new_home / "keys").mkdir(parents=True)
    (new_home / "keys" / "passphrase").write_text("another\n")

    with pytest.raises(Failure) as refused:
        restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)

    assert refused.value.code == "backup-passphrase-wrong"
    assert {path.name for path in new_home.rglob("*")} == {"keys", "passphrase", "certgate.lock"}
    give_passphrase(bureau, new_home)
    restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)
    assert open_house(new_home).house.certification.root_der()


def test_settings_that_lie_ready_are_kept(bureau: Bureau, new_home: Path) -> None:
    (data_of(bureau) / "certgate.toml").write_text('timezone = "Asia/Urumqi"\n')
    made = back_up(bureau)
    new_home.mkdir()
    (new_home / "certgate.toml").write_text("review_delay_seconds = 60\n")

    restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)

    assert (new_home / "certgate.toml").read_text() == "review_delay_seconds = 60\n"


def test_an_installation_is_never_restored_over(bureau: Bureau, new_home: Path) -> None:
    made = back_up(bureau)
    ground = lay_ground(Settings.load(new_home), clock=bureau.clock)
    initialise(ground, OPERATOR)
    with ground.database.reading() as session:
        serial_number = session.get_one(AuthorityRecord, "root").serial_number
    keys = {path: path.read_bytes() for path in (new_home / "keys").iterdir()}

    with pytest.raises(Conflict) as refused:
        restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)

    assert refused.value.code in {"folder-in-use", "database-in-use"}
    assert {path: path.read_bytes() for path in (new_home / "keys").iterdir()} == keys
    with ground.database.reading() as session:
        assert session.get_one(AuthorityRecord, "root").serial_number == serial_number
    ground.database.dispose()


def test_what_is_left_of_an_installation_is_not_mixed_with_another(
    bureau: Bureau, new_home: Path
) -> None:
    """A log beside a database that is not its own would be played into it."""
    left = ["keys/root-00.pem", "jobs.db", "jobs.db-wal"]
    if bureau.house.database.is_sqlite:
        left += ["certgate.db", "certgate.db-wal", "certgate.db-journal"]
    made = back_up(bureau)
    (new_home / "keys").mkdir(parents=True)
    for path in map(new_home.joinpath, left):
        path.write_bytes(b"left")

        with pytest.raises(Conflict) as refused:
            restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)

        assert (refused.value.code, refused.value.params) == (
            "folder-in-use",
            {"folder": str(path)},
        )
        assert path.read_bytes() == b"left"
        path.unlink()


def test_a_restore_that_was_cut_short_can_be_repeated(
    bureau: Bureau, new_home: Path, open_house: OpenHouse
) -> None:
    made = back_up(bureau)
    give_passphrase(bureau, new_home)
    for key in (data_of(bureau) / "keys").glob("*.pem"):
        (new_home / "keys" / key.name).write_bytes(key.read_bytes())

    restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)

    assert open_house(new_home).house.certification.root_der()


def test_nothing_is_restored_where_a_server_runs(bureau: Bureau, new_home: Path) -> None:
    made = back_up(bureau)
    with occupied(new_home), occupied(new_home), pytest.raises(Conflict) as refused:
        restore_backup(made.file, new_home, OPERATOR, clock=bureau.clock)

    assert refused.value.code == "folder-occupied"
    with occupied(new_home, alone=True), pytest.raises(Conflict), occupied(new_home):
        pass


def test_the_other_kind_of_database_is_told(
    bureau: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = back_up(bureau)
    other = (
        "postgresql+psycopg://nobody@127.0.0.1:1/none"
        if bureau.house.database.is_sqlite
        else f"sqlite:///{tmp_path / 'other.db'}"
    )
    monkeypatch.setenv("CERTGATE_DATABASE_URL", other)

    with pytest.raises(Conflict) as refused:
        restore_backup(made.file, tmp_path / "restored", OPERATOR, clock=bureau.clock)

    assert refused.value.code == "backup-other-database"


def test_the_commands_back_up_a_running_server_and_bring_it_back(tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar"
    with running_server(tmp_path / "first") as server:
        slip = server.json("officer", "add", "li.hong", "--role", "auditor")
        made = server.json("backup", str(archive))
        server.cli("restore", str(archive), expect=1)

    assert made["file"] == str(archive)
    assert made["passphrase_file"] == str(tmp_path / "first" / "keys" / "passphrase")
    second = Server(tmp_path / "second", server.ports)
    restored = second.json("restore", str(archive))
    assert (restored["audit_sequence"], restored["passphrase_present"]) == (
        made["audit_sequence"],
        False,
    )
    second.cli("certificate", "list", expect=1)
    passphrase = (tmp_path / "first" / "keys" / "passphrase").read_bytes()
    (tmp_path / "second" / "keys" / "passphrase").write_bytes(passphrase)
    (tmp_path / "second" / "keys" / "passphrase").chmod(0o600)
    second.start()
    try:
        assert second.json("audit", "verify")["whole"] is True
        assert second.json("doctor")["well"] is True
        revoked = second.json("revoke", slip["serial_number"], "--reason", "superseded")
        assert revoked["serial_number"] == slip["serial_number"]
        second.cli("restore", str(archive), "--data", str(tmp_path / "second"), expect=1)
    finally:
        second.stop()


def test_a_command_on_nothing_says_so(tmp_path: Path) -> None:
    nothing = Server(tmp_path / "none", free_ports())
    nothing.cli("backup", str(tmp_path / "backup.tar"), expect=1)
    nothing.cli("restore", str(tmp_path / "missing.tar"), expect=1)
    assert not (tmp_path / "backup.tar").exists()
