"""``certgate certificate issue-many`` as an operator types it (issue 3)."""

import csv
import io
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography import x509

from ca.keys import generate_key
from ca.proofs import VerifyingProcess
from tests.support.command import Desk
from tests.support.requests import der_request


def test_a_manifest_is_looked_at_then_issued_and_may_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = Desk(tmp_path / "data")
    operator.run("init")
    for username in ("li.wei", "wang.fang"):
        operator.run("officer", "add", username, "--role", "review_officer")
    requests = tmp_path / "requests"
    requests.mkdir()
    keys = {name: generate_key("ecdsa-p256") for name in ("li.wei", "wang.fang", "nobody")}
    for name, key in keys.items():
        (requests / f"{name}.csr").write_bytes(der_request(key))
    (requests / "no.csr").write_bytes(b"no request")
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(
        "\ufeff用户名,证书请求,部门\nli.wei,li.wei.csr,=1+1\n"
        "=cmd|' /C calc'!A0,nobody.csr,\nli.wei,wang.fang.csr,\n"
        "wang.fang,no.csr,\nwang.fang,wang.fang.csr,\nx,../data/certgate.db,\n",
        encoding="utf-8",
    )
    output = tmp_path / "output"
    command = ("certificate", "issue-many", manifest, "--requests", requests)

    looked = operator.json(*command, expect=1)
    assert (looked["wanted"], looked["issued"], looked["outstanding"]) == (2, 0, 2)
    assert [(bad["row"], bad["code"]) for bad in looked["refused"]] == [
        (3, "subscriber-not-found"),
        (4, "manifest-subscriber-repeated"),
        (5, "csr-malformed"),
        (7, "manifest-request-outside"),
    ]
    said = operator.run(*command, expect=1)
    assert "Row 5 (wang.fang)" in said
    assert not output.exists()

    (tmp_path / "columns.csv").write_text("username\nli.wei\n")
    wrong = operator.run("certificate", "issue-many", tmp_path / "columns.csv", expect=1)
    assert "must have the column request exactly once" in wrong
    operator.run(*command, "--confirm", "2", expect=1)
    operator.run(*command, "--confirm", "3", "--output", output, expect=1)
    assert not output.exists()
    with (
        monkeypatch.context() as large,
        patch.object(
            VerifyingProcess,
            "begin_signatures",
            autospec=True,
            side_effect=VerifyingProcess.begin_signatures,
        ) as elsewhere,
    ):
        large.setattr("gateway.bulk_issuance.judging._WORTH_A_PROCESS", 1)
        operator.run(*command, "--confirm", "2", "--output", output, expect=1)
        elsewhere.assert_called_once()
    for name in ("li.wei", "wang.fang"):
        leaf, _ = x509.load_pem_x509_certificates((output / f"{name}.pem").read_bytes())
        assert leaf.public_key() == keys[name].public_key()
    octets = (output / "results.csv").read_bytes()
    assert octets.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline="")))
    assert [row[0] for row in rows[1:]] == ["2", "3", "4", "5", "6", "7"]
    assert rows[2][1].startswith("'=cmd")
    assert {row[4] for row in rows[1:]} == {"", "li.wei.pem", "wang.fang.pem"}

    first = (output / "li.wei.pem").read_bytes()
    (output / "li.wei.pem").unlink()
    again = operator.json(*command, "--confirm", "0", "--output", output, expect=1)
    assert (again["issued"], again["outstanding"]) == (2, 0)
    assert (output / "li.wei.pem").read_bytes() == first
