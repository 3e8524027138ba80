"""Where the requests of a large run are read and verified: here, or in a process of its own.

Proof of possession is a third of what a certificate costs, and it needs no secret
and no database. So another process can do it while this one drafts, signs and
stores. It gets octets and gives octets back; no key of the CA, no passphrase and
no address of a database ever goes to it. What it answers is taken as this
process would take what it had found out itself: the same code, the same user.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self

import structlog

from ca.csr.acceptance import accept_csr
from ca.csr.errors import CsrRefused
from ca.key_types import EndEntityPublicKey
from ca.keys.algorithms import accept_public_key
from ca.keys.reading import read_public_key

_LOG = structlog.get_logger(__name__)
_END_SECONDS = 10.0
# Not those that say where a passphrase or a database is.
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


class AcceptedKey(NamedTuple):
    """The key of a request that was accepted, and its SPKI in DER."""

    public_key: EndEntityPublicKey
    subject_public_key_info: bytes


Verdict = AcceptedKey | CsrRefused
Verdicts = Callable[[], list[Verdict]]


class RequestReader(Protocol):
    """Says of each request what `accept_csr` does."""

    def begin(self, unverified: Sequence[bytes]) -> Verdicts:
        """Return what returns the verdicts in their order; the work may begin before."""
        ...


class ReadingHere:
    """Reads in this process, when the verdicts are asked for."""

    def begin(self, unverified: Sequence[bytes]) -> Verdicts:
        """Return what reads; see `RequestReader.begin`."""
        return lambda: [_verdict(one) for one in unverified]


READING_HERE: Final = ReadingHere()


class ReadingProcess:
    """Reads in a process of its own, and here once that has died.

    One lot after the other: whoever begins a second one without having taken the
    first one's verdicts has the second read here.
    """

    def __init__(self) -> None:
        """Start it; it takes what it is given once it has loaded its code."""
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # -P: nothing is imported from the folder that somebody happens to be in.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ca.csr.reading_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            # A Ctrl-C is for this process, which then ends that one.
            start_new_session=True,
        )
        self._is_alive = True
        self._is_busy = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def processor_seconds(self) -> float:
        """Return how long it has worked, by processor time; 0 once it is gone."""
        try:
            _, _, fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")
        except OSError:
            return 0.0
        # utime and stime, the 14th and 15th field (proc(5)).
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def begin(self, unverified: Sequence[bytes]) -> Verdicts:
        """Hand the requests over; see `RequestReader.begin`."""
        here = READING_HERE.begin(unverified)
        if not self._is_alive or self._is_busy:
            return here
        line = json.dumps([base64.b64encode(one).decode() for one in unverified])
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            self._died()
            return here
        self._is_busy = True
        return lambda: self._take(len(unverified)) or here()

    def _take(self, count: int) -> list[Verdict] | None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._is_busy = False
        if not line.endswith(b"\n"):
            self._died()
            return None
        answers = json.loads(line)
        if len(answers) != count:
            raise ValueError("the reading process answered something else")
        return [_from_answer(answer) for answer in answers]

    def _died(self) -> None:
        self._is_alive = False
        _LOG.warning("reading_process_ended", exit_code=self._process.poll())

    def close(self) -> None:
        """End the process."""
        self._is_alive = False
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdout.close()
        with suppress(OSError):  # dead already, with something not sent
            self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def answer_to(unverified: bytes) -> dict[str, Any]:
    """Return the verdict on a request as it crosses the line between the processes."""
    verdict = _verdict(unverified)
    if isinstance(verdict, CsrRefused):
        return {"code": verdict.code, "params": dict(verdict.params)}
    return {"key": base64.b64encode(verdict.subject_public_key_info).decode()}


def _from_answer(answer: dict[str, Any]) -> Verdict:
    if "code" in answer:
        return CsrRefused(answer["code"], **answer["params"])
    octets = base64.b64decode(answer["key"])
    return AcceptedKey(accept_public_key(read_public_key(octets)), octets)


def _verdict(unverified: bytes) -> Verdict:
    try:
        accepted = accept_csr(unverified)
    except CsrRefused as refused:
        return refused
    return AcceptedKey(accepted.public_key, accepted.subject_public_key_info)
