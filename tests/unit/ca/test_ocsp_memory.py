"""What of the answers is remembered, and when it is believed."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from ca.authorities import OcspSigner
from ca.ocsp.answers import Answer, AnswerMemory, Remembered
from ca.ocsp.status import CertificateStatus, Standing

NOON = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SIGNER = cast(OcspSigner, object())
ANOTHER = cast(OcspSigner, object())


def _remembered(epoch: int = 1) -> Remembered:
    standing = Standing(epoch, CertificateStatus("good"))
    answer = Answer(b"answer", NOON, NOON + 4 * MINUTE, is_shared=True)
    return Remembered(standing, answer, SIGNER, NOON + 2 * MINUTE)


def test_only_in_its_epoch() -> None:
    memory = AnswerMemory(10)
    memory.keep(b"id", _remembered(epoch=5))
    assert memory.find(b"id", 5) is not None
    # A restored database may have an earlier one.
    assert memory.find(b"id", 4) is None
    assert memory.find(b"id", 6) is None
    assert memory.find(b"another", 5) is None


def test_whoever_was_asked_about_longest_ago_is_forgotten() -> None:
    memory = AnswerMemory(3)
    for name in (b"a", b"b", b"c"):
        memory.keep(name, _remembered())
    assert memory.find(b"a", 1) is not None
    memory.keep(b"d", _remembered())
    assert len(memory) == 3
    assert memory.find(b"b", 1) is None
    assert all(memory.find(name, 1) is not None for name in (b"a", b"c", b"d"))


def test_memory_stays_bounded_whatever_is_asked() -> None:
    memory = AnswerMemory(50)
    for number in range(1_000):
        memory.keep(number.to_bytes(4, "big"), _remembered())
    assert len(memory) == 50


@pytest.mark.parametrize(
    ("now", "is_given"),
    [
        (NOON - timedelta(microseconds=1), False),  # the clock was set back
        (NOON, True),
        (NOON + 2 * MINUTE - timedelta(microseconds=1), True),
        (NOON + 2 * MINUTE, False),
        (NOON + 5 * MINUTE, False),
    ],
)
def test_in_the_first_half_of_its_life(now: datetime, is_given: bool) -> None:
    assert (_remembered().answer_at(now, SIGNER) is not None) == is_given


def test_only_under_the_signer_that_signed_it() -> None:
    assert _remembered().answer_at(NOON, ANOTHER) is None


def test_a_standing_alone_is_no_answer() -> None:
    standing = Standing(1, CertificateStatus("good"))
    assert Remembered(standing).answer_at(NOON, SIGNER) is None
