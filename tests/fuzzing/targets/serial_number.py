"""Serial numbers as people type them: one form, or no such certificate."""

import re
from collections.abc import Iterator

from ca.errors import CertificateNotFound
from ca.serial_numbers import read_serial_number
from tests.fuzzing.target import Target


def examine(data: bytes) -> None:
    # JSON carries half of a surrogate pair, so these may arrive.
    typed = data.decode("utf-8", "surrogateescape")
    try:
        read = read_serial_number(typed)
    except CertificateNotFound:
        return
    assert re.fullmatch(r"[1-9A-F][0-9A-F]{0,39}", read)
    assert read_serial_number(read) == read
    assert read_serial_number(f" 0{read.lower()} ") == read


def seeds() -> Iterator[bytes]:
    for text in ("4142434445464748494A", "4142 4344 4546 4748 494a", "41:42-43", "0", "00", "",
                 "ＡＢＣＤ", "٠١٢", "1" * 41, "ß", "ﬀ", "\x00", "41\u200b42"):  # fmt: skip
        yield text.encode()


TARGET = Target(examine, seeds, words=(b" ", b"-", b":", "　".encode(), "ﬀ".encode()))
