"""Signed notes and checkpoints as C2SP has them (c2sp.org/signed-note, /tlog-checkpoint)."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from foundation.audit.checkpoint import Checkpoint, read_checkpoint
from foundation.audit.note import (
    NoteRefused,
    VerifierKey,
    key_identifier,
    open_note,
    sign_note,
    split_note,
)
from tests.support.notes import TestNoteSigner

# The example of golang.org/x/mod/sumdb/note, which made the format.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqd"
    "ngotpRZb6KE6RyyBwJnAM=\n"
)

SIGNER = TestNoteSigner("bureau.example/audit")
TEXT = "bureau.example/audit\n7\n" + base64.b64encode(bytes(32)).decode() + "\n"


def test_a_note_of_another_implementation_is_opened() -> None:
    text, key = open_note(GO_NOTE, [VerifierKey.read(GO_KEY)])
    assert text.startswith("If you think")
    assert key.name == "PeterNeumann"
    assert key.written() == GO_KEY


def test_a_note_is_opened_with_the_key_that_signed_it() -> None:
    note = sign_note(TEXT, SIGNER)
    assert note.startswith(TEXT + "\n— bureau.example/audit ")
    assert open_note(note, [SIGNER.verifier_key]) == (TEXT, SIGNER.verifier_key)


def test_the_key_identifier_is_the_one_of_the_specification() -> None:
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(GO_KEY.split("+", 2)[2])[1:])
    assert key_identifier("PeterNeumann", key).hex() == "c74f20a3"


def test_lines_of_unknown_keys_are_skipped() -> None:
    note = sign_note(TEXT, SIGNER)
    witness = sign_note(TEXT, TestNoteSigner("witness.example")).removeprefix(TEXT + "\n")
    assert open_note(note + witness, [SIGNER.verifier_key])[0] == TEXT


def test_a_key_of_the_same_name_does_not_do() -> None:
    with pytest.raises(NoteRefused, match="no trusted key"):
        open_note(sign_note(TEXT, TestNoteSigner(SIGNER.name)), [SIGNER.verifier_key])


def test_without_a_trusted_key_nothing_is_opened() -> None:
    with pytest.raises(NoteRefused):
        open_note(sign_note(TEXT, SIGNER), [])


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=127))
def test_a_note_with_any_octet_changed_is_refused(place: int, change: int) -> None:
    note = sign_note(TEXT, SIGNER).encode()
    changed = bytearray(note)
    changed[place % len(note)] ^= change
    try:
        text = changed.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(NoteRefused):
        open_note(text, [SIGNER.verifier_key])


@given(st.text(max_size=300))
def test_whatever_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        open_note(text, [SIGNER.verifier_key])


@pytest.mark.parametrize("text", ["no newline", "a\rb\n", "a\x00\n", "tab\t\n"])
def test_what_no_note_may_say_is_not_signed(text: str) -> None:
    with pytest.raises(ValueError, match="newline"):
        sign_note(text, SIGNER)


def test_more_signatures_than_anybody_needs_are_refused() -> None:
    note = sign_note(TEXT, SIGNER)
    line = note.removeprefix(TEXT + "\n")
    assert len(split_note(note + line * 15)[1]) == 16
    with pytest.raises(NoteRefused):
        split_note(note + line * 40)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        "name+00000000+AQ==",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("PeterNeumann", "Peter Neumann"),
        GO_KEY.replace("+AR", "+Ag"),
        GO_KEY + "=",
    ],
)
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(NoteRefused):
        VerifierKey.read(key)


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    checkpoint = Checkpoint("bureau.example/audit", 20852163, bytes(range(32)))
    assert read_checkpoint(checkpoint.text()) == checkpoint
    assert read_checkpoint(checkpoint.text() + "an extension\n") == checkpoint


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"\n7\n{ROOT}\n",
        f"origin\n07\n{ROOT}\n",
        f"origin\n-7\n{ROOT}\n",
        f"origin\n7 \n{ROOT}\n",
        f"origin\n{'9' * 30}\n{ROOT}\n",
        f"origin\n7\n{ROOT}",
        f"origin\n7\n{ROOT}\n\nextension\n",
        f"origin\n7\n{base64.b64encode(bytes(31)).decode()}\n",
        "origin\n7\nnot base64!\n",
        "origin\n7\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        read_checkpoint(text)


def test_the_signer_of_tests_signs_with_its_own_key() -> None:
    key = Ed25519PrivateKey.generate()
    signer = TestNoteSigner("name", key)
    assert signer.verifier_key.public_key == key.public_key()
