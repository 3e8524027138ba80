"""What a gateway node counts while it serves.

No label takes values that a client chooses: no names, no serial numbers, no
addresses; of a path its template; of a failure its code.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram

from foundation.observing import ActName, outcome_of
from gateway.metrics.registry import make_registry

# A login is an Argon2id verification, a revocation may write a CRL of a million entries.
_SLOW = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_EFFECT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)


class NodeMetrics:
    """An `Observer`, and the other ends that the listeners call."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or make_registry()
        self._acts: dict[ActName, Histogram] = {
            "admission": self._histogram(
                "certgate_admission_seconds", "Deciding who a request is from.", _QUICK, "outcome"
            ),
            "login": self._histogram(
                "certgate_login_seconds", "Logins, refused ones too.", _SLOW, "outcome"
            ),
            "issuance": self._histogram(
                "certgate_issuance_seconds", "Signing a certificate.", _SLOW, "outcome", "profile"
            ),
            "revocation": self._histogram(
                "certgate_revocation_seconds", "Revoking, holding, releasing.", _SLOW,
                "outcome", "act",
            ),
        }  # fmt: skip
        self._requests = self._counter(
            "certgate_requests_total", "Answered requests.", "door", "method", "route", "status"
        )
        self._request_seconds = self._histogram(
            "certgate_request_seconds", "From a request's head to its answer's end.", _QUICK, "door"
        )
        self._decisions = self._counter(
            "certgate_decisions_total", "Requests admitted, or refused with a code.",
            "door", "decision",
        )  # fmt: skip
        self._handshakes = self._counter(
            "certgate_tls_handshakes_total", "TLS handshakes.", "door", "outcome"
        )
        self._effect = self._histogram(
            "certgate_revocation_effect_seconds",
            "From the act to this node having cut the connections that it ended.",
            _EFFECT,
        )
        self._ocsp = self._counter("certgate_ocsp_answers_total", "OCSP answers.", "outcome")
        self._ocsp_of = {
            answered: self._ocsp.labels("answered" if answered else "refused")
            for answered in (True, False)
        }

    @contextmanager
    def act(self, name: ActName, **facts: str) -> Iterator[None]:
        """Time one act (`foundation.observing.Observer`)."""
        started = perf_counter()
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            labels = {"outcome": outcome_of(error), **facts}
            self._acts[name].labels(**labels).observe(perf_counter() - started)

    def request_answered(
        self, door: str, method: str, route: str, status: int, seconds: float
    ) -> None:
        """Count one request; `method` and `route` are of few values (`request_layer`)."""
        self._requests.labels(door, method, route, str(status)).inc()
        self._request_seconds.labels(door).observe(seconds)

    def decided(self, door: str, decision: str) -> None:
        """Count a request that was admitted, or refused with this code."""
        self._decisions.labels(door, decision).inc()

    def handshakes_at(self, door: str) -> Callable[[str], None]:
        """Return what counts the handshakes of a door by their outcome."""

        def shaken(outcome: str) -> None:
            self._handshakes.labels(door, outcome).inc()

        return shaken

    def took_effect(self, after: timedelta) -> None:
        """Count a revocation that this node has put into effect so long after the act.

        Clocks of two machines differ: a time below nothing counts as nothing.
        """
        self._effect.observe(max(0.0, after.total_seconds()))

    def ocsp_answered(self, answered: bool) -> None:
        """Count one OCSP answer, which says something or refuses (RFC 6960 section 2.3)."""
        self._ocsp_of[answered].inc()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(name, text, labels, registry=self.registry, buckets=buckets)
