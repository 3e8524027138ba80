"""The JSON calls of tasks and reviews, as the outward contract names them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.support.workflow import LAKE, MAN, RIVER, Agency, enrolment_data, officer, unit
from tests.support.workflow_portal import Portal

TASKS, REVIEWS = "/api/v1/tasks", "/api/v1/reviews"


def file(client: TestClient, **changes: Any) -> dict[str, Any]:
    body = {"module": "enrolment", "data": enrolment_data(**changes)}
    answer = client.post(TASKS, json=body)
    assert answer.status_code == 201, answer.text
    task: dict[str, Any] = answer.json()
    return task


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["type"].endswith(f"/{code}")
    return document


def test_a_vip_filing_from_draft_to_end(portal: Portal) -> None:
    client = portal.client(unit(unit_class="vip"))

    task = file(client)
    assert task["sequence_number"] == "20270310000001"
    assert (task["module"], task["state"], task["returned"]) == ("enrolment", "draft", False)
    assert task["return_reason"] is None
    assert task["data"] == enrolment_data()

    url = f"{TASKS}/{task['id']}"
    saved = client.put(url, json={"data": enrolment_data(declared_wage="7000")}).json()
    assert saved["data"]["declared_wage"] == "7000.00"

    submitted = client.post(f"{url}/submit").json()
    assert (submitted["state"], submitted["review_due_at"]) == ("in_review", "2027-03-10T04:03:00Z")
    portal.agency.wait_for_review()
    ended = client.get(url).json()
    assert (ended["state"], ended["effective_month"]) == ("ended", "2027-03")
    assert client.get(TASKS, params={"list": "todo"}).json() == {"items": [], "next": None}
    done = client.get(TASKS, params={"list": "done"}).json()
    assert [item["id"] for item in done["items"]] == [task["id"]]


def test_an_ordinary_filing_returned_and_withdrawn(portal: Portal) -> None:
    client, reviewer = portal.client(unit()), portal.client(officer("wuchang"))
    task = file(client)
    client.post(f"{TASKS}/{task['id']}/submit")

    waiting = reviewer.get(REVIEWS).json()["items"]
    assert [item["id"] for item in waiting] == [task["id"]]
    assert waiting[0]["unit"] == {
        "credit_code": RIVER, "name": "江城公司", "district": "wuchang",
    }  # fmt: skip
    decision = {"decision": "reject", "reason": "劳动合同缺页"}
    answer = reviewer.post(f"{REVIEWS}/{task['id']}", json=decision)
    assert answer.json()["state"] == "returned"

    returned = client.get(f"{TASKS}/{task['id']}").json()
    assert (returned["returned"], returned["return_reason"]) == (True, "劳动合同缺页")
    assert client.post(f"{TASKS}/{task['id']}/withdraw").json()["state"] == "withdrawn"


def test_an_officer_approves_once(portal: Portal) -> None:
    client, reviewer = portal.client(unit()), portal.client(officer())
    task = file(client)
    client.post(f"{TASKS}/{task['id']}/submit")
    url = f"{REVIEWS}/{task['id']}"

    assert reviewer.post(url, json={"decision": "approve"}).json()["state"] == "ended"
    problem(reviewer.post(url, json={"decision": "approve"}), 409, "task-already-decided")


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh", "此人在东湖公司单位未停保"), ("en", "This person is still insured at 东湖公司")],
)
def test_the_reason_of_the_automatic_review_is_told_in_the_readers_language(
    portal: Portal, language: str, text: str
) -> None:
    client = portal.client(unit(unit_class="vip"), language)
    task = file(client)
    client.post(f"{TASKS}/{task['id']}/submit")
    portal.agency.insure(at=LAKE)
    portal.agency.wait_for_review()

    returned = client.get(f"{TASKS}/{task['id']}").json()

    assert returned["return_reason"].startswith(text)
    assert returned["return_code"] == "person-active-elsewhere"


def test_wrong_fields_are_told_one_by_one(portal: Portal) -> None:
    client = portal.client(unit())
    body = {"module": "enrolment", "data": enrolment_data(sex="female", contract_signed=False)}

    document = problem(client.post(TASKS, json=body), 422, "filing-refused")

    assert [(e["field"], e["code"]) for e in document["errors"]] == [
        ("sex", "sex-mismatch"),
        ("contract_signed", "contract-not-signed"),
    ]
    assert all(e["detail"] for e in document["errors"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed-request"),
        (b"[]", "input-invalid"),
        (b'{"module": "enrolment"}', "input-invalid"),
        (b'{"module": 1, "data": {}}', "input-invalid"),
        (b'{"module": "enrolment", "data": []}', "input-invalid"),
        (b'{"module": "enrolment", "data": {}}', "filing-incomplete"),
        (b'{"module": "enrolment", "data": {"\\ud800": 1}}', "filing-incomplete"),
        (b'{"module": "enrolment", "data": {"name": "\\ud800\\u0000"}}', "filing-incomplete"),
        (b'{"module": "enrolment", "data": {"declared_wage": 1e999}}', "filing-incomplete"),
    ],
)
def test_a_bad_request_is_never_a_5xx(portal: Portal, body: bytes, code: str) -> None:
    client = portal.client(unit())

    answer = client.post(TASKS, content=body, headers={"content-type": "application/json"})

    problem(answer, answer.status_code, code)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("task_id", ["0", "-1", "x", "9223372036854775808", "1e3"])
def test_a_number_that_cannot_be_a_task(portal: Portal, task_id: str) -> None:
    client = portal.client(unit())

    assert client.get(f"{TASKS}/{task_id}").status_code == 422
    assert client.post(f"{TASKS}/{task_id}/submit").status_code == 422


@pytest.mark.parametrize(
    "query", ["list=other", "limit=0", "limit=101", "after=x", "after=0", "after=" + "9" * 32]
)
def test_a_bad_query_is_refused(portal: Portal, query: str) -> None:
    assert portal.client(unit()).get(f"{TASKS}?{query}").status_code == 422


def test_foreign_tasks_are_not_found(portal: Portal) -> None:
    task = file(portal.client(unit()))
    stranger = portal.client(unit(LAKE))
    url = f"{TASKS}/{task['id']}"

    problem(stranger.get(url), 404, "task-not-found")
    problem(stranger.put(url, json={"data": enrolment_data()}), 404, "task-not-found")
    problem(stranger.post(f"{url}/submit"), 404, "task-not-found")
    problem(stranger.post(f"{url}/withdraw"), 404, "task-not-found")
    assert stranger.get(TASKS).json()["items"] == []


def test_units_do_not_review_and_officers_do_not_file(portal: Portal) -> None:
    client, reviewer = portal.client(unit()), portal.client(officer())

    problem(client.get(REVIEWS), 403, "not-allowed")
    problem(client.post(f"{REVIEWS}/1", json={"decision": "approve"}), 403, "not-allowed")
    problem(reviewer.get(TASKS), 403, "not-allowed")
    body = {"module": "enrolment", "data": enrolment_data()}
    problem(reviewer.post(TASKS, json=body), 403, "not-allowed")


@pytest.mark.parametrize(
    ("decision", "status", "code"),
    [
        ({"decision": "maybe"}, 422, "input-invalid"),
        ({"decision": "reject"}, 422, "field-required"),
        ({"decision": "reject", "reason": "长" * 501}, 422, "text-too-long"),
        ({"decision": "reject", "reason": "a\x00"}, 422, "text-unprintable"),
        ({"decision": "approve", "rows": [{"row": 1}]}, 422, "review-rows-not-batch"),
    ],
)
def test_bad_decisions_are_refused(
    portal: Portal, decision: dict[str, Any], status: int, code: str
) -> None:
    task = portal.agency.file(unit())

    problem(portal.client(officer()).post(f"{REVIEWS}/{task.id}", json=decision), status, code)

    assert portal.agency.task(task.id).state == "in_review"


def check(portal: Portal, number: str) -> dict[str, Any]:
    answer = portal.client(unit()).post(f"{TASKS}/checks/enrolment", json={"id_number": number})
    document: dict[str, Any] = answer.json()
    return document


def test_biz_add_05_the_status_check_before_saving(portal: Portal, agency: Agency) -> None:
    assert check(portal, MAN)["free"] is True
    assert check(portal, MAN)["renewal"] is False

    agency.insure(at=LAKE)
    refused = check(portal, MAN)
    assert refused["free"] is False
    assert refused["reason"]["detail"].startswith("此人在东湖公司单位未停保")

    agency.end_insurance()
    assert check(portal, MAN)["renewal"] is True
    assert check(portal, "123")["type"].endswith("/id-number-format")


def test_hints_come_with_the_task(portal: Portal) -> None:
    task = file(portal.client(unit()), employment_date="2027-01-01")

    assert [notice["code"] for notice in task["notices"]] == [
        "hiring-duty-late",
        "papers-by-deadline",
    ]
