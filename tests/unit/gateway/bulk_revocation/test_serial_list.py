"""Lists of serial numbers as people send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Invalid
from gateway.bulk_revocation.serial_list import MOST_TOLD, read_serial_list

NUMBER = "4A5B6C7D8E9F00112233"


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        NUMBER.lower(),
        f"00{NUMBER}",
        "4A5B 6C7D 8E9F 0011 2233",
        "4A:5B:6C:7D:8E:9F:00:11:22:33",
        f"'{NUMBER}",
        f'"{NUMBER}","=HYPERLINK(1)"',
        f"{NUMBER};某单位",
        f"{NUMBER}\t某单位",
        f"\n\n# 说明\n{NUMBER}\n",
        f"serial_number\n{NUMBER}",
        f"证书序号,名称\r\n{NUMBER},某单位\r\n",
    ],
)
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    read = read_serial_list(text.encode())
    assert (read.serial_numbers, read.malformed_count) == ((NUMBER,), 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_spreadsheets_are_understood(encoding: str) -> None:
    octets = f"证书序号,单位名称\r\n{NUMBER},武汉江城".encode(encoding)
    assert read_serial_list(octets).serial_numbers == (NUMBER,)


def test_a_line_that_holds_none_is_told_by_its_number() -> None:
    read = read_serial_list(f"{NUMBER}\nnot one\n\n=1+1\n{NUMBER}\n".encode())
    assert [(each.line, each.text) for each in read.malformed] == [(2, "not one"), (4, "=1+1")]
    assert (read.malformed_count, read.repeated) == (2, 1)


def test_a_heading_is_one_only_on_the_first_line() -> None:
    read = read_serial_list(f"{NUMBER}\nserial_number\n".encode())
    assert [each.line for each in read.malformed] == [2]


def test_of_many_malformed_lines_the_first_are_told_and_all_are_counted() -> None:
    read = read_serial_list(b"x\n" * 5_000)
    assert (len(read.malformed), read.malformed_count) == (MOST_TOLD, 5_000)


@pytest.mark.parametrize("octets", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest", b"41\x0042"])
def test_a_workbook_is_no_list(octets: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_serial_list(octets)
    assert refused.value.code == "serial-list-not-text"


@pytest.mark.parametrize("octets", [b"", b"\n\n", b"# nothing", b"serial_number\n"])
def test_an_empty_list_is_refused(octets: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_serial_list(octets)
    assert refused.value.code == "serial-list-empty"


@given(st.binary(max_size=400))
def test_no_octets_are_a_fault(octets: bytes) -> None:
    try:
        read = read_serial_list(octets)
    except Invalid:
        return
    assert all(0 < len(number) <= 40 for number in read.serial_numbers)
    assert all(len(each.text) <= 40 for each in read.malformed)
    assert len(set(read.serial_numbers)) == len(read.serial_numbers)
