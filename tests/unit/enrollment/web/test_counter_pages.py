"""The enrollment counter finds, enrols and looks after units (ENR-08 .. ENR-12)."""

import html as html_entities
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.enrollment_doubles import (
    CREDIT_CODE,
    INITIAL_PASSWORD,
    PASSWORD,
    a_unit,
)
from tests.unit.enrollment.web.conftest import Browser, Counter

Desk = Callable[..., Browser]
FREE_CREDIT_CODE = "91420000000000001R"


def application(**changes: Any) -> dict[str, Any]:
    form: dict[str, Any] = {
        "unit_name": "武汉长江机械有限公司",
        "credit_code": FREE_CREDIT_CODE,
        "district": "wuchang",
        "insurance": ["pension", "medical"],
        "papers": ["commitment_letter", "operator_id"],
    }
    return {**form, **changes}


def register(desk: Browser, **changes: Any) -> Any:
    return desk.submit("/officer/units/new", "/officer/units", **application(**changes))


def test_units_are_listed_with_their_facts(officer_desk: Desk) -> None:
    page = officer_desk().get("/officer/units").text
    for word in ("武汉喆堃机械有限公司", "wh000001", CREDIT_CODE, "武昌区", "普通单位", "待下载"):
        assert word in page


def test_an_officer_of_a_district_sees_that_district_alone(
    officer_desk: Desk, counter: Counter
) -> None:
    """ACT-04."""
    officer_desk(district="wuchang").get("/officer/units?district=jianghan")
    assert counter.units.asked_district == "wuchang"


def test_an_empty_search_says_what_to_do(officer_desk: Desk) -> None:
    assert "新单位开户" in officer_desk().get("/officer/units?q=zzz").text


def test_the_next_page_keeps_the_search(officer_desk: Desk, counter: Counter) -> None:
    counter.units.next = "wh000001"
    page = officer_desk().get("/officer/units?q=武汉&district=wuchang").text
    assert "after=wh000001" in page
    assert "district=wuchang" in page


def test_all_six_insurance_types_are_ticked_at_first(officer_desk: Desk) -> None:
    """CALC-07."""
    assert officer_desk().get("/officer/units/new").text.count(" checked") == 6


def test_registering_answers_with_the_slip_once(officer_desk: Desk, counter: Counter) -> None:
    """ENR-09, ENR-10."""
    answer = register(officer_desk())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    for value in ("wh000001", INITIAL_PASSWORD, PASSWORD, "data:image/svg+xml;base64,"):
        assert value in answer.text
    assert counter.units.registered[0].insurance == ("pension", "medical")
    assert counter.database.committed == 1


def test_missing_papers_are_named_and_nothing_is_registered(
    officer_desk: Desk, counter: Counter
) -> None:
    """AMB-01: the letter and the operator's ID are always required."""
    answer = register(officer_desk(), papers=["operator_id"])
    assert answer.status_code == 422
    assert "缺《社会保险网上办事承诺书》" in answer.text
    assert counter.units.registered == []
    assert counter.database.committed == 0


def test_the_licence_set_is_required_of_a_new_unit_alone(
    officer_desk: Desk, counter: Counter
) -> None:
    """AMB-01, ENR-05."""
    desk = officer_desk()
    refused = register(desk, new_unit="true")
    assert "新成立的单位缺营业执照或批准文件" in refused.text
    complete = [
        "registration_form",
        "business_licence",
        "organization_code",
        "tax_registration",
        "legal_representative_id",
    ]
    assert register(desk, new_unit="true", registration_papers=complete).status_code == 200


def test_wrong_fields_and_missing_papers_are_told_together(officer_desk: Desk) -> None:
    answer = register(officer_desk(), unit_name="", credit_code="123", papers=[])
    assert answer.status_code == 422
    assert 'href="#unit_name"' in answer.text
    assert 'href="#credit_code"' in answer.text
    assert 'href="#papers"' in answer.text
    assert 'value="123"' in answer.text


def test_a_credit_code_that_is_enrolled_already_is_told_at_its_field(officer_desk: Desk) -> None:
    answer = register(officer_desk(), credit_code=CREDIT_CODE)
    assert answer.status_code == 422
    assert 'href="#credit_code"' in answer.text


