"""The Authorization header of EST (RFC 7617): a slip's two values, or "slip-required"."""

import base64
from collections.abc import Iterator

from enrollment.est.credentials import read_credentials
from foundation.errors import Denied
from tests.fuzzing.target import Target


def examine(data: bytes) -> None:
    # Header values come as Latin-1 (starlette.datastructures.Headers).
    try:
        read = read_credentials(data.decode("latin-1"))
    except Denied as refused:
        assert refused.code == "slip-required"
        return
    assert ":" not in read.unverified_serial_number
    assert "unverified_download_password" not in repr(read)
    pair = f"{read.unverified_serial_number}:{read.unverified_download_password}"
    again = read_credentials("Basic " + base64.b64encode(pair.encode()).decode())
    assert again == read


def seeds() -> Iterator[bytes]:
    for pair in ("4142434445464748494A:ABCD-EFGH-JKLM-NPQR", ":", "a:b:c", "序列号:密码", ""):
        yield b"Basic " + base64.b64encode(pair.encode())
    yield b"basic   QTpC"
    yield b"Bearer QTpC"
    yield b"Basic QTpC, Basic QTpD"
    yield b"Basic gIA6gA=="


TARGET = Target(examine, seeds, words=(b"Basic ", b"Og==", b"=", b"\xa0"), longest=2_048)
