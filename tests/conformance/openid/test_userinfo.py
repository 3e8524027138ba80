"""The userinfo endpoint asks everything anew: Core 5.3, RFC 6750, AMB-21, LOGIN-06."""

from collections.abc import Callable

import pytest

from tests.support.bureau import OPERATOR
from tests.support.relying_party import LoginHouse, Party, who_is


def token_of(house: LoginHouse, party: Party) -> str:
    """Return a good token of a session of its own."""
    code = party.code(house.log_in_again())
    return str(party.exchange(house.public, code).json()["access_token"])


def test_get_and_post_answer_alike(house: LoginHouse, party: Party) -> None:
    """Core 5.3.1."""
    header = {"authorization": f"bearer {token_of(house, party)}"}
    by_get = house.public.get("/openid/userinfo", headers=header)
    by_post = house.public.post("/openid/userinfo", headers=header)
    assert by_get.status_code == by_post.status_code == 200
    assert by_get.json() == by_post.json()


def test_who_sends_nothing_hears_nothing_but_the_scheme(house: LoginHouse) -> None:
    """RFC 6750 3.1."""
    answer = house.public.get("/openid/userinfo")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.content == b""


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer a b", "Bearer é", "B" * 9000],
)
def test_what_is_no_token_of_ours_is_refused(house: LoginHouse, header: str) -> None:
    answer = house.public.get(
        "/openid/userinfo", headers={"authorization": header.encode("latin-1")}
    )
    assert answer.status_code == 401
    assert answer.json() == {"error": "invalid_token"}


def test_a_token_in_the_address_is_not_looked_at(house: LoginHouse, party: Party) -> None:
    """RFC 6750 2.3, RFC 9700 4.3.2: addresses are written into logs."""
    token = token_of(house, party)
    assert house.public.get(f"/openid/userinfo?access_token={token}").status_code == 401


def test_a_token_ends_by_itself(house: LoginHouse, party: Party) -> None:
    token = token_of(house, party)
    house.bureau.clock.advance(minutes=4, seconds=59)
    assert who_is(house.public, token).status_code == 200
    house.bureau.clock.advance(seconds=1)
    assert who_is(house.public, token).status_code == 401


def suspend(house: LoginHouse) -> None:
    with house.bureau.house.database.writing() as session:
        house.bureau.house.enrollment.standing.suspend(session, house.username, OPERATOR)


def hold(house: LoginHouse) -> None:
    with house.bureau.house.database.reading() as session:
        serial_number = house.bureau.house.certification.verifier.verify(house.chain).serial_number
    with house.bureau.house.database.writing() as session:
        house.bureau.house.revocation.hold(session, serial_number, OPERATOR)


def revoke(house: LoginHouse) -> None:
    serial_number = house.bureau.house.certification.verifier.verify(house.chain).serial_number
    with house.bureau.house.database.writing() as session:
        house.bureau.house.revocation.revoke(session, serial_number, "keyCompromise", OPERATOR)


def forget_application(house: LoginHouse) -> None:
    with house.bureau.house.database.writing() as session:
        house.bureau.house.openid.parties.remove(session, "short-lived", OPERATOR)


@pytest.mark.parametrize("end", [suspend, hold, revoke, forget_application])
def test_a_token_ends_at_once_with_what_it_stands_on(
    house: LoginHouse, end: Callable[[LoginHouse], None]
) -> None:
    """A revoked certificate, a suspended subscriber, a removed application: the next call."""
    own = LoginHouse.of_another(house)
    party = own.party("short-lived")
    token = str(party.exchange(own.public, party.code(own.unit)).json()["access_token"])
    assert who_is(own.public, token).status_code == 200
    end(own)
    assert who_is(own.public, token).status_code == 401
    if end is not forget_application:
        forget_application(own)


def test_a_token_ends_with_the_session_and_the_role(house: LoginHouse) -> None:
    party = house.party("for-auditors", everybody=False, roles=["auditor"])
    auditor = house.bureau.arrive(house.bureau.register_officer("chen.jie", "auditor"))
    token = party.exchange(house.public, party.code(auditor)).json()["access_token"]
    assert who_is(house.public, token).json()["roles"] == ["auditor"]
    officers = house.bureau.house.enrollment.officers
    with house.bureau.house.database.writing() as session:
        officers.grant_role(session, "chen.jie", "review_officer", OPERATOR)
        officers.revoke_role(session, "chen.jie", "auditor", OPERATOR)
    assert who_is(house.public, token).status_code == 401
    with house.bureau.house.database.writing() as session:
        officers.grant_role(session, "chen.jie", "auditor", OPERATOR)
    assert who_is(house.public, token).status_code == 200
    assert auditor.delete("/api/v1/session").status_code == 204
    assert who_is(house.public, token).status_code == 401
