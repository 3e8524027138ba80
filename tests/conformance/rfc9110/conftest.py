"""A gateway's three doors, spoken to in octets that no library would send."""

import http.client
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from ca.ocsp import FreshEpoch
from foundation.clock import SystemClock
from foundation.settings import Settings
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.tls_context import TlsContext
from tests.integration.gateway.listeners.doors import (
    OpenDoor,
    open_door,
    read_all,
    trusting_context,
)
from tests.support.bureau import Bureau, bureau_of
from tests.support.clock import FakeClock


@dataclass(frozen=True)
class Answer:
    """One answer as it came."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    rest: bytes
    """What followed it on the connection."""

    def without(self, *names: str) -> dict[str, str]:
        """Return the headers but for those that differ from answer to answer."""
        left = {name.lower(): value for name, value in self.headers.items()}
        return {name: value for name, value in left.items() if name not in names}


@dataclass(frozen=True)
class Doors:
    """The doors of one house."""

    bureau: Bureau
    pki: OpenDoor
    public: OpenDoor
    portal: OpenDoor

    def ask(self, door: str, *lines: str, body: bytes = b"", host: str = "localhost") -> Answer:
        """Send a request line and headers, Host among them unless empty; return the answer."""
        told = [lines[0], *([f"Host: {host}"] if host else []), *lines[1:], "Connection: close"]
        return self.send(door, "\r\n".join(told).encode() + b"\r\n\r\n" + body)

    def send(self, door: str, octets: bytes) -> Answer:
        """Send octets, after which the server closes; return the first answer that is final."""
        knocker: OpenDoor = getattr(self, door)
        with ExitStack() as connection:
            wire = (
                connection.enter_context(knocker.connected(trusting_context()))
                if knocker.tls
                else connection.enter_context(knocker.connect())
            )
            wire.sendall(octets)
            return read_answer(read_all(wire), octets.split(b" ", 1)[0])


def read_answer(octets: bytes, method: bytes) -> Answer:
    """Return the first answer in what came, which must have one."""
    head, _, rest = octets.partition(b"\r\n\r\n")
    line, _, fields = head.partition(b"\r\n")
    status = int(line.split(b" ")[1])
    if status == http.client.CONTINUE:
        return read_answer(rest, method)
    headers = http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
    bare = method == b"HEAD" or status in {204, 304}
    if bare or "content-length" not in headers:
        length = 0 if bare else len(rest)
    else:
        length = int(headers["content-length"])
    return Answer(status, headers, rest[:length], rest[length:])


@pytest.fixture(scope="package")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """One house for all of these tests: none changes what another looks at."""
    folder = tmp_path_factory.mktemp("manners")
    with (
        bureau_of(Settings(data=folder / "data"), FakeClock(SystemClock().now())) as bureau,
        ExitStack() as open_doors,
    ):
        certification = bureau.house.certification
        server = certification.hierarchy.server
        chain = [server.certificate, server.issuing]
        public = TlsContext(chain, server.private_key)
        portal = TlsContext(
            chain,
            server.private_key,
            ask_for_certificate_of=[certification.hierarchy.issuing.certificate],
        )
        desk = OcspDesk(certification.responder, FreshEpoch(bureau.house.database))
        open_doors.callback(desk.close)
        yield Doors(
            bureau,
            open_doors.enter_context(open_door(bureau.pki, None, desk)),
            open_doors.enter_context(open_door(bureau.public, public)),
            open_doors.enter_context(open_door(bureau.portal, portal)),
        )
