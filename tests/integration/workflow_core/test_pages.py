"""The screens of units and review officers, in both languages."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.support.workflow import LAKE, MAN, WOMAN, Agency, enrolment_data, officer, unit
from tests.support.workflow_portal import Portal


def fields(**changes: Any) -> dict[str, Any]:
    """Return the form as a browser sends it."""
    data = enrolment_data(**changes)
    data["contract_signed"] = "yes" if data["contract_signed"] else "no"
    if data["back_pay_from"] is None:
        data |= {"back_pay": "no", "back_pay_from": ""}
    else:
        data["back_pay"] = "yes"
    return data


def text_of(answer: Response) -> str:
    """Return what the page says, without its tags."""
    body = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def save(client: TestClient, **changes: Any) -> str:
    answer = client.post("/tasks/new/enrolment", data=fields(**changes))
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["location"]).partition("?")[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_a_task_can_be_shown_in_both_languages(portal: Portal, language: str) -> None:
    client = portal.client(unit(), language)
    reviewer = portal.client(officer(), language)
    url = save(client)
    for path in ("/tasks", "/tasks/new/enrolment", url, f"{url}/edit", f"{url}/submit",
                 f"{url}/withdraw", f"{url}/form", f"{url}/result"):  # fmt: skip
        assert client.get(path).status_code == 200, path
    client.post(f"{url}/submit")
    review = url.replace("/tasks/", "/officer/reviews/")
    for path in ("/officer/reviews", "/officer/reviews?q=none", review):
        assert reviewer.get(path).status_code == 200, path
    reviewer.post(review, data={"decision": "reject", "reason": "缺页"})
    for path in (url, f"{url}/result", "/tasks"):
        assert "缺页" in text_of(client.get(path)), path
    client.post(f"{url}/submit")
    reviewer.post(review, data={"decision": "approve"})
    for path in (url, f"{url}/result", f"{url}/submit", f"{url}/withdraw", "/tasks"):
        assert client.get(path).status_code == 200, path
    assert reviewer.get(review).status_code == 200


def test_login_08_the_home_says_what_to_do_when_there_is_nothing(portal: Portal) -> None:
    text = text_of(portal.client(unit()).get("/tasks"))

    for words in ("待办任务列表", "没有待办任务", "已办任务列表", "单位业务办理", "增员（续保）"):
        assert words in text


def test_task_05_saving_is_confirmed_with_the_sequence_number(portal: Portal) -> None:
    client = portal.client(unit())
    answer = client.post("/tasks/new/enrolment", data=fields())

    text = text_of(client.get(answer.headers["location"]))

    assert "信息录入成功" in text
    assert "20270310000001" in text
    assert "尚未提交" in text


def test_task_14_to_19_the_lists_use_the_words_of_the_guides(
    portal: Portal, agency: Agency
) -> None:
    client = portal.client(unit())
    url = save(client)
    assert "未提交 否" in text_of(client.get("/tasks"))

    client.post(f"{url}/submit")
    text = text_of(client.get("/tasks"))
    assert "进行中" in text
    assert "请耐心等候" in text

    agency.reject(officer(), int(url.rpartition("/")[2]), "照片不清晰")
    assert "未提交 是 照片不清晰" in text_of(client.get("/tasks"))

    client.post(f"{url}/submit")
    agency.approve(officer(), int(url.rpartition("/")[2]))
    assert "结束 2027-03 起生效" in text_of(client.get("/tasks"))


def test_identity_numbers_are_masked_in_lists(portal: Portal) -> None:
    client, reviewer = portal.client(unit()), portal.client(officer())
    url = save(client)
    assert MAN not in client.get("/tasks").text
    client.post(f"{url}/submit")

    assert MAN not in client.get("/tasks").text
    assert MAN not in client.get(url).text
    assert MAN not in reviewer.get("/officer/reviews").text
    assert MAN in reviewer.get(url.replace("/tasks/", "/officer/reviews/")).text


def test_a_wrong_form_comes_back_as_typed(portal: Portal) -> None:
    client = portal.client(unit())

    answer = client.post(
        "/tasks/new/enrolment", data=fields(birth_date="1990-01-02", declared_wage="7,000.5")
    )

    assert answer.status_code == 422
    assert "出生日期与身份证号码不一致" in text_of(answer)
    assert 'value="7000.5"' in answer.text
    assert f'value="{MAN}"' in answer.text


def test_an_empty_form_names_every_mandatory_field(portal: Portal) -> None:
    answer = portal.client(unit()).post("/tasks/new/enrolment", data={"action": "save"})

    assert answer.status_code == 422
    for name in ("id_number", "name", "sex", "employment_date", "declared_wage", "insurance"):
        assert f'href="#{name}"' in answer.text


def test_typed_text_is_escaped(portal: Portal, agency: Agency) -> None:
    answer = portal.client(unit()).post("/tasks/new/enrolment", data=fields(name="<b>张</b>"))
    assert "<b>张" not in answer.text

    task = agency.file(unit())
    agency.reject(officer(), task.id, "<script>alert(1)</script>")
    for page in ("/tasks", f"/tasks/{task.id}", f"/tasks/{task.id}/result"):
        assert "<script>alert" not in portal.client(unit()).get(page).text


def test_a_second_filing_points_to_the_first(portal: Portal) -> None:
    client = portal.client(unit())
    save(client)

    answer = client.post("/tasks/new/enrolment", data=fields())

    assert answer.status_code == 422
    assert "20270310000001" in text_of(answer)


def test_biz_add_13_back_pay_is_off_unless_asked_for(portal: Portal, agency: Agency) -> None:
    client = portal.client(unit())
    typed = fields() | {"back_pay_from": "2027-03"}
    url = client.post("/tasks/new/enrolment", data=typed).headers["location"]
    task_id = int(url.partition("?")[0].rpartition("/")[2])
    assert agency.task(task_id).data["back_pay_from"] is None

    answer = client.post(f"/tasks/{task_id}/edit", data=typed | {"back_pay": "yes"})
    assert answer.status_code == 303
    assert agency.task(task_id).data["back_pay_from"] == "2027-03"


def test_task_07_changing_keeps_what_is_locked(portal: Portal, agency: Agency) -> None:
    client = portal.client(unit())
    url = save(client)
    page = client.get(f"{url}/edit")
    assert 'name="id_number"' not in page.text
    assert 'name="birth_date"' not in page.text
    editable = ("name", "ethnicity", "employment_date", "declared_wage", "contract_signed")
    typed = {name: fields()[name] for name in editable} | {"declared_wage": "9000", "version": "1"}

    assert client.post(f"{url}/edit", data=typed).status_code == 303
    assert agency.task(int(url.rpartition("/")[2])).data["declared_wage"] == "9000.00"
    # The page was opened before somebody else saved.
    assert client.post(f"{url}/edit", data=typed).status_code == 409
    wrong = client.post(f"{url}/edit", data=typed | {"declared_wage": "x", "version": "2"})
    assert wrong.status_code == 422
    assert 'value="x"' in wrong.text


def test_biz_add_05_the_check_beside_the_field(portal: Portal, agency: Agency) -> None:
    agency.insure(WOMAN, kind="individual_mobility", place="武昌区")
    client = portal.client(unit())

    def check(number: str) -> str:
        return str(client.post("/tasks/new/enrolment/check", data={"id_number": number}).text)

    assert "可按首次参保继续录入" in check(MAN)
    assert "此人在武昌区个人流动窗口" in check(WOMAN)
    assert "18位" in check("1")
    assert "<html" not in check(MAN)


def test_biz_add_05_the_check_works_without_a_script(portal: Portal, agency: Agency) -> None:
    client = portal.client(unit())
    typed = {"id_number": MAN, "action": "check"}

    answer = client.post("/tasks/new/enrolment", data=typed)
    assert answer.status_code == 200
    assert "可按首次参保继续录入" in text_of(answer)
    assert 'value="1990-01-01"' in answer.text

    agency.insure(at=LAKE)
    assert "未停保" in text_of(client.post("/tasks/new/enrolment", data=typed))
    assert client.post("/tasks/new/enrolment", data={"action": "check"}).status_code == 422


def test_oth_15_submitting_asks_first_and_shows_what_is_against_it(
    portal: Portal, agency: Agency
) -> None:
    client = portal.client(unit())
    url = save(client)
    assert "确定要提交审批吗" in text_of(client.get(f"{url}/submit"))
    agency.insure(at=LAKE)

    answer = client.post(f"{url}/submit")

    assert answer.status_code == 422
    assert "此人在东湖公司单位未停保" in text_of(answer)


def test_task_11_the_result_page_follows_an_automatic_review(
    portal: Portal, agency: Agency
) -> None:
    client = portal.client(unit(unit_class="vip"))
    url = save(client)
    answer = client.post(f"{url}/submit")
    assert answer.headers["location"] == f"{url}/result"

    waiting = client.get(f"{url}/result")
    assert "进行中" in text_of(waiting)
    assert f'hx-get="{url}/result"' in waiting.text
    agency.wait_for_review()
    ended = client.get(f"{url}/result")
    assert "审批通过" in text_of(ended)
    assert "hx-get" not in ended.text


def test_task_10_withdrawing_asks_first(portal: Portal, agency: Agency) -> None:
    client = portal.client(unit())
    url = save(client)

    assert "不能恢复" in text_of(client.get(f"{url}/withdraw"))
    assert client.post(f"{url}/withdraw").headers["location"] == url
    assert "已退单" in text_of(client.get(url))
    assert client.post(f"{url}/withdraw").status_code == 409
    assert client.get(f"{url}/form").status_code == 409


def test_biz_add_02_the_paper_form(portal: Portal) -> None:
    client = portal.client(unit())
    text = text_of(client.get(f"{save(client)}/form"))

    for words in ("企业参保人员增员表", "江城公司", MAN, "6,500.00", "大额医疗保险"):
        assert words in text


def test_rev_06_an_officer_must_give_a_reason_to_return(portal: Portal, agency: Agency) -> None:
    task = agency.file(unit())
    reviewer = portal.client(officer())
    url = f"/officer/reviews/{task.id}"

    for typed in ({"decision": "reject"}, {"decision": "other"}, {}):
        assert reviewer.post(url, data=typed).status_code == 422
    assert reviewer.post(url, data={"decision": "approve"}).status_code == 303
    assert reviewer.post(url, data={"decision": "approve"}).status_code == 409
    assert "已审核通过" in text_of(reviewer.get(url))


def test_the_officer_is_warned_when_the_checks_speak_against_it(
    portal: Portal, agency: Agency
) -> None:
    task = agency.file(unit())
    agency.insure(at=LAKE)
    reviewer = portal.client(officer())

    text = text_of(reviewer.get(f"/officer/reviews/{task.id}"))

    assert "系统校验不通过" in text
    answer = reviewer.post(f"/officer/reviews/{task.id}", data={"decision": "approve"})
    assert answer.status_code == 422


def test_pages_of_others_are_closed(portal: Portal, agency: Agency) -> None:
    task = agency.file(unit())
    stranger, other = portal.client(unit(LAKE)), portal.client(officer("hongshan"))

    for path in ("", "/edit", "/submit", "/withdraw", "/result", "/form"):
        assert stranger.get(f"/tasks/{task.id}{path}").status_code == 404
    for path in ("edit", "submit", "withdraw"):
        assert stranger.post(f"/tasks/{task.id}/{path}", data=fields()).status_code == 404
    assert other.get(f"/officer/reviews/{task.id}").status_code == 403
    assert stranger.get("/officer/reviews").status_code == 403
    assert other.get("/tasks").status_code == 403
    assert other.get("/tasks/new/enrolment").status_code == 403
    assert stranger.get("/tasks/new/divination").status_code == 404


def test_a_unit_that_is_not_in_the_registry_is_told(portal: Portal) -> None:
    client = portal.client(unit("91420100000000000X"))

    assert "没有找到贵单位的参保登记" in text_of(client.get("/tasks"))
    assert client.get("/tasks/new/enrolment").status_code == 404
