"""SIGKILL at every step of an issuance (issue 3, part 1): nothing held is unknown, no number twice.

A worker process dies exactly at the place it is told. Then another one starts
and reconciles, as the server does.
"""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from ca.models import CertificateRecord
from ca.serial_numbers import serial_number_of
from foundation.audit import AuditEntry, verify_chain
from foundation.database import Database
from tests.faults.issuance_worker import (
    BATCH,
    HANDED_OUT,
    NOWHERE,
    SIGNED,
    WORKS,
    Places,
    issuance_in,
)
from tests.support.certification import make_certification

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

ONE = [
    "before commit 1", "after commit 1",  # 1. reserve
    "before commit 2", "after commit 2",  # 4. intend
    "before signature 1", "after signature 1",  # 5. sign, 6. compare
    "before commit 3", "after commit 3",  # 7. store
    "before handing out 1",  # 8. hand out
]  # fmt: skip
BATCHES = [
    "before commit 1", "after commit 1",
    "before signature 1", "after signature 1", f"after signature {BATCH}",
    "before commit 2", "after commit 2",
    "before handing out 1", "before handing out 2",
]  # fmt: skip
# Intents of two batches come first, then a batch is stored for each that is intended.
SEVERAL_BATCHES = ["after commit 2", "before commit 3", "after commit 5"]
# However the requests come, there are two commits at least: of intents, and of results.
TOGETHER = [
    "before commit 1", "after commit 1",
    "before signature 1", "after signature 2",
    "before commit 2", "after commit 2",
    "before handing out 1",
]  # fmt: skip
RECONCILING = [
    "before signature 1", "after signature 1", "before commit 1", "after commit 1",
    "after signature 3",
]  # fmt: skip


@pytest.fixture
def folder(database: Database, tmp_path: Path) -> Path:
    """Where the keys of a fresh CA lie."""
    make_certification(database, tmp_path)
    return tmp_path


@pytest.mark.parametrize("place", ONE)
def test_killed_while_issuing_one(
    database: Database, database_url: str, folder: Path, place: str
) -> None:
    kill("one", database_url, folder, place)
    run("reconcile", database_url, folder)
    nothing_is_wrong(database, folder)
    run("one", database_url, folder)
    nothing_is_wrong(database, folder)


@pytest.mark.parametrize("place", BATCHES)
def test_killed_while_issuing_a_batch(
    database: Database, database_url: str, folder: Path, place: str
) -> None:
    kill("batch", database_url, folder, place)
    run("reconcile", database_url, folder)
    nothing_is_wrong(database, folder)
    intended = BATCH if place != "before commit 1" else 0
    assert count_good(database) == intended
    run("batch", database_url, folder)
    nothing_is_wrong(database, folder)
    assert count_good(database) == intended + BATCH


@pytest.mark.parametrize("place", SEVERAL_BATCHES)
def test_killed_while_several_batches_are_begun(
    database: Database, database_url: str, folder: Path, place: str
) -> None:
    kill("batches", database_url, folder, place)
    run("reconcile", database_url, folder)
    nothing_is_wrong(database, folder)
    intended = count_good(database)
    assert intended >= BATCH
    run("batches", database_url, folder)
    nothing_is_wrong(database, folder)
    assert count_good(database) == intended + 2 * BATCH


@pytest.mark.parametrize("place", TOGETHER)
def test_killed_while_several_share_their_commits(
    database: Database, database_url: str, folder: Path, place: str
) -> None:
    kill("together", database_url, folder, place)
    run("reconcile", database_url, folder)
    nothing_is_wrong(database, folder)
    intended = count_good(database)
    run("together", database_url, folder)
    nothing_is_wrong(database, folder)
    assert count_good(database) == intended + BATCH


@pytest.mark.parametrize("place", RECONCILING)
def test_killed_while_reconciling(
    database: Database, database_url: str, folder: Path, place: str
) -> None:
    kill("batch", database_url, folder, "after signature 2")
    kill("reconcile", database_url, folder, place)
    run("reconcile", database_url, folder)
    nothing_is_wrong(database, folder)
    assert count_good(database) == BATCH


def test_the_worker_comes_to_every_place(
    database: Database, database_url: str, folder: Path
) -> None:
    run("one", database_url, folder)
    run("batch", database_url, folder)
    assert len(certificates_in(folder / HANDED_OUT)) == 1 + BATCH
    nothing_is_wrong(database, folder)


def kill(work: str, url: str, folder: Path, place: str) -> None:
    """Run the worker until it dies at `place`, and nowhere else."""
    command = [sys.executable, "-m", "tests.faults.issuance_worker", work, url, str(folder), place]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def run(work: str, url: str, folder: Path) -> None:
    """Do the same to its end, in this process: a start after the kill."""
    places = Places(NOWHERE)
    issuance, database = issuance_in(url, folder, places)
    try:
        WORKS[work](issuance, database, places, folder)
    finally:
        database.dispose()


def nothing_is_wrong(database: Database, folder: Path) -> None:
    """Hold the table against every signature ever made, and the audit log against the table."""
    signed, held = certificates_in(folder / SIGNED), certificates_in(folder / HANDED_OUT)
    with database.reading() as session:
        rows = {row.serial_number: row for row in session.scalars(select(CertificateRecord))}
        entries = list(session.scalars(select(AuditEntry)))
        verify_chain(session)
    # No certificate that anybody holds is unknown, and each is the one in the table.
    for certificate in held:
        row = rows[serial_number_of(certificate.serial_number)]
        assert (row.state, row.der) == ("good", certificate.public_bytes(Encoding.DER))
    # Not even a signature that was lost: one number stands for one content, for ever.
    for certificate in signed:
        row = rows[serial_number_of(certificate.serial_number)]
        assert row.tbs == certificate.tbs_certificate_bytes
        assert row.state == "good"
    # Nothing is left half-way.
    assert [row.serial_number for row in rows.values() if row.state == "prepared"] == []
    issued = Counter(entry.subject for entry in entries if entry.action == "certificate.issued")
    good = [row for row in rows.values() if row.state == "good" and row.subscriber is not None]
    assert {f"certificate:{row.serial_number}" for row in good} <= issued.keys()
    assert set(issued.values()) <= {1}
    assert len({row.fingerprint_sha256 for row in good}) == len(good)


def count_good(database: Database) -> int:
    with database.reading() as session:
        query = select(CertificateRecord).where(CertificateRecord.profile == "person")
        return len([row for row in session.scalars(query) if row.state == "good"])


def certificates_in(file: Path) -> list[x509.Certificate]:
    lines = file.read_text().split() if file.exists() else []
    return [x509.load_der_x509_certificate(bytes.fromhex(line)) for line in lines]
