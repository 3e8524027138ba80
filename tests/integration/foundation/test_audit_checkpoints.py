"""Signed checkpoints show what a hash chain cannot: a log cut short or written anew."""

import io
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from foundation.audit import Actor, AuditDraft, AuditEntry, AuditLog, BrokenChain
from foundation.audit.anchor import Anchor
from foundation.audit.chain import hash_entry
from foundation.audit.checkpoint import Checkpoint, leaf_of, read_checkpoint
from foundation.audit.checkpoint_model import AuditCheckpoint
from foundation.audit.checkpoints import AuditCheckpoints, CheckpointRefused, frontier_at
from foundation.audit.export import ExportUnreadable, export_lines, verify_export, verify_log
from foundation.audit.merkle import root_of
from foundation.audit.note import open_note
from foundation.audit.verification import Verified
from foundation.database import Database
from tests.support.audit_log import cut, drop_triggers
from tests.support.clock import FakeClock
from tests.support.notes import TestNoteSigner

NAME = "bureau.example/audit"
SIGNER = TestNoteSigner(NAME)
KEYS = [SIGNER.verifier_key]


@pytest.fixture
def anchor(tmp_path: Path) -> Anchor:
    """A file on another disk."""
    return Anchor(tmp_path / "anchor")


@pytest.fixture
def checkpoints(database: Database, anchor: Anchor) -> AuditCheckpoints:
    """The checkpoints of a log that is empty yet."""
    return AuditCheckpoints(database=database, clock=FakeClock(), signer=SIGNER, anchor=anchor)


def write(database: Database, count: int, action: str = "pebble.found") -> None:
    with database.writing() as session:
        AuditLog(FakeClock()).record_all(
            session,
            [AuditDraft(action, Actor("li"), f"pebble:{number}") for number in range(count)],
        )


def verify(database: Database, kept: list[Checkpoint] | None = None) -> Verified:
    with database.reading() as session:
        return verify_log(session, KEYS, kept or [])


def exported(database: Database) -> str:
    with database.reading() as session:
        return "".join(export_lines(session))


def first_bad(database: Database, kept: list[Checkpoint]) -> tuple[int, str]:
    """Return what is wrong; the exported log and the database say the same."""
    with pytest.raises(BrokenChain) as here:
        verify(database, kept)
    with pytest.raises(BrokenChain) as there:
        verify_export(io.StringIO(exported(database)), KEYS, kept)
    assert str(here.value) == str(there.value)
    return here.value.sequence, here.value.reason


def test_a_checkpoint_signs_the_tree_over_all_entries(
    database: Database, checkpoints: AuditCheckpoints
) -> None:
    write(database, 7)
    made = checkpoints.make()

    assert made is not None
    note, key = open_note(made.note, KEYS)
    with database.reading() as session:
        hashes = session.scalars(select(AuditEntry.entry_hash).order_by(AuditEntry.sequence))
        root = root_of([leaf_of(entry_hash) for entry_hash in hashes])
    assert read_checkpoint(note) == Checkpoint(NAME, 7, root)
    assert key == SIGNER.verifier_key
    assert verify(database) == Verified(7, 1, 7, 0, ())


def test_each_checkpoint_goes_on_from_the_one_before(
    database: Database, checkpoints: AuditCheckpoints
) -> None:
    sizes = []
    for count in (1, 2, 5, 1, 8):
        write(database, count)
        made = checkpoints.make()
        assert made is not None
        sizes.append(made.size)

    assert sizes == [1, 3, 8, 9, 17]
    assert checkpoints.make() is None
    assert verify(database) == Verified(17, 5, 17, 0, ())
    with database.reading() as session:
        for size in range(18):
            frontier = frontier_at(session, size)
            assert frontier is not None
            assert frontier.size == size
        assert frontier_at(session, 18) is None


def test_an_empty_log_has_no_checkpoint(checkpoints: AuditCheckpoints, anchor: Anchor) -> None:
    assert checkpoints.make() is None
    assert not anchor.path.exists()


def test_entries_after_the_last_checkpoint_are_told_apart(
    database: Database, checkpoints: AuditCheckpoints
) -> None:
    write(database, 3)
    checkpoints.make()
    write(database, 2)
    assert verify(database) == Verified(5, 1, 3, 0, ())


