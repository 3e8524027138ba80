"""QR codes keep their content, in the PDF's vectors and in the page's SVG."""

import base64
import re

from foundation.paper.qr import QUIET_ZONE, DarkRun, QrCode

URL = "https://localhost:8443/pickup?serial_number=7A3F09C1D2E4B596"


def test_the_quiet_zone_is_light() -> None:
    code = QrCode.of(URL)
    assert all(
        QUIET_ZONE <= run.row < code.size - QUIET_ZONE
        and run.column >= QUIET_ZONE
        and run.column + run.length <= code.size - QUIET_ZONE
        for run in code.runs
    )


def test_the_finder_pattern_stands_in_the_corner() -> None:
    assert DarkRun(QUIET_ZONE, QUIET_ZONE, 7) in QrCode.of(URL).runs


def test_the_same_content_makes_the_same_code_and_another_another() -> None:
    assert QrCode.of(URL) == QrCode.of(URL)
    assert QrCode.of(URL) != QrCode.of(URL + "7")


def test_the_svg_draws_every_dark_module_once() -> None:
    code = QrCode.of(URL)
    drawn = re.findall(r"M(\d+) (\d+)h(\d+)v1", code.svg())
    assert {DarkRun(int(y), int(x), int(length)) for x, y, length in drawn} == set(code.runs)


def test_the_data_uri_is_the_svg() -> None:
    code = QrCode.of(URL)
    head, _, body = code.data_uri().partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(body).decode() == code.svg()
