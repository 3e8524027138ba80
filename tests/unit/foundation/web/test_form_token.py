"""A form can only be sent from a page that this browser was given."""

import pytest
from fastapi.testclient import TestClient

from foundation.web.middleware.form_token import ANONYMOUS_COOKIE
from tests.unit.foundation.web.conftest import SESSION_COOKIE


def token_of(client: TestClient) -> str:
    return str(client.get("/form").text)


def test_a_form_with_its_token_is_accepted(client: TestClient) -> None:
    answer = client.post("/form", data={"form_token": token_of(client), "name": "Li"})
    assert answer.status_code == 200
    assert answer.json() == {"name": "Li", "actor": "anonymous"}


def test_the_anonymous_cookie_cannot_be_read_or_set_by_others(client: TestClient) -> None:
    cookie = client.get("/form").headers["set-cookie"]
    assert cookie.startswith(f"{ANONYMOUS_COOKIE}=")
    for attribute in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie


def test_the_cookie_stays_the_same_so_that_two_tabs_work(client: TestClient) -> None:
    first = token_of(client)
    again = client.get("/form")
    assert again.text == first
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("fields", [{}, {"form_token": ""}, {"form_token": "é"}])
def test_a_form_without_the_token_is_refused(client: TestClient, fields: dict[str, str]) -> None:
    token_of(client)
    answer = client.post("/form", data={"name": "Li", **fields})
    assert answer.status_code == 403
    assert "页面已经过期" in answer.text


def test_without_any_cookie_no_token_fits(client: TestClient) -> None:
    token = token_of(client)
    client.cookies.clear()
    assert client.post("/form", data={"form_token": token, "name": "Li"}).status_code == 403


def test_the_token_of_another_browser_is_refused(client: TestClient) -> None:
    foreign = token_of(client)
    client.cookies.clear()
    token_of(client)
    assert client.post("/form", data={"form_token": foreign, "name": "Li"}).status_code == 403


def test_after_login_the_token_hangs_on_the_session(client: TestClient) -> None:
    before = token_of(client)
    client.cookies.set(SESSION_COOKIE, "one")
    session = token_of(client)
    assert session != before
    assert client.post("/form", data={"form_token": before, "name": "Li"}).status_code == 403
    assert client.post("/form", data={"form_token": session, "name": "Li"}).status_code == 200
    client.cookies.set(SESSION_COOKIE, "two")
    assert client.post("/form", data={"form_token": session, "name": "Li"}).status_code == 403


def test_htmx_sends_the_token_as_a_header(client: TestClient) -> None:
    headers = {"x-form-token": token_of(client)}
    assert client.post("/form", data={"name": "Li"}, headers=headers).status_code == 200


def test_an_upload_reaches_the_route_whole(client: TestClient) -> None:
    data, files = {"form_token": token_of(client)}, {"file": ("a.xlsx", b"x" * 9000)}
    answer = client.post("/upload", data=data, files=files)
    assert answer.json() == {"size": 9000}


def test_an_upload_without_the_token_is_refused(client: TestClient) -> None:
    assert client.post("/upload", files={"file": ("a.xlsx", b"x")}).status_code == 403


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", ""])
def test_other_bodies_need_the_header(client: TestClient, content_type: str) -> None:
    """A form of another site can send text/plain without asking (Fetch, CORS-safelisted)."""
    body = f"form_token={token_of(client)}&name=Li"
    answer = client.post("/form", content=body, headers={"content-type": content_type})
    assert answer.status_code == 403


def test_a_broken_upload_is_a_bad_request(client: TestClient) -> None:
    answer = client.post(
        "/upload", content=b"junk", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code in {400, 403}


def test_a_broken_upload_without_boundary_is_a_bad_request(client: TestClient) -> None:
    answer = client.post(
        "/upload", content=b"junk", headers={"content-type": "multipart/form-data"}
    )
    assert answer.status_code == 400


def test_the_api_does_not_use_the_token(client: TestClient) -> None:
    """Programs send JSON; there the origin check and SameSite stand guard."""
    assert client.post("/api/json", json={"amount": 1}).status_code == 200
