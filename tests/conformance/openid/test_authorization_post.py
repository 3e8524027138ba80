"""The authorization request as a form (OpenID Connect Core 3.1.2.1, RFC 6749 3.1)."""

from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit

import pytest
from httpx import Response

from tests.support.bureau import Visitor
from tests.support.relying_party import PUBLIC, LoginHouse, Party, answered

AUTHORIZE = "/openid/authorize"
FORM = "application/x-www-form-urlencoded"
# What a browser says of a form that an application's page has sent it with.
FROM_ELSEWHERE = {"origin": "https://app.example", "sec-fetch-site": "cross-site"}


def post(
    visitor: Visitor,
    pairs: Iterable[tuple[str, str]],
    *,
    query: str = "",
    media_type: str = FORM,
) -> Response:
    answer: Response = visitor.post(
        AUTHORIZE + query,
        content=urlencode(list(pairs)),
        headers={**FROM_ELSEWHERE, "content-type": media_type},
    )
    return answer


def test_a_form_is_answered_as_a_link_is(house: LoginHouse, party: Party) -> None:
    answer = post(house.unit, party.request().items())
    assert answer.headers["location"].startswith(f"{party.redirect_uri}?")
    told = answered(answer)
    assert (told["state"], told["iss"]) == ("st4te", PUBLIC)
    exchanged = party.exchange(house.public, told["code"]).json()
    assert house.claims(exchanged["id_token"])["sub"] == house.username


def test_a_form_without_the_session_is_asked_again_as_a_link(
    house: LoginHouse, party: Party
) -> None:
    """Browsers keep the cookie out of other sites' forms (RFC 6265bis 5.6.7.1)."""
    for wish in ({}, {"prompt": "none"}, {"state": "ü&=+ %"}):
        asked = party.request(**wish)
        first = post(house.bureau.visitor(house.chain), asked.items())
        assert first.status_code == 303
        on = first.headers["location"]
        assert (urlsplit(on).netloc, urlsplit(on).path) == ("", AUTHORIZE)
        told = answered(house.unit.get(on))
        assert (told["state"], "code" in told) == (asked["state"], True)
    nobody = post(house.bureau.visitor(house.chain), party.request(prompt="none").items())
    stranger = house.bureau.visitor(house.chain)
    assert answered(stranger.get(nobody.headers["location"]))["error"] == "login_required"
    assert stranger.get(first.headers["location"]).headers["location"] == "/login"


@pytest.mark.parametrize(
    "query", ["?nonce=another", "?redirect_uri=https://evil.example", "?x", "?ui_locales=en"]
)
def test_parameters_are_taken_from_one_place(house: LoginHouse, party: Party, query: str) -> None:
    answer = post(house.unit, party.request().items(), query=query)
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_link_s_body_is_not_read(house: LoginHouse, party: Party) -> None:
    asked = party.request(state=None)
    answer = house.unit.request(
        "GET", f"{AUTHORIZE}?{urlencode(asked)}", content="state=b", headers={"content-type": FORM}
    )
    assert "state" not in answered(answer)


def test_a_repeated_parameter_of_a_form_is_refused(house: LoginHouse, party: Party) -> None:
    pairs = [*party.request().items(), ("nonce", "another")]
    assert answered(post(house.unit, pairs))["error"] == "invalid_request"
    again = post(house.bureau.visitor(house.chain), pairs)
    assert answered(house.unit.get(again.headers["location"]))["error"] == "invalid_request"
    two = [*party.request().items(), ("redirect_uri", "https://evil.example")]
    assert post(house.unit, two).status_code == 400


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/json", "multipart/form-data; boundary=x"]
)
def test_only_a_form_is_read(house: LoginHouse, party: Party, media_type: str) -> None:
    answer = post(house.unit, party.request().items(), media_type=media_type)
    assert answer.status_code in {400, 415}
    assert "location" not in answer.headers


@pytest.mark.parametrize("changed", [{"client_id": "nobody"}, {"redirect_uri": "//evil.example"}])
def test_a_form_sends_nobody_to_an_unregistered_address(
    house: LoginHouse, party: Party, changed: dict[str, str]
) -> None:
    """RFC 9700 4.11, whether somebody is here or not."""
    assert post(house.unit, party.request(**changed).items()).status_code == 400
    stranger = house.bureau.visitor(house.chain)
    first = post(stranger, party.request(**changed).items())
    assert first.headers["location"].startswith(f"{AUTHORIZE}?")
    assert stranger.get(first.headers["location"]).status_code == 400


def test_a_form_that_no_link_could_be_is_refused(house: LoginHouse, party: Party) -> None:
    for visitor in (house.unit, house.bureau.visitor(house.chain)):
        assert post(visitor, party.request(login_hint="x" * 6000).items()).status_code == 400


def test_without_a_certificate_a_form_is_refused(house: LoginHouse, party: Party) -> None:
    answer = post(house.bureau.visitor(), party.request().items())
    assert answer.status_code == 403
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/openid/end-session", "/login", "/openid/authorize/"])
def test_other_sites_post_to_nothing_else(house: LoginHouse, path: str) -> None:
    """The exception to the origin check is one path."""
    answer = house.unit.post(path, data={"client_id": "statements"}, headers=FROM_ELSEWHERE)
    assert answer.status_code == 403
    assert house.unit.get("/api/v1/session").status_code == 200
