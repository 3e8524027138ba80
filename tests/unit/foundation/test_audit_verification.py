"""Entries from outside, each by itself in order and out of place in the log (`add_document`)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from foundation.audit.chain import GENESIS_HASH, BrokenChain, hash_document
from foundation.audit.checkpoint import Checkpoint
from foundation.audit.merkle import hash_leaf
from foundation.audit.note import sign_note
from foundation.audit.verification import LogVerification
from tests.support.notes import TestNoteSigner

Document = Mapping[str, str | int | None]


def _document(sequence: int, previous_hash: str) -> dict[str, str | int | None]:
    return {
        "sequence": sequence,
        "at": "2027-01-04T09:00:00.000000Z",
        "actor": "li",
        "address": None,
        "request_id": None,
        "action": "certificate.revoked",
        "subject": "certificate:41",
        "outcome": "done",
        "facts": "{}",
        "previous_hash": previous_hash,
    }


FIRST = _document(1, GENESIS_HASH)
AFTER_FIRST = hash_document(FIRST)


SIGNER = TestNoteSigner("certgate.test")


def _log() -> LogVerification:
    log = LogVerification([SIGNER.verifier_key], ())
    log.add_document(FIRST, AFTER_FIRST)
    return log


def _refusal_of(document: object, entry_hash: object) -> BrokenChain:
    with pytest.raises(BrokenChain) as broken:
        _log().add_document(document, entry_hash)
    return broken.value


def test_an_entry_in_its_place_is_taken() -> None:
    log, second = _log(), _document(2, AFTER_FIRST)
    log.add_document(second, hash_document(second))
    assert log.finish().entries == 2


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"sequence": 3}, "missing"),
        ({"previous_hash": "0" * 64}, "does not follow the entry before it"),
        ({"previous_hash": None}, "cannot be read"),
        ({"sequence": "2"}, "cannot be read"),
        ({"sequence": True}, "cannot be read"),
        ({"more": "x"}, "cannot be read"),
    ],
)
def test_an_entry_out_of_place_is_refused_though_its_own_hash_is_right(
    changed: Document, reason: str
) -> None:
    document = {**_document(2, AFTER_FIRST), **changed}
    refused = _refusal_of(document, hash_document(document))
    assert (refused.sequence, refused.reason) == (2, reason)


@pytest.mark.parametrize("document", [None, [], "x", {}])
def test_what_is_no_entry_is_refused(document: object) -> None:
    assert _refusal_of(document, "0" * 64).reason == "cannot be read"


@pytest.mark.parametrize("entry_hash", ["0" * 64, None, 1])
def test_an_entry_with_another_hash_was_changed(entry_hash: object) -> None:
    assert _refusal_of(_document(2, AFTER_FIRST), entry_hash).reason == "was changed"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"size": 2}, "its checkpoint is of another log"),
        ({"root_hash": bytes(32)}, "its checkpoint is of another log"),
        ({"origin": "certgate.test/0123456789abcdef"}, "its checkpoint has another origin"),
    ],
)
def test_a_checkpoint_says_what_the_log_says_here(changed: dict[str, Any], reason: str) -> None:
    """Each of the three by itself is under a good signature."""
    right = Checkpoint("certgate.test", 1, hash_leaf(bytes.fromhex(AFTER_FIRST)))
    log = _log()
    log.add_checkpoint(sign_note(right.text(), SIGNER))
    with pytest.raises(BrokenChain) as broken:
        log.add_checkpoint(sign_note(replace(right, **changed).text(), SIGNER))
    assert broken.value.reason == reason
