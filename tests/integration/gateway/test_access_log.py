"""Who asked stands in the access log: subscriber and certificate, no secret (issue item 6)."""

from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from ca.serial_numbers import read_serial_number
from tests.support.bureau import Bureau


@pytest.fixture(autouse=True)
def fresh_log() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()


def test_a_request_is_logged_with_who_and_with_which_certificate(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    visitor = bureau.visitor(bureau.pick_up(slip))
    with capture_logs() as entries:
        visitor.get("/login")
        visitor.log_in(slip.username, slip.initial_password)
        visitor.get("/api/v1/session")
        bureau.visitor().get("/login")

    login_page, _, session, stranger = [one for one in entries if one["event"] == "request"]
    number = read_serial_number(slip.serial_number)
    assert (login_page["username"], login_page["serial_number"]) == (None, number)
    assert (session["username"], session["kind"]) == (slip.username, "unit")
    assert session["serial_number"] == number
    assert (stranger["username"], stranger["serial_number"]) == (None, None)
    assert slip.initial_password not in str(entries)
