"""The JSON twin of the counter answers as the contract says."""

from collections.abc import Callable

import pytest

from tests.support.enrollment_doubles import INITIAL_PASSWORD, SERIAL, a_unit
from tests.unit.enrollment.web.conftest import Browser, Counter

Desk = Callable[..., Browser]
UNITS = "/api/v1/units"
WANTED = {
    "name": "武汉长江机械有限公司",
    "credit_code": "91420000000000001R",
    "district": "wuchang",
}
SLIP = {
    "username",
    "initial_password",
    "serial_number",
    "download_password",
    "pickup_url",
    "root_fingerprint_sha256",
    "expires_at",
}


def test_registering_answers_with_the_slip_of_the_contract(
    officer_desk: Desk, counter: Counter
) -> None:
    answer = officer_desk().post(UNITS, json=WANTED)
    assert answer.status_code == 201
    assert set(answer.json()) == SLIP
    assert answer.headers["cache-control"] == "no-store"
    assert len(counter.units.registered[0].insurance) == 6


def test_papers_are_checked_when_they_are_listed(officer_desk: Desk, counter: Counter) -> None:
    """AMB-01."""
    answer = officer_desk().post(UNITS, json={**WANTED, "papers": ["operator_id"]})
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/application-invalid")
    assert counter.units.registered == []


def test_units_are_listed_with_a_cursor(officer_desk: Desk, counter: Counter) -> None:
    counter.units.next = "wh000001"
    document = officer_desk().get(f"{UNITS}?q=武汉").json()
    assert document["next"] == "wh000001"
    assert document["items"][0]["username"] == "wh000001"


def test_reissue_answers_with_a_new_slip(officer_desk: Desk, counter: Counter) -> None:
    """AMB-05."""
    answer = officer_desk().post(f"{UNITS}/wh000001/reissue", json={"reason": "keyCompromise"})
    assert answer.status_code == 201
    assert answer.json()["serial_number"] == SERIAL
    assert counter.acts.done == [("reissue", "wh000001", "keyCompromise")]


@pytest.mark.parametrize("act", ["promote", "demote", "suspend", "resume"])
def test_acts_answer_with_the_unit(officer_desk: Desk, counter: Counter, act: str) -> None:
    answer = officer_desk().post(f"{UNITS}/wh000001/{act}")
    assert answer.status_code == 200
    assert answer.json()["username"] == "wh000001"
    assert counter.acts.done[0][:2] == (act, "wh000001")


def test_a_unit_of_another_district_is_out_of_reach(officer_desk: Desk, counter: Counter) -> None:
    """ACT-04."""
    counter.units.units = [a_unit(district="jianghan")]
    desk = officer_desk(district="wuchang")
    assert desk.get(f"{UNITS}/wh000001").status_code == 403
    assert desk.post(f"{UNITS}/wh000001/promote").status_code == 403
    assert desk.get(f"{UNITS}?district=jianghan").status_code == 403
    assert desk.post(UNITS, json={**WANTED, "district": "jianghan"}).status_code == 403
    assert counter.acts.done == []


def test_no_secret_leaves_with_a_unit(officer_desk: Desk) -> None:
    assert INITIAL_PASSWORD not in officer_desk().get(f"{UNITS}/wh000001").text


def test_an_unknown_unit_is_not_found(officer_desk: Desk) -> None:
    assert officer_desk().get(f"{UNITS}/wh999999").status_code == 404
