"""What crosses the line between a run and the process that verifies for it.

A question is a line of JSON, which says what is asked and how long each part is,
and the parts behind it. An answer is a line of JSON.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any, BinaryIO, NamedTuple

from ca.csr import CsrRefused
from ca.errors import SigningFault
from ca.key_types import CaPublicKey
from ca.keys.algorithms import accept_authority_key, accept_public_key
from ca.keys.reading import read_public_key, write_public_key
from ca.proofs.verifier import VERIFYING_HERE, AcceptedKey, Verdict, verdict_on
from ca.signing import SignedTbs

_REQUESTS = "requests"
_SIGNATURES = "signatures"


class Question(NamedTuple):
    """What is asked, and the octets it is asked about."""

    about: str
    parts: Sequence[bytes]

    def encode(self) -> bytes:
        """Return it as it crosses the line."""
        head = json.dumps({"about": self.about, "lengths": [len(part) for part in self.parts]})
        return b"".join([head.encode(), b"\n", *self.parts])

    @classmethod
    def read_from(cls, stream: BinaryIO) -> "Question | None":
        """Return the next one, or None at the end."""
        line = stream.readline()
        if not line:
            return None
        head = json.loads(line)
        return cls(head["about"], [stream.read(length) for length in head["lengths"]])


def about_requests(unverified: Sequence[bytes]) -> Question:
    """Return the question what to think of these requests."""
    return Question(_REQUESTS, unverified)


def about_signatures(issuer_key: CaPublicKey, signed: Sequence[SignedTbs]) -> Question:
    """Return the question whether the key made all these signatures."""
    parts = [write_public_key(issuer_key)]
    for one in signed:
        parts += one
    return Question(_SIGNATURES, parts)


def answer_to(question: Question) -> object:
    """Return the answer, as JSON has it: verdicts, or whether all signatures verify."""
    if question.about == _REQUESTS:
        return [_written(verdict_on(one)) for one in question.parts]
    if question.about != _SIGNATURES:
        raise ValueError("nothing else is verified here")
    octets, *parts = question.parts
    key = accept_authority_key(read_public_key(octets))
    signed = [SignedTbs(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    try:
        VERIFYING_HERE.begin_signatures(key, signed)()
    except SigningFault:
        return False
    return True


def read_verdicts(answer: Any, count: int) -> list[Verdict]:
    """Return the verdicts of an answer; raises `ValueError` unless there are `count`."""
    if not isinstance(answer, list) or len(answer) != count:
        raise ValueError("the verifying process answered something else")
    return [_read(one) for one in answer]


def require_proof(answer: Any) -> None:
    """Raise `SigningFault` for anything but a plain yes."""
    if answer is not True:
        raise SigningFault("a signature does not verify with the issuer's key")


def _written(verdict: Verdict) -> dict[str, Any]:
    if isinstance(verdict, CsrRefused):
        return {"code": verdict.code, "params": dict(verdict.params)}
    return {"key": base64.b64encode(verdict.subject_public_key_info).decode()}


def _read(answer: dict[str, Any]) -> Verdict:
    if "code" in answer:
        return CsrRefused(answer["code"], **answer["params"])
    octets = base64.b64decode(answer["key"])
    return AcceptedKey(accept_public_key(read_public_key(octets)), octets)
