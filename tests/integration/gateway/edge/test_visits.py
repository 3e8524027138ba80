"""A login at the portal reaches the hosts of applications, once and for one certificate."""

import pytest
from joserfc import jws

from gateway.edge.tokens.claims import ASSERTION_COOKIE, SESSION_TOKEN_COOKIE
from tests.integration.gateway.edge.conftest import APPS
from tests.support.answers import form_token_in
from tests.support.bureau import NEW_PASSWORD, OPERATOR, Bureau, Visitor

VISIT = "/.certgate/session"
CONTINUATION = "__Host-certgate-continue"
PAIR = {SESSION_TOKEN_COOKIE, ASSERTION_COOKIE}
OTHER_CODE = "91420100707123456W"


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """What the tickets do on both databases is shown by test_visit_tickets.py."""
    return str(request.param)


@pytest.fixture
def unit(node: Bureau) -> Visitor:
    return node.arrive(node.register_unit())


def ticket_url(visitor: Visitor, path: str = "/statements?year=2026") -> str:
    """Ask the portal for the way to the other host."""
    answer = visitor.get("/session/token", params={"return": f"{APPS}{path}"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{APPS}{VISIT}?ticket=")
    return str(answer.headers["location"])


def at_host(node: Bureau, visitor: Visitor) -> Visitor:
    """The same browser at the application's host: the certificate, and no cookie of the portal."""
    return node.visitor(visitor.chain, APPS)


def code_of(visitor: Visitor, url: str) -> tuple[int, str]:
    answer = visitor.get(url, headers={"accept": "application/json"})
    return answer.status_code, str(answer.json()["type"]).rsplit("/", 1)[-1]


def test_the_other_host_gets_tokens_of_its_own(node: Bureau, unit: Visitor) -> None:
    there = at_host(node, unit)
    answer = there.get(ticket_url(unit))
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{APPS}/statements?year=2026"
    assert set(there.cookies) == PAIR
    for name in PAIR:
        claims = jws.extract_compact(there.cookies[name].encode()).payload
        assert b'"aud":"apps.example"' in claims


def test_a_ticket_is_good_once(node: Bureau, unit: Visitor) -> None:
    url = ticket_url(unit)
    assert at_host(node, unit).get(url).status_code == 303
    assert code_of(at_host(node, unit), url) == (403, "visit-ended")


def test_a_ticket_is_of_one_certificate(node: Bureau, unit: Visitor) -> None:
    """Neither stolen nor pressed upon somebody else (login CSRF), and not used up by trying."""
    other = node.arrive(node.register_unit("另一家公司", OTHER_CODE))
    url = ticket_url(unit)
    assert code_of(at_host(node, other), url) == (403, "visit-ended")
    assert code_of(node.visitor((), APPS), url) == (403, "certificate-required")
    assert at_host(node, unit).get(url).status_code == 303


def test_what_is_no_ticket_opens_nothing(node: Bureau, unit: Visitor) -> None:
    there = at_host(node, unit)
    for ticket in ("", "a", "a" * 43, "\0", "武汉"):
        assert there.get(VISIT, params={"ticket": ticket}).status_code == 403, ticket
        assert not PAIR & set(there.cookies)


def test_what_happened_to_the_session_meanwhile_counts(node: Bureau, unit: Visitor) -> None:
    url = ticket_url(unit)
    assert unit.delete("/api/v1/session").status_code == 204
    there = at_host(node, unit)
    assert code_of(there, url) == (401, "login-required")
    assert not set(there.cookies)


def test_a_revoked_certificate_arrives_nowhere(node: Bureau, unit: Visitor) -> None:
    url = ticket_url(unit)
    serial_number = node.house.certification.verifier.verify(unit.chain).serial_number
    with node.house.database.writing() as session:
        node.house.revocation.revoke(session, serial_number, "keyCompromise", OPERATOR)
    assert code_of(at_host(node, unit), url) == (403, "certificate-revoked")


def test_the_portal_is_not_served_under_the_name_of_an_application(
    node: Bureau, unit: Visitor
) -> None:
    there = at_host(node, unit)
    for path in ("/", "/login", "/api/v1/session", "/tasks", "/static/x"):
        assert there.get(path).status_code == 421, path


def test_a_visit_to_the_portal_itself_is_none(unit: Visitor) -> None:
    assert unit.get(VISIT, params={"ticket": "x"}).status_code == 421


def test_who_works_in_an_application_is_not_idle(node: Bureau, unit: Visitor) -> None:
    """The session is touched by renewals, so its 30 idle minutes begin anew."""
    for _ in range(3):
        node.clock.advance(minutes=20)
        there = at_host(node, unit)
        assert there.get(ticket_url(unit)).status_code == 303


def test_a_login_that_an_application_asked_for_leads_back(node: Bureau, unit: Visitor) -> None:
    slip = node.register_unit("另一家公司", OTHER_CODE)
    visitor = node.visitor(node.pick_up(slip))
    wanted = f"{APPS}/statements?year=2026"

    sent = visitor.get("/session/token", params={"return": wanted})
    page = visitor.get(sent.headers["location"])

    def post(path: str, **fields: str) -> str:
        form = {"form_token": form_token_in(page.text), **fields}
        return str(visitor.post(path, data=form).headers["location"])

    onwards = post("/login", username=slip.username, password=slip.initial_password)
    page = visitor.get(onwards)
    onwards = post(
        "/password",
        old_password=slip.initial_password,
        new_password=NEW_PASSWORD,
        confirmation=NEW_PASSWORD,
    )
    going_on = link_in(visitor.get(onwards).text)
    assert visitor.get(going_on).headers["location"].startswith(f"{APPS}{VISIT}?ticket=")


def test_a_hostile_address_leads_home(node: Bureau, unit: Visitor) -> None:
    answer = unit.get("/session/token", params={"return": "//evil.example"})
    assert answer.headers["location"] == "/"
    fresh = node.visitor(unit.chain)
    sent = fresh.get("/session/token", params={"return": "https://evil.example/"})
    assert sent.headers["location"] == "/login"
    assert "evil" not in str(sent.headers)
    assert CONTINUATION not in fresh.cookies


def link_in(page: str) -> str:
    """Return where the page leads by itself."""
    return page.split('http-equiv="refresh" content="0; url=', 1)[1].split('"', 1)[0]
