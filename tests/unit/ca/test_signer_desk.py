"""The signer's desk by itself: what it bounds, and what it writes down."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ca.signer.desk import SigningRates
from ca.signer.log import SignatureLog
from ca.signer.messages import CreateKey, FindKey, SignCertificate, SignCrl, SignOcsp
from foundation.audit import Actor, AuditEntry
from foundation.database import Database
from tests.support.clock import FakeClock
from tests.support.signer import make_signer

GATEWAY = Actor("gateway", "uid:1000")


def test_keys_are_made_at_a_bounded_rate(tmp_path: Path) -> None:
    clock = FakeClock()
    desk = make_signer(tmp_path / "signer", clock, rates=SigningRates(keys_per_day=1)).desk
    first, second = (CreateKey(key=f"issuing-0{n}", algorithm="ecdsa-p256") for n in "ab")
    assert desk.answer(first, b"", GATEWAY)[0].verdict == "done"
    assert desk.answer(second, b"", GATEWAY)[0].verdict == "busy"
    assert desk.answer(FindKey(key=second.key), b"", GATEWAY)[0].verdict == "not_held"
    clock.advance(timedelta(days=1))
    assert desk.answer(second, b"", GATEWAY)[0].verdict == "done"


@pytest.mark.parametrize(
    "request_to_sign",
    [
        SignCrl(key="issuing-0a"),
        SignOcsp(key="ocsp-0a"),
        SignCertificate(
            key="issuing-0a", serial_number="41", profile="unit", issuer="issuing", server_names=()
        ),
    ],
)
def test_a_key_that_is_not_held_signs_nothing(
    tmp_path: Path, request_to_sign: SignCrl | SignOcsp | SignCertificate
) -> None:
    desk = make_signer(tmp_path / "signer", FakeClock()).desk
    answer, octets = desk.answer(request_to_sign, b"\x30\x00", GATEWAY)
    assert (answer.verdict, octets) == ("not_held", b"")


def test_answers_of_ocsp_are_counted_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "signer.db"
    log = SignatureLog(path, FakeClock())
    for _ in range(3):
        log.count_answer(GATEWAY)
    log.write_count(GATEWAY)
    log.close()
    database = Database(f"sqlite:///{path}")
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry.facts)).all()
    database.dispose()
    assert [json.loads(facts)["answers"] for facts in entries] == [3]
