"""A node whose keys folder is mounted read-only (issue item 3)."""

import errno
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ca.key_types import CaPrivateKey
from ca.keys import EncryptedFileKeys, KeyAlgorithm
from ca.models import CertificateRecord
from ca.profiles.lifetimes import DEFAULT_LIFETIMES, Lifetimes
from foundation.database import Database
from tests.support.certification import OPERATOR, SERVER_NAMES, make_certification, make_store

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No new key can be kept, as EROFS says of a mount (root passes over permissions)."""

    def refuse(keys: EncryptedFileKeys, name: str, algorithm: KeyAlgorithm) -> CaPrivateKey:
        raise OSError(errno.EROFS, "Read-only file system", name)

    monkeypatch.setattr(EncryptedFileKeys, "create", refuse)


def test_it_serves_on_with_credentials_that_are_due_until_new_ones_are_brought(
    database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    lifetimes = Lifetimes({"server": DEFAULT_LIFETIMES["ocsp"]})
    made = make_certification(database, tmp_path, lifetimes=lifetimes)
    request.getfixturevalue("read_only")
    before = made.hierarchy.server.certificate, made.hierarchy.ocsp_signers
    made.clock.set(before[0].not_valid_after_utc - timedelta(days=1))
    store = make_store(database, tmp_path, clock=made.clock, lifetimes=lifetimes)

    hierarchy = store.load(SERVER_NAMES, OPERATOR)

    assert hierarchy.server.certificate == before[0]
    assert {name: signer.certificate for name, signer in hierarchy.ocsp_signers.items()} == {
        name: signer.certificate for name, signer in before[1].items()
    }
    with database.reading() as session:
        # What was reserved for the attempt is given up and does not lie about.
        query = select(func.count()).where(CertificateRecord.state == "reserved")
        assert session.scalar(query) == 0


def test_it_does_not_start_with_credentials_that_have_ended(
    database: Database, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made = make_certification(database, tmp_path)
    request.getfixturevalue("read_only")
    made.clock.set(made.hierarchy.server.certificate.not_valid_after_utc + timedelta(days=1))

    with pytest.raises(OSError, match="Read-only"):
        make_store(database, tmp_path, clock=made.clock).load(SERVER_NAMES, OPERATOR)