def test_an_officer_enrols_only_in_the_own_district(officer_desk: Desk, counter: Counter) -> None:
    """ACT-04."""
    assert register(officer_desk(district="jianghan")).status_code == 403
    assert counter.units.registered == []


@pytest.mark.parametrize("role", ["review_officer", "auditor", "administrator"])
def test_other_officers_have_no_business_here(officer_desk: Desk, role: str) -> None:
    desk = officer_desk(role=role)
    for path in ("/officer/units", "/officer/units/new", "/officer/units/wh000001"):
        assert desk.get(path).status_code == 403


def test_a_unit_shows_what_can_be_done_with_it(officer_desk: Desk) -> None:
    page = officer_desk().get("/officer/units/wh000001").text
    assert "重新发放密码条" in page
    assert "/officer/units/wh000001/promote" in page
    assert "/officer/units/wh000001/resume" not in page


def test_reissue_names_the_unit_and_asks_for_its_name(officer_desk: Desk, counter: Counter) -> None:
    """AMB-05, and style: destructive acts ask for the name of what they destroy."""
    desk = officer_desk()
    page = "/officer/units/wh000001/reissue"
    wrong = desk.submit(page, page, reason="superseded", confirm_name="wh000002")
    assert wrong.status_code == 422
    assert counter.acts.done == []
    right = desk.submit(page, page, reason="keyCompromise", confirm_name="wh000001")
    assert counter.acts.done == [("reissue", "wh000001", "keyCompromise")]
    assert INITIAL_PASSWORD in right.text


def test_promotion_needs_the_assessment(officer_desk: Desk, counter: Counter) -> None:
    """ENR-12, ENR-13."""
    desk = officer_desk()
    page = "/officer/units/wh000001/promote"
    assert desk.submit(page, page).status_code == 422
    done = desk.submit(page, page, assessed="true")
    assert done.headers["location"] == "/officer/units/wh000001?done=promote"
    assert counter.acts.done == [("promote", "wh000001")]


def test_suspension_carries_its_note(officer_desk: Desk, counter: Counter) -> None:
    """ENR-20."""
    page = "/officer/units/wh000001/suspend"
    officer_desk().submit(page, page, confirm_name="wh000001", note="材料不实")
    assert counter.acts.done == [("suspend", "wh000001", "材料不实")]


def test_a_unit_of_another_district_is_out_of_reach(officer_desk: Desk, counter: Counter) -> None:
    """ACT-04."""
    counter.units.units = [a_unit(district="jianghan")]
    desk = officer_desk(district="wuchang")
    assert desk.get("/officer/units/wh000001").status_code == 403
    assert desk.get("/officer/units/wh000001/suspend").status_code == 403


def test_an_unknown_act_is_not_found(officer_desk: Desk) -> None:
    assert officer_desk().get("/officer/units/wh000001/delete").status_code == 404


def posted_slip(html: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html)
    return {name: html_entities.unescape(value) for name, value in fields}


def test_the_pdf_is_drawn_from_what_the_page_posts_back(officer_desk: Desk) -> None:
    desk = officer_desk()
    posted = posted_slip(register(desk).text)
    answer = desk.post("/officer/slips/pdf", data=posted)
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["cache-control"] == "no-store"
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert PASSWORD not in answer.headers["content-disposition"]


def test_only_whoever_issues_slips_may_draw_one(officer_desk: Desk) -> None:
    posted = posted_slip(register(officer_desk()).text)
    stranger = officer_desk(role="auditor")
    token = posted_slip(stranger.get("/officer/units").text).get("form_token", "")
    answer = stranger.post("/officer/slips/pdf", data={**posted, "form_token": token})
    assert answer.status_code == 403


def test_both_languages_have_every_text(officer_desk: Desk) -> None:
    desk = officer_desk()
    for language in ("zh", "en"):
        for path in ("", "/new", "/wh000001", "/wh000001/reissue", "/wh000001/suspend"):
            assert desk.get(f"/officer/units{path}?lang={language}").status_code == 200
