"""The hash of an entry: what it covers, and that nobody can shift text between fields."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditEntry, AuditLog, verify_chain
from foundation.audit.chain import (
    GENESIS_HASH,
    EntryText,
    hash_document,
    hash_entry,
    hash_text,
)
from foundation.audit.draft import Fact
from foundation.audit.facts import write_facts
from tests.support.clock import FakeClock

FIELDS: dict[str, Any] = {
    "sequence": 7,
    "at": datetime(2027, 1, 4, 9, 0, 0, 1500, tzinfo=UTC),
    "actor": "operator",
    "address": "192.0.2.1",
    "request_id": "request-7",
    "action": "slip.issued",
    "subject": "unit:wh000123",
    "outcome": "done",
    "facts": '{"name": "武汉长江贸易有限公司"}',
    "previous_hash": GENESIS_HASH,
}

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
FACTS: st.SearchStrategy[dict[str, Fact]] = st.dictionaries(
    st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True).filter(
        lambda name: name not in {"session", "action", "by", "subject", "outcome", "self"}
    ),
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, st.lists(TEXTS, max_size=4)),
    max_size=6,
)


def test_the_hash_is_that_of_the_documented_canonical_text() -> None:
    """Another program, knowing the documentation only, computes the same."""
    canonical = json.dumps(
        {**FIELDS, "at": "2027-01-04T09:00:00.001500Z"},
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )

    assert hash_entry(AuditEntry(**FIELDS)) == hashlib.sha256(canonical.encode()).hexdigest()


def test_the_same_moment_in_another_zone_has_the_same_hash() -> None:
    shanghai = FIELDS["at"].astimezone(timezone(timedelta(hours=8)))

    assert hash_entry(AuditEntry(**{**FIELDS, "at": shanghai})) == hash_entry(AuditEntry(**FIELDS))


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_covered(field: str) -> None:
    value = FIELDS[field]
    change = {int: lambda: value + 1, datetime: lambda: value + timedelta(microseconds=1)}
    changed = change.get(type(value), lambda: f"{value} ")()

    assert hash_entry(AuditEntry(**{**FIELDS, field: changed})) != hash_entry(AuditEntry(**FIELDS))


@given(st.lists(TEXTS, min_size=2, max_size=2, unique=True))
def test_different_texts_have_different_hashes(texts: list[str]) -> None:
    hashes = {hash_entry(AuditEntry(**{**FIELDS, "subject": text})) for text in texts}

    assert len(hashes) == 2


@given(TEXTS, TEXTS)
def test_text_cannot_be_shifted_from_one_field_to_the_next(one: str, other: str) -> None:
    together = AuditEntry(**{**FIELDS, "action": one + other, "subject": ""})
    apart = AuditEntry(**{**FIELDS, "action": one, "subject": other})

    assert (hash_entry(together) == hash_entry(apart)) == (other == "")


@given(st.lists(FACTS, min_size=1, max_size=5))
def test_whatever_the_facts_the_chain_verifies_and_they_come_back(
    given_facts: list[dict[str, Fact]],
) -> None:
    engine = create_engine("sqlite://")
    AuditEntry.__table__.create(engine)  # type: ignore[attr-defined]
    audit = AuditLog(FakeClock())
    with Session(engine) as session:
        for facts in given_facts:
            audit.record(
                session, "test.done", by=Actor.system(), subject="test:1", outcome="done", **facts
            )
        session.commit()
        session.expunge_all()
        assert verify_chain(session) == len(given_facts)
        kept = session.scalars(select(AuditEntry.facts).order_by(AuditEntry.sequence))
        assert [json.loads(facts) for facts in kept] == given_facts
    engine.dispose()


_WRITTEN: st.SearchStrategy[EntryText] = st.builds(
    EntryText,
    *(
        {"address": st.none() | TEXTS, "request_id": st.none() | TEXTS}.get(
            name, st.integers() if name == "sequence" else TEXTS
        )
        for name in EntryText._fields
    ),
)


@given(_WRITTEN)
def test_who_writes_entries_computes_the_hash_that_verifiers_compute(entry: EntryText) -> None:
    assert hash_text(entry) == hash_document(entry._asdict())


@given(FACTS)
def test_facts_are_written_as_sorted_json(facts: dict[str, Fact]) -> None:
    assert write_facts(facts) == json.dumps(facts, sort_keys=True, ensure_ascii=False)
