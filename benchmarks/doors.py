"""Bare servers that stand beside ours, with the same certificate and the same answers."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from cryptography.hazmat.primitives.serialization import Encoding

from benchmarks.bare_server import Plan, Tls, running_bare_server
from benchmarks.installation import Installation

_numbers = count(1)


@dataclass(frozen=True)
class BareDoor:
    """Where a bare server listens, and its process."""

    port: int
    pid: int


@contextmanager
def bare_door(
    installation: Installation, tls: Tls, answers: Mapping[str, bytes], *, asks: bool
) -> Iterator[BareDoor]:
    """Serve `answers` by path; yield it. With `asks`, clients need a certificate."""
    folder = installation.folder / f"bare-{next(_numbers)}"
    folder.mkdir()
    hierarchy = installation.house.certification.hierarchy
    server = hierarchy.server
    authorities = [server.issuing, hierarchy.root.certificate]
    trust = folder / "authorities.pem"
    trust.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in authorities))
    files = {}
    for number, (path, body) in enumerate(answers.items()):
        files[path] = str(folder / f"answer-{number}")
        (folder / f"answer-{number}").write_bytes(body)
    plan = Plan(
        port=_free_port(),
        tls=tls,
        credential=str(
            installation.keeper.write([server.certificate, server.issuing], server.private_key)
        ),
        client_authority=str(trust),
        asks_for_certificate=asks,
        answers=files,
    )
    with running_bare_server(plan, folder / "plan.json") as pid:
        yield BareDoor(plan.port, pid)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port