def test_checkpoints_that_were_kept_elsewhere_agree(
    database: Database, checkpoints: AuditCheckpoints, anchor: Anchor
) -> None:
    for _ in range(3):
        write(database, 2)
        checkpoints.make()
    kept = anchor.read(KEYS)

    assert [checkpoint.size for checkpoint in kept] == [2, 4, 6]
    assert verify(database, kept).anchored == 3
    assert verify_export(io.StringIO(exported(database)), KEYS, kept).anchored == 3


def test_a_log_that_was_cut_is_missed_by_a_checkpoint_kept_elsewhere(
    database: Database, checkpoints: AuditCheckpoints, anchor: Anchor
) -> None:
    write(database, 4)
    checkpoints.make()
    write(database, 2)
    checkpoints.make()
    cut(database, after=4)

    assert verify(database).entries == 4
    assert first_bad(database, anchor.read(KEYS)) == (5, "missing: a checkpoint knows more entries")


def test_a_log_that_was_cut_is_missed_by_its_own_checkpoint(
    database: Database, checkpoints: AuditCheckpoints
) -> None:
    write(database, 4)
    checkpoints.make()
    with database.writing() as session:
        drop_triggers(session)
        session.execute(delete(AuditEntry).where(AuditEntry.sequence > 2))

    with pytest.raises(BrokenChain) as broken:
        verify(database)
    assert broken.value.sequence == 3


def rewrite(database: Database, first: int) -> None:
    """Change an entry and give everything from it on fresh, matching hashes."""
    with database.writing() as session:
        drop_triggers(session)
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.sequence >= first).order_by(AuditEntry.sequence)
        ).all()
        entries[0].actor = "somebody else"
        before = entries[0].previous_hash
        for entry in entries:
            entry.previous_hash = before
            entry.entry_hash = before = hash_entry(entry)


def test_a_log_that_was_written_anew_is_of_another_tree(
    database: Database, checkpoints: AuditCheckpoints, anchor: Anchor
) -> None:
    write(database, 6)
    checkpoints.make()
    rewrite(database, 3)

    assert first_bad(database, []) == (6, "its checkpoint is of another log")
    with database.writing() as session:
        session.execute(delete(AuditCheckpoint))
    assert verify(database).entries == 6
    kept = anchor.read(KEYS)
    assert first_bad(database, kept) == (6, "a checkpoint kept elsewhere is of another log")


def test_a_checkpoint_never_takes_back_what_was_signed(
    database: Database, checkpoints: AuditCheckpoints, anchor: Anchor
) -> None:
    """What was written anew below a checkpoint does not get into the tree any more."""
    write(database, 4)
    checkpoints.make()
    write(database, 1)
    rewrite(database, 2)

    checkpoints.make()

    assert first_bad(database, anchor.read(KEYS))[0] == 4


@pytest.mark.parametrize("change", ["removed", "bound to another"])
def test_nothing_is_signed_over_entries_that_do_not_follow(
    database: Database, checkpoints: AuditCheckpoints, change: str
) -> None:
    write(database, 4)
    checkpoints.make()
    write(database, 3)
    with database.writing() as session:
        drop_triggers(session)
        if change == "removed":
            session.execute(delete(AuditEntry).where(AuditEntry.sequence == 6))
        else:
            sixth = update(AuditEntry).where(AuditEntry.sequence == 6)
            session.execute(sixth.values(previous_hash="0" * 64))
    with pytest.raises(BrokenChain) as broken:
        checkpoints.make()
    assert broken.value.sequence == 6


@pytest.mark.parametrize("column", ["frontier", "root_hash", "note"])
def test_nothing_is_signed_on_a_checkpoint_that_was_changed(
    database: Database, checkpoints: AuditCheckpoints, column: str
) -> None:
    write(database, 4)
    made = checkpoints.make()
    assert made is not None
    changed = {
        "frontier": bytes(32),
        "root_hash": bytes(32),
        "note": made.note.replace("\n4\n", "\n3\n"),
    }
    write(database, 1)
    with database.writing() as session:
        drop_triggers(session)
        session.execute(update(AuditCheckpoint).values({column: changed[column]}))
    if column == "root_hash":
        # It stands in the note too, and that is what counts.
        assert checkpoints.make() is not None
        return
    with pytest.raises(CheckpointRefused):
        checkpoints.make()


