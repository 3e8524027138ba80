"""The authorization endpoint: OpenID Connect Core 3.1.2, RFC 6749 4.1, RFC 7636, RFC 9207, 9700."""

from urllib.parse import urlencode

import pytest
from httpx import Response

from tests.support.bureau import NEW_PASSWORD, OPERATOR, Visitor
from tests.support.relying_party import PUBLIC, LoginHouse, Party, answered


def test_a_code_state_and_issuer_come_back(house: LoginHouse, party: Party) -> None:
    """RFC 6749 4.1.2, RFC 9207 2."""
    answer = party.authorize(house.unit)
    assert answer.headers["location"].startswith(f"{party.redirect_uri}?")
    parameters = answered(answer)
    assert parameters.keys() == {"code", "state", "iss"}
    assert (parameters["state"], parameters["iss"]) == ("st4te", PUBLIC)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "no\0body"},
        {"redirect_uri": None},
        {"redirect_uri": "https://app.example/callback/"},
        {"redirect_uri": "https://app.example/callback?x=1"},
        {"redirect_uri": "https://app.example/Callback"},
        {"redirect_uri": "https://app.example:443/callback"},
        {"redirect_uri": "https://app.example/callback#f"},
        {"redirect_uri": "https://app.example/callback\\@evil.example"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "javascript:alert(1)//\"'"},
        {"redirect_uri": "//evil.example"},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    house: LoginHouse, party: Party, changed: dict[str, str | None]
) -> None:
    """RFC 9700 2.1, 4.11; RFC 6749 4.1.2.1: told here, never by a redirect."""
    answer = party.authorize(house.unit, **changed)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    # The page offers itself in another language, with its own query, and no way out.
    assert 'href="https://evil' not in answer.text
    assert "http-equiv" not in answer.text


def test_two_redirect_uris_are_none(house: LoginHouse, party: Party) -> None:
    query = urlencode([*party.request().items(), ("redirect_uri", "https://evil.example")])
    answer = house.unit.get(f"/openid/authorize?{query}")
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": 'é"\\'}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 43 + "\n"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"nonce": "n" * 256}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "consent"}, "consent_required"),
        ({"prompt": "select_account"}, "account_selection_required"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"id_token_hint": "garbage"}, "login_required"),
    ],
)
def test_what_cannot_be_answered_is_told_to_the_application(
    house: LoginHouse, party: Party, changed: dict[str, str | None], error: str
) -> None:
    """Core 3.1.2.6, RFC 6749 4.1.2.1, RFC 7636 4.4.1; with state and iss, and no code."""
    told = answered(party.authorize(house.unit, **changed))
    assert told["error"] == error
    assert (told["state"], told["iss"]) == ("st4te", PUBLIC)
    assert "code" not in told


def test_a_repeated_parameter_is_refused(house: LoginHouse, party: Party) -> None:
    """RFC 6749 3.1."""
    query = urlencode([*party.request().items(), ("nonce", "another")])
    answer = house.unit.get(f"/openid/authorize?{query}")
    assert answered(answer)["error"] == "invalid_request"


def test_unknown_parameters_and_scopes_are_ignored(house: LoginHouse, party: Party) -> None:
    """Core 3.1.2.1; login_hint, ui_locales and display mean nothing here."""
    assert party.code(
        house.unit, scope="openid offline_access", login_hint="x", display="page", acr_values="1"
    )


@pytest.mark.parametrize("query", ["%ff=1", "a=%00", "&".join("a=1" for _ in range(99))])
def test_an_unreadable_query_is_a_bad_request(house: LoginHouse, query: str) -> None:
    assert house.unit.get(f"/openid/authorize?{query}").status_code == 400


def test_without_a_certificate_there_is_only_the_page_that_says_so(
    house: LoginHouse, party: Party
) -> None:
    answer = party.authorize(house.bureau.visitor())
    assert answer.status_code == 403
    assert "location" not in answer.headers


def test_a_login_leads_back_to_the_application(house: LoginHouse, party: Party) -> None:
    visitor = house.bureau.visitor(house.chain)
    first = party.authorize(visitor)
    assert (first.status_code, first.headers["location"]) == (303, "/login")
    assert log_in(visitor, house.username).headers["location"] == "/continue"
    on = visitor.get("/continue")
    assert on.status_code == 200
    place = refresh_of(on.text)
    assert answered(visitor.get(place))["state"] == "st4te"
    # Once: the next login leads home.
    assert visitor.get("/continue").headers["location"] == "/"


