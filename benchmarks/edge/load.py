"""Asking a gateway as fast as it answers, by vegeta, with a client certificate."""

import json
import subprocess
from dataclasses import dataclass

from benchmarks.edge.ground import HEADERS, OTHERS_CPU, Gateway, on_cpu
from benchmarks.peers.installing import vegeta_program
from benchmarks.processor_time import seconds_of

_CONNECTIONS = 8


@dataclass(frozen=True)
class Load:
    """How it is asked: the protocol, and whether each request has its own connection."""

    name: str
    is_http2: bool = False
    is_kept: bool = True


@dataclass(frozen=True)
class Cost:
    """Microseconds of the gateway's processor for a request, and requests finished in a second."""

    microseconds: float
    rate: float


def ask(gateway: Gateway, load: Load, seconds: float) -> Cost:
    """Load a gateway for so long; raises when any answer is not 200."""
    vegeta = str(vegeta_program())
    headers = {**HEADERS, "Cookie": gateway.cookie}
    target = f"GET {gateway.url}\n" + "".join(f"{n}: {v}\n" for n, v in headers.items())
    attack = [
        vegeta, "-cpus=1", "attack", "-targets=/dev/stdin", "-rate=0",
        f"-workers={_CONNECTIONS}", f"-max-workers={_CONNECTIONS}", f"-connections={_CONNECTIONS}",
        f"-duration={seconds}s", f"-http2={str(load.is_http2).lower()}",
        f"-keepalive={str(load.is_kept).lower()}", f"-cert={gateway.certificate}",
        f"-key={gateway.certificate}", f"-root-certs={gateway.root}",
    ]  # fmt: skip
    before = sum(map(seconds_of, gateway.pids))
    asked = subprocess.run(
        on_cpu(OTHERS_CPU, *attack), input=target.encode(), capture_output=True, check=True
    )
    spent = sum(map(seconds_of, gateway.pids)) - before
    report = subprocess.run(
        [vegeta, "report", "-type=json"], input=asked.stdout, capture_output=True, check=True
    )
    found = json.loads(report.stdout)
    if list(found["status_codes"]) != ["200"]:
        raise RuntimeError(f"{gateway.name}: {found['status_codes']} {found['errors'][:3]}")
    return Cost(spent / found["requests"] * 1e6, found["throughput"])