def test_another_key_does_not_go_on(database: Database, checkpoints: AuditCheckpoints) -> None:
    write(database, 2)
    checkpoints.make()
    write(database, 1)
    other = AuditCheckpoints(
        database=database, clock=FakeClock(), signer=TestNoteSigner(NAME), anchor=None
    )
    with pytest.raises(CheckpointRefused):
        other.make()


def test_a_checkpoint_of_another_key_does_not_hold(
    database: Database, checkpoints: AuditCheckpoints
) -> None:
    write(database, 2)
    checkpoints.make()
    with database.reading() as session, pytest.raises(BrokenChain) as broken:
        verify_log(session, [TestNoteSigner(NAME).verifier_key], [])
    assert broken.value.sequence == 2


def test_after_a_restore_the_log_has_another_origin(
    database: Database, checkpoints: AuditCheckpoints, anchor: Anchor
) -> None:
    write(database, 4)
    checkpoints.make()
    write(database, 3)
    checkpoints.make()
    cut(database, after=4)
    write(database, 1, action="backup.restored")
    write(database, 4)
    made = checkpoints.make()

    assert made is not None
    with database.reading() as session:
        restored = session.get_one(AuditEntry, 5).entry_hash
    assert made.origin == f"{NAME}/{restored[:16]}"
    verified = verify(database, anchor.read(KEYS))
    assert (verified.entries, verified.checkpoints, verified.anchored) == (9, 2, 2)
    assert [(lost.origin, lost.size) for lost in verified.lost] == [(NAME, 7)]


STATEMENTS = ["UPDATE audit_checkpoints SET origin = 'x'", "DELETE FROM audit_checkpoints"]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_refuses_to_change_checkpoints(
    database: Database, checkpoints: AuditCheckpoints, statement: str
) -> None:
    write(database, 1)
    checkpoints.make()
    with pytest.raises(DatabaseError), database.writing() as session:
        session.execute(text(statement))


def test_a_checkpoint_whose_anchor_failed_is_anchored_by_the_next_attempt(
    database: Database, anchor: Anchor, checkpoints: AuditCheckpoints
) -> None:
    write(database, 2)
    anchor.path.mkdir()
    with pytest.raises(OSError, match="directory"):
        checkpoints.make()
    anchor.path.rmdir()

    assert checkpoints.make() is None

    assert [checkpoint.size for checkpoint in anchor.read(KEYS)] == [2]


def test_what_a_crash_left_in_the_anchor_is_passed_over(
    database: Database, anchor: Anchor, checkpoints: AuditCheckpoints
) -> None:
    for _ in range(3):
        write(database, 1)
        checkpoints.make()
        with anchor.path.open("a") as file:
            file.write("\n\n\nbureau.example/audit\n1")
    assert [checkpoint.size for checkpoint in anchor.read(KEYS)] == [1, 2, 3]


def export_with(database: Database, change: tuple[str, str]) -> io.StringIO:
    return io.StringIO(exported(database).replace(*change))


BAD_EXPORTS = [
    ('"pebble:2"', '"pebble:9"'),
    ('"sequence":3', '"sequence":4'),
    ('"request_id":null', '"request_id":0'),
    ('"actor":"li"', '"actor":"\\ud800"'),
    ('"outcome":"done"', '"outcome":"done","extra":1'),
]


@pytest.mark.parametrize("change", BAD_EXPORTS)
def test_a_changed_export_names_the_first_bad_entry(
    database: Database, checkpoints: AuditCheckpoints, change: tuple[str, str]
) -> None:
    write(database, 5)
    checkpoints.make()
    with pytest.raises(BrokenChain):
        verify_export(export_with(database, change), KEYS, [])


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}\n",
        "[]\n",
        '{"format":"certgate-audit","version":2}\n',
        '{"format":"certgate-audit","version":1}\nnot json\n',
        '{"format":"certgate-audit","version":1}\n{"other":1}\n',
        '{"format":"certgate-audit","version":1}\n' + "[" * 100_000 + "\n",
    ],
)
def test_what_is_no_export_is_told(content: str) -> None:
    with pytest.raises(ExportUnreadable):
        verify_export(io.StringIO(content), KEYS, [])
