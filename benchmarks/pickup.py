"""Certificates per second by API: pickup over the public TLS listener."""

from collections.abc import Iterator

from benchmarks.bare_verification import bare_verification
from benchmarks.client import Answer, Connection, post
from benchmarks.doors import bare_door
from benchmarks.installation import Installation
from benchmarks.measuring import Contender, Effort, race
from benchmarks.table import Row, rate_row
from benchmarks.visitors import expect
from enrollment.slips.issuing import IssuedSlip

_PATH = "/api/v1/pickup"
_AGAIN = 10
_MOST_FIRST = 20


def measure(installation: Installation, effort: Effort) -> list[Row]:
    """Return the rows of the subject."""
    first_pickups = min(effort.most, _MOST_FIRST)
    slips = [installation.register_unit() for _ in range(effort.rounds * first_pickups + 1)]
    port = installation.ports.public
    tls = installation.keeper.client_context()
    sample = _request(port, slips[0])
    with Connection(port, tls) as ours:
        container = expect(200, ours.exchange(sample)).body
        with (
            bare_door(installation, "ours", {_PATH: container}, asks=False) as same,
            bare_door(installation, "standard", {_PATH: container}, asks=False) as standard,
            Connection(same.port, tls) as same_tls,
            Connection(standard.port, tls) as standard_tls,
        ):
            fresh = _first_pickups(ours, port, slips[1:])
            rates = race(
                [
                    Contender("first", [lambda: next(fresh)], most=first_pickups),
                    Contender("again", [lambda: expect(200, ours.exchange(sample))], most=_AGAIN),
                    Contender("argon2", [bare_verification(installation)]),
                    Contender("same", [lambda: same_tls.exchange(sample)]),
                    Contender("standard", [lambda: standard_tls.exchange(sample)]),
                ],
                effort,
            )
    return [
        rate_row(f"{what}, by API", rates[name], baseline, rates[other])
        for what, name in (("pick up for the first time", "first"), ("pick up again", "again"))
        for baseline, other in (
            ("bare Argon2id verification", "argon2"),
            ("bare FastAPI route, our TLS", "same"),
            ("bare FastAPI route, uvicorn's TLS", "standard"),
        )
    ]


def _first_pickups(connection: Connection, port: int, slips: list[IssuedSlip]) -> Iterator[Answer]:
    for slip in slips:
        yield expect(200, connection.exchange(_request(port, slip)))


def _request(port: int, slip: IssuedSlip) -> bytes:
    document = {
        "serial_number": slip.serial_number,
        "download_password": slip.download_password,
    }
    return post(port, _PATH, document)
