"""Manifests: what somebody's spreadsheet says, read without believing any of it (issue 3)."""

from pathlib import Path

import pytest

from ca.csr.reading import MAXIMUM_OCTETS
from foundation.errors import Failure
from gateway.bulk_issuance import ManifestRow, read_manifest
from gateway.bulk_issuance import manifest as module

TEXT = '用户名,证书请求,备注\r\nwh000001,one.csr,=1+1\r\n\r\n\'wh000002,"a,b.csr",\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_it_is_read_in_each_encoding_with_the_rows_of_a_spreadsheet(encoding: str) -> None:
    rows = read_manifest(TEXT.encode(encoding))
    assert rows == [
        ManifestRow(2, "wh000001", "one.csr"),
        ManifestRow(4, "wh000002", "a,b.csr"),
    ]


def test_a_request_may_stand_in_its_cell() -> None:
    pem = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----"
    (row, after) = read_manifest(f'Request,USERNAME\n"{pem}",li.wei\nx,li.na\n'.encode())
    assert (row.unverified_username, row.read_request(Path("/nowhere"))) == ("li.wei", pem.encode())
    assert after.number == 3


REFUSED = [
    (b"", "manifest-columns"),
    (b"username\nx\n", "manifest-columns"),
    (b"username,request,username\na,b,c\n", "manifest-columns"),
    ("username,request,用户名\na,b,c\n".encode(), "manifest-columns"),
    (b"username,request\n\n,\n", "manifest-empty"),
    (b'username,request\n"a"b,c\n', "manifest-malformed"),
    (b'username,request\n"a,c\n', "manifest-malformed"),
    (b"username,request\na," + b"x" * 200_000, "manifest-malformed"),
    (b"PK\x03\x04username,request\n", "manifest-not-text"),
    (b"username,request\na\0,b\n", "manifest-not-text"),
    (b"username,request\n\xff\xff\xff,b\n", "manifest-not-text"),
]


@pytest.mark.parametrize(("octets", "code"), REFUSED)
def test_what_is_no_manifest_is_refused(octets: bytes, code: str) -> None:
    with pytest.raises(Failure) as refused:
        read_manifest(octets)
    assert refused.value.fields[0].code == code


def test_there_is_an_end_to_size_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    with pytest.raises(Failure) as refused:
        read_manifest(TEXT.encode())
    assert refused.value.fields[0].code == "manifest-too-long"
    monkeypatch.setattr(module, "LARGEST", 10)
    with pytest.raises(Failure) as refused:
        read_manifest(TEXT.encode())
    assert refused.value.fields[0].code == "manifest-too-large"


def test_a_file_is_read_in_its_folder_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "requests"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "a.csr").write_bytes(b"0")
    (folder / "large.csr").write_bytes(b"0" * 10 * MAXIMUM_OCTETS)
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    assert ManifestRow(2, "a", "deeper/a.csr").read_request(folder) == b"0"
    assert len(ManifestRow(2, "a", "large.csr").read_request(folder)) == MAXIMUM_OCTETS + 1
    for name, code in {
        "../secret": "manifest-request-outside",
        str(tmp_path / "secret"): "manifest-request-outside",
        "link": "manifest-request-outside",
        "deeper": "manifest-request-missing",
        "none.csr": "manifest-request-missing",
        "a\0b": "manifest-request-missing",
        "x" * 5_000: "manifest-request-missing",
        "": "manifest-cell-missing",
    }.items():
        with pytest.raises(Failure) as refused:
            ManifestRow(2, "a", name).read_request(folder)
        assert refused.value.code == code


def test_what_is_shown_of_a_username_is_short_and_printable() -> None:
    assert ManifestRow(2, "a\x1b[2J\n" + "x" * 90, "b").shown_username == "a[2J" + "x" * 34
