"""Failures become RFC 9457 problems for programs and pages for people."""

import pytest
from fastapi.testclient import TestClient

HTML = {"accept": "text/html"}


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("invalid", 422, "input-invalid"),
        ("missing", 404, "not-found"),
        ("conflict", 409, "unavailable"),
        ("denied", 403, "not-allowed"),
        ("login", 401, "login-required"),
        ("throttled", 429, "unavailable"),
        ("broken", 500, "unexpected"),
    ],
)
def test_each_failure_has_its_status_and_type(
    client: TestClient, kind: str, status: int, code: str
) -> None:
    answer = client.get(f"/api/fail/{kind}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == f"/problems/{code}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["x-request-id"]


def test_wrong_fields_are_named(client: TestClient) -> None:
    document = client.get("/api/fail/invalid", headers={"accept-language": "en"}).json()
    assert document["errors"] == [
        {"field": "name", "code": "field-required", "detail": "This is required"}
    ]


def test_a_throttled_caller_learns_how_long_to_wait(client: TestClient) -> None:
    answer = client.get("/api/fail/throttled")
    assert answer.headers["retry-after"] == "61"
    assert answer.json()["params"] == {"seconds": 61, "minutes": 2}


def test_a_401_names_a_challenge_without_a_browser_dialogue(client: TestClient) -> None:
    """RFC 9110, section 15.5.2."""
    challenge = client.get("/api/fail/login").headers["www-authenticate"]
    assert challenge.split()[0] not in {"Basic", "Digest", "Negotiate", "NTLM"}


@pytest.mark.parametrize("path", ["/api/fail/broken", "/fail/broken"])
def test_an_unknown_error_shows_nothing_but_the_request_id(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_people_get_a_page_in_their_language(client: TestClient) -> None:
    answer = client.get("/fail/denied", headers=HTML)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "您没有办理此项操作的权限" in answer.text
    assert "接下来怎么办" in answer.text
    english = client.get("/fail/denied", headers=HTML | {"accept-language": "en"})
    assert "You are not allowed to do this" in english.text
    assert english.headers["content-language"] == "en"


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
def test_a_program_may_ask_for_a_problem_anywhere(client: TestClient, accept: str) -> None:
    answer = client.get("/fail/denied", headers={"accept": accept})
    assert answer.headers["content-type"] == "application/problem+json"


def test_people_who_must_log_in_are_led_there(client: TestClient) -> None:
    answer = client.get("/fail/login", headers=HTML, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_a_part_of_a_page_is_led_there_as_a_whole(client: TestClient) -> None:
    answer = client.get("/fail/login", headers=HTML | {"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


def test_an_unknown_address_is_not_found(client: TestClient) -> None:
    assert client.get("/api/nowhere").json()["type"] == "/problems/not-found"
    assert client.get("/nowhere", headers=HTML).status_code == 404


def test_a_wrong_method_says_which_are_right(client: TestClient) -> None:
    answer = client.put("/api/json", json={})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_input_of_the_wrong_shape_names_the_field_and_not_the_value(client: TestClient) -> None:
    answer = client.post("/api/json", json={"amount": "hunter2"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "amount"
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"amount": NaN', b"[" * 2000])
def test_unreadable_json_is_a_bad_request(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/json", content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_page_path_cannot_turn_links_to_another_site(client: TestClient) -> None:
    answer = client.get("//evil.example/x", headers=HTML)
    assert answer.status_code == 404
    assert "evil.example" not in answer.text
