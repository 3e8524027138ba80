"""Facts of any language and any size go through both databases unharmed."""

import json

import pytest

from foundation.audit import Actor, AuditEntry, AuditLog, verify_chain
from foundation.database import Database
from tests.support.clock import FakeClock

TEXTS = {
    "chinese": "武汉长江贸易有限公司",
    "rare han beyond the basic plane": "𠮷𡈽𠀋",
    "combining marks": "é vs é",
    "right to left": "مرحبا",
    "line ends": "one\r\ntwo\nthree",
    "quotes and backslashes": "'; DROP TABLE audit_entries; -- \\ \" %s :name",
    "control characters": "\x00\x01\x7f",
    "long": "长" * 20_000,
    "empty": "",
}


@pytest.mark.parametrize("value", TEXTS.values(), ids=TEXTS.keys())
def test_a_fact_comes_back_as_it_was(database: Database, value: str) -> None:
    with database.writing() as session:
        AuditLog(FakeClock()).record(
            session, "test.done", by=Actor.system(), subject="test:1", text=value, texts=[value]
        )

    with database.reading() as session:
        assert verify_chain(session) == 1
        facts = session.get_one(AuditEntry, 1).facts
    assert json.loads(facts) == {"text": value, "texts": [value]}
