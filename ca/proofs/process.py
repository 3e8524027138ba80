"""A process that verifies the proofs of a large run, beside the one that issues.

Two verifications are more than half of what a certificate costs, and they need no
secret and no database. So another process can do them while this one drafts,
signs and stores. It gets octets and gives octets back; no key of the CA, no
passphrase and no address of a database ever goes to it. What it answers is taken
as this process would take what it had found out itself: the same code, the same
user.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import structlog

from ca.key_types import CaPublicKey
from ca.proofs.messages import (
    Question,
    about_requests,
    about_signatures,
    read_verdicts,
    require_proof,
)
from ca.proofs.verifier import VERIFYING_HERE, Proof, Verdicts
from ca.signing import SignedTbs

_LOG = structlog.get_logger(__name__)
# A lot of hundreds takes it well under a second.
_PATIENCE_SECONDS = 60.0
_BUFFER = 1 << 20
# Not those that say where a passphrase or a database is.
_PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")

Outcome = TypeVar("Outcome")


class VerifyingProcess:
    """A `Verifier` in a process of its own; verifies here once that has died or is silent."""

    def __init__(self, *, patience: float = _PATIENCE_SECONDS) -> None:
        """Start it; it takes what it is given once it has loaded its code.

        After `patience` seconds without an answer it is given up.
        """
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # -P: nothing is imported from the folder that somebody happens to be in.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ca.proofs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=_BUFFER,
            env=environment,
            # A Ctrl-C is for this process, which then ends that one.
            start_new_session=True,
        )
        self._patience: Final = patience
        self._is_alive = True
        # It waits for the pipes, so that nobody else does: one question, one answer.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="proofs")

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

    def begin_requests(self, unverified: Sequence[bytes]) -> Verdicts:
        """Hand requests over; see `Verifier.begin_requests`."""
        return self._begin(
            about_requests(unverified),
            lambda answer: read_verdicts(answer, len(unverified)),
            VERIFYING_HERE.begin_requests(unverified),
        )

    def begin_signatures(self, issuer_key: CaPublicKey, signed: Sequence[SignedTbs]) -> Proof:
        """Hand signatures over; see `Verifier.begin_signatures`."""
        return self._begin(
            about_signatures(issuer_key, signed),
            require_proof,
            VERIFYING_HERE.begin_signatures(issuer_key, signed),
        )

    def _begin(
        self, question: Question, read: Callable[[Any], Outcome], here: Callable[[], Outcome]
    ) -> Callable[[], Outcome]:
        if not self._is_alive:
            return here
        answer = self._thread.submit(self._ask, question)

        def outcome() -> Outcome:
            line = self._wait_for(answer)
            return here() if line is None else read(json.loads(line))

        return outcome

    def _ask(self, question: Question) -> bytes | None:
        """Return the line that answers, or None when nobody does."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(question.encode())
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            return None
        return line if line.endswith(b"\n") else None

    def _wait_for(self, answer: Future[bytes | None]) -> bytes | None:
        try:
            line = answer.result(self._patience)
        except TimeoutError:
            line = None
            self._process.kill()
        except CancelledError:  # closed meanwhile
            line = None
        if line is None and self._is_alive:
            self._is_alive = False
            _LOG.warning("verifying_process_ended", exit_code=self._process.poll())
        return line

    def close(self) -> None:
        """End the process; nobody waits for its answers any more, and it keeps nothing."""
        self._is_alive = False
        self._process.kill()
        self._thread.shutdown(cancel_futures=True)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):  # with something not sent
                pipe.close()
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
