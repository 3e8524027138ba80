"""The printed slip holds what ENR-10 asks for; the receipt below the cut line holds no secret."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from enrollment.paper.slip_pdf import SlipPdf
from enrollment.slips.issued_slip import IssuedSlip
from foundation.i18n import Catalogues

SERIAL = "7A3F09C1D2E4B5968877"


@pytest.fixture(scope="module")
def slip_pdf() -> SlipPdf:
    catalogues = Catalogues.load(["foundation", "enrollment"], strict=True)
    return SlipPdf(catalogues, ZoneInfo("Asia/Shanghai"))


def slip(
    kind: Literal["unit", "person", "officer"] = "unit", name: str = "武汉喆堃公司"
) -> IssuedSlip:
    return IssuedSlip(
        username="wh000123",
        initial_password="K7MP-3XWD-9RTQ",
        serial_number=SERIAL,
        download_password="H4KW-9XRT-3MPC-7DFY",
        pickup_url=f"https://localhost:8443/pickup?serial_number={SERIAL}",
        root_fingerprint_sha256="A1B2C3D4E5F60718" * 4,
        expires_at=datetime(2026, 12, 23, 16, 30, tzinfo=UTC),
        issued_at=datetime(2026, 11, 23, 2, 0, tzinfo=UTC),
        display_name=name,
        kind=kind,
    )


def text_of(pdf: bytes, folder: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext (poppler-utils)")
    file = folder / "slip.pdf"
    file.write_bytes(pdf)
    command = ["pdftotext", "-layout", str(file), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_four_values_and_the_way_on_are_printed(slip_pdf: SlipPdf, tmp_path: Path) -> None:
    text = text_of(slip_pdf.render(slip()), tmp_path)
    for word in ("单位用户密码条", "用户名", "单位密码", "证书序号", "证书密码", "武汉喆堃公司"):
        assert word in text
    for value in (
        "wh000123",
        "K7MP-3XWD-9RTQ",
        "H4KW-9XRT-3MPC-7DFY",
        "https://localhost:8443/pickup",
    ):
        assert value in text
    squeezed = "".join(text.split())
    assert SERIAL in squeezed
    assert "A1B2C3D4E5F60718" * 2 in squeezed


def test_times_are_local(slip_pdf: SlipPdf, tmp_path: Path) -> None:
    text = text_of(slip_pdf.render(slip()), tmp_path)
    assert "2026-11-23 10:00" in text
    assert "2026-12-24 00:30" in text


def test_the_receipt_repeats_no_secret(slip_pdf: SlipPdf, tmp_path: Path) -> None:
    text = text_of(slip_pdf.render(slip()), tmp_path)
    assert text.count("K7MP-3XWD-9RTQ") == text.count("H4KW-9XRT-3MPC-7DFY") == 1
    assert text.count("wh000123") == 2
    assert "单位经办人员签名" in text


@pytest.mark.parametrize("kind", ["unit", "person", "officer"])
def test_every_kind_of_subscriber_has_its_words(
    slip_pdf: SlipPdf, kind: Literal["unit", "person", "officer"]
) -> None:
    assert slip_pdf.render(slip(kind)).startswith(b"%PDF-")


def test_the_same_slip_makes_the_same_sheet(slip_pdf: SlipPdf) -> None:
    assert slip_pdf.render(slip()) == slip_pdf.render(slip())


def test_a_name_of_the_greatest_length_is_printed_whole_on_both_parts(
    slip_pdf: SlipPdf, tmp_path: Path
) -> None:
    name = "武汉市" + "长" * 97
    text = text_of(slip_pdf.render(slip(name=name)), tmp_path)
    assert text.count("长") == 2 * 97