def test_nobody_is_logged_in_to_an_application_before_the_password_reset(
    house: LoginHouse, party: Party
) -> None:
    """AMB-02: by no way around."""
    slip = house.bureau.register_unit("武汉东湖光电科技股份有限公司", "91420100707123456W")
    visitor = house.bureau.visitor(house.bureau.pick_up(slip))
    visitor.log_in(slip.username, slip.initial_password)
    first = party.authorize(visitor)
    assert (first.status_code, first.headers["location"]) == (303, "/password")
    told = answered(party.authorize(visitor, prompt="none"))
    assert told["error"] == "interaction_required"
    form = {
        "old_password": slip.initial_password,
        "new_password": NEW_PASSWORD,
        "confirmation": NEW_PASSWORD,
        "form_token": form_token(visitor.get("/password").text),
    }
    assert visitor.post("/password", data=form).headers["location"] == "/continue"
    assert "code" in answered(visitor.get(refresh_of(visitor.get("/continue").text)))


def test_prompt_none_asks_nobody(house: LoginHouse, party: Party) -> None:
    """Core 3.1.2.1."""
    stranger = house.bureau.visitor(house.chain)
    assert answered(party.authorize(stranger, prompt="none"))["error"] == "login_required"
    assert "code" in answered(party.authorize(house.unit, prompt="none"))


def test_prompt_login_and_max_age_take_a_new_login(house: LoginHouse, party: Party) -> None:
    """Core 3.1.2.1: and the new one satisfies the wish, or it would be asked for ever."""
    visitor = house.log_in_again()
    house.bureau.clock.advance(seconds=30)
    before = int(house.bureau.clock.now().timestamp())
    for wish in ({"prompt": "login"}, {"max_age": "10"}):
        again = party.authorize(visitor, **wish)
        assert again.headers["location"] == "/login?again=1"
        assert visitor.get("/login?again=1").status_code == 200
        assert log_in(visitor, house.username, "/login?again=1").status_code == 303
        code = answered(visitor.get(refresh_of(visitor.get("/continue").text)))["code"]
        claims = house.claims(party.exchange(house.public, code).json()["id_token"])
        assert claims["auth_time"] >= before
        house.bureau.clock.advance(seconds=30)
        before += 30
    assert "code" in answered(party.authorize(visitor, max_age="3600"))
    told = answered(party.authorize(visitor, max_age="10", prompt="none"))
    assert told["error"] == "login_required"


def test_a_hint_of_somebody_else_finds_nobody(house: LoginHouse, party: Party) -> None:
    """Core 3.1.2.1, id_token_hint."""
    hint = party.exchange(house.public, party.code(house.unit)).json()["id_token"]
    assert "code" in answered(party.authorize(house.unit, id_token_hint=hint))
    officer = house.bureau.arrive(house.bureau.register_officer("zhou.ming", "administrator"))
    assert answered(party.authorize(officer, id_token_hint=hint))["error"] == "login_required"


def test_an_application_is_for_those_it_was_registered_for(house: LoginHouse) -> None:
    """Deny by default; and whoever was let in before is asked again at the token endpoint."""
    audits = house.party("audits", everybody=False, roles=["auditor"])
    told = answered(audits.authorize(house.unit))
    assert told["error"] == "access_denied"
    auditor = house.bureau.arrive(house.bureau.register_officer("liu.yang", "auditor"))
    code = audits.code(auditor)
    officers = house.bureau.house.enrollment.officers
    with house.bureau.house.database.writing() as session:
        officers.grant_role(session, "liu.yang", "review_officer", OPERATOR)
        officers.revoke_role(session, "liu.yang", "auditor", OPERATOR)
    assert audits.exchange(house.public, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "value",
    ["aHR0cHM6Ly9ldmlsLmV4YW1wbGUv", "Ly9ldmlsLmV4YW1wbGU", "L29mZmljZXIvYXVkaXQ", "%%%", ""],
)
def test_a_planted_continuation_leads_nowhere_else(house: LoginHouse, value: str) -> None:
    """No open redirect by cookie: https://evil.example/, //evil.example, /officer/audit."""
    visitor = house.bureau.visitor(house.chain)
    visitor.cookies.set("__Host-certgate-continue", value)
    assert log_in(visitor, house.username).headers["location"] == "/"
    assert visitor.get("/continue").headers["location"] == "/"


def log_in(visitor: Visitor, username: str, page: str = "/login") -> Response:
    """Log in by the page."""
    form = {
        "username": username,
        "password": NEW_PASSWORD,
        "form_token": form_token(visitor.get(page).text),
    }
    answer: Response = visitor.post("/login", data=form)
    return answer


def form_token(page: str) -> str:
    return page.split('name="form_token" value="')[1].split('"', maxsplit=1)[0]


def refresh_of(page: str) -> str:
    return page.split('content="0; url=')[1].split('"', maxsplit=1)[0].replace("&amp;", "&")
