"""An uploaded list of serial numbers: numbers in one form, each once, and bounded reports."""

from collections.abc import Iterator

from ca.serial_numbers import read_serial_number
from foundation.errors import Invalid
from gateway.bulk_revocation.serial_list import MOST_TOLD, read_serial_list
from tests.fuzzing.target import Target

_REFUSALS = {"serial-list-not-text", "serial-list-empty"}


def examine(data: bytes) -> None:
    try:
        read = read_serial_list(data)
    except Invalid as refused:
        assert refused.code in _REFUSALS
        return
    assert len(set(read.serial_numbers)) == len(read.serial_numbers)
    assert all(read_serial_number(number) == number for number in read.serial_numbers)
    assert len(read.malformed) == min(read.malformed_count, MOST_TOLD)
    lines = data.count(b"\n") + data.count(b"\r") + len(data.decode("gb18030", "replace"))
    assert len(read.serial_numbers) + read.malformed_count + read.repeated <= lines + 1


def seeds() -> Iterator[bytes]:
    yield b"4142434445464748494A\n41424344 45464748494b\n"
    yield '\ufeff证书序号,名称\n"4142",武汉\n\'4143;x\n'.encode()
    yield "证书序号,名称\r\n4142,武汉\r\n".encode("gb18030")
    yield b'# list\n\n4142\tx\n"a""b",4143\n0\n'
    yield b"PK\x03\x04"
    yield b'a,"b\n4142'


TARGET = Target(
    examine, seeds, words=(b",", b";", b"\t", b'"', b"\r", b"\x0b", "\u2028".encode(), b"\x80")
)
