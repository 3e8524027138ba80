"""RP-Initiated Logout 1.0 and Back-Channel Logout 1.0."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select

from foundation.audit import AuditEntry
from gateway.openid.logout.delivery import BackChannelLogout
from gateway.openid.logout.posting import NotDelivered
from gateway.openid.models import Participation
from tests.support.bureau import NEW_PASSWORD, OPERATOR, Visitor
from tests.support.relying_party import PUBLIC, LoginHouse, Party

BYE = "https://app.example/bye"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


class Ear:
    """Where logout tokens arrive; it may be deaf."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.is_deaf = False

    def post(self, url: str, token: str) -> None:
        if self.is_deaf:
            raise NotDelivered("OSError")
        self.heard.append((url, token))


@pytest.fixture
def ear(house: LoginHouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    ear = Ear()
    back_channel = house.bureau.house.openid.back_channel
    back_channel.run()
    monkeypatch.setattr(back_channel, "_post", ear.post)
    yield ear
    ear.is_deaf = False
    back_channel.run()


def back_channel_of(house: LoginHouse) -> BackChannelLogout:
    return house.bureau.house.openid.back_channel


def hint_of(house: LoginHouse, party: Party) -> str:
    return str(party.exchange(house.public, party.code(house.unit)).json()["id_token"])


def claims_of(house: LoginHouse, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    keys = KeySet.import_key_set(house.public.get("/openid/jwks.json").json())
    decoded = jwt.decode(token, keys, ["ES256"])
    return decoded.header, decoded.claims


# -- asked for by an application ----------------------------------------------------------------


def test_a_link_logs_nobody_out_and_the_button_does(house: LoginHouse, party: Party) -> None:
    """RP-Initiated 2, 6: the subscriber is asked, and comes back where the application said."""
    visitor = house.log_in_again()
    hint = party.exchange(house.public, party.code(visitor)).json()["id_token"]
    wish = {"id_token_hint": hint, "post_logout_redirect_uri": BYE, "state": "s t&"}
    page = visitor.get(f"/openid/end-session?{urlencode(wish)}")
    assert page.status_code == 200
    assert "对账单" in page.text
    assert visitor.get("/api/v1/session").status_code == 200
    assert visitor.post("/openid/end-session", data=wish).status_code == 403
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    done = visitor.post("/openid/end-session", data={**wish, "form_token": token})
    assert done.status_code == 200
    assert f'content="2; url={BYE}?state=s+t%26"' in done.text
    assert house.username not in done.text
    assert visitor.get("/api/v1/session").status_code == 401
    # Who is logged out already comes back all the same.
    assert BYE in visitor.get(f"/openid/end-session?{urlencode(wish)}").text


@pytest.mark.parametrize(
    "changed",
    [
        {"id_token_hint": None},
        {"id_token_hint": "garbage"},
        {"id_token_hint": "tampered"},
        {"client_id": "archive"},
        {"post_logout_redirect_uri": "https://app.example/bye/"},
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": "javascript:alert(1)"},
    ],
)
def test_nobody_is_led_to_an_address_that_is_not_registered(
    house: LoginHouse, party: Party, other: Party, changed: dict[str, str | None]
) -> None:
    """RP-Initiated 3: only with a hint of ours, only exactly, never for another client."""
    hint = hint_of(house, party)
    wish: dict[str, str | None] = {"id_token_hint": hint, "post_logout_redirect_uri": BYE}
    wish |= changed
    if wish["id_token_hint"] == "tampered":
        head, _, signature = hint.split(".")
        other_hint = hint_of(house, other)
        wish["id_token_hint"] = f"{head}.{other_hint.split('.')[1]}.{signature}"
    given = {name: value for name, value in wish.items() if value is not None}
    stranger = house.bureau.visitor(house.chain)
    page = stranger.get(f"/openid/end-session?{urlencode(given)}")
    assert page.status_code == 200
    assert "http-equiv" not in page.text


def test_an_expired_id_token_is_as_good_a_hint(house: LoginHouse, party: Party) -> None:
    """RP-Initiated 2."""
    hint = hint_of(house, party)
    house.bureau.clock.advance(minutes=10)
    wish = {"id_token_hint": hint, "post_logout_redirect_uri": BYE}
    page = house.bureau.visitor(house.chain).get(f"/openid/end-session?{urlencode(wish)}")
    assert f"url={BYE}" in page.text


def test_a_logout_token_is_no_hint(house: LoginHouse, party: Party, ear: Ear) -> None:
    """RFC 8725 3.11: one kind of token is never taken for another."""
    visitor = house.log_in_again()
    party.code(visitor)
    visitor.delete("/api/v1/session")
    back_channel_of(house).run()
    wish = {"id_token_hint": ear.heard[0][1], "post_logout_redirect_uri": BYE}
    page = house.bureau.visitor(house.chain).get(f"/openid/end-session?{urlencode(wish)}")
    assert "http-equiv" not in page.text


# -- told to the applications -------------------------------------------------------------------


def test_the_logout_token_is_as_the_standard_says(
    house: LoginHouse, party: Party, ear: Ear
) -> None:
    """Back-Channel 2.4: iss, aud, iat, exp, jti, events, sub and sid; never a nonce."""
    visitor = house.log_in_again()
    tokens = party.exchange(house.public, party.code(visitor)).json()
    sid = house.claims(tokens["id_token"])["sid"]
    visitor.delete("/api/v1/session")
    back_channel_of(house).run()
    [(url, token)] = ear.heard
    assert url == "https://app.example/logout"
    header, claims = claims_of(house, token)
    assert (header["alg"], header["typ"]) == ("ES256", "logout+jwt")
    assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
    assert (claims["iss"], claims["aud"]) == (PUBLIC, "statements")
    assert (claims["sub"], claims["sid"]) == (house.username, sid)
    assert claims["events"] == {EVENT: {}}
    assert 0 < claims["exp"] - claims["iat"] <= 120
    back_channel_of(house).run()
    assert len(ear.heard) == 1


@pytest.mark.parametrize("way", ["password_changed", "idle", "absolute", "suspended", "revoked"])
def test_every_way_a_session_ends_is_told(house: LoginHouse, ear: Ear, way: str) -> None:
    """Whoever ended it, and also when it ended by itself."""
    own = LoginHouse.of_another(house)
    party = listening(own, f"hears-{way.replace('_', '-')}")
    visitor = own.log_in_again()
    party.code(visitor)
    back_channel_of(house).run()
    assert not heard_by(house, ear, party)
    end(own, visitor, way)
    back_channel_of(house).run()
    assert heard_by(house, ear, party) == [own.username]


def end(own: LoginHouse, visitor: Visitor, way: str) -> None:
    """End the sessions of `own` in some way."""
    bureau = own.bureau
    if way == "password_changed":
        assert visitor.reset(NEW_PASSWORD, "another quiet river").status_code == 204
    elif way == "idle":
        bureau.clock.advance(minutes=30)
    elif way == "absolute":
        for _ in range(12 * 3):
            bureau.clock.advance(minutes=20)
            visitor.get("/api/v1/session")
    elif way == "suspended":
        with bureau.house.database.writing() as session:
            bureau.house.enrollment.standing.suspend(session, own.username, OPERATOR)
    else:
        verified = bureau.house.certification.verifier.verify(own.chain)
        with bureau.house.database.writing() as session:
            bureau.house.revocation.revoke(
                session, verified.serial_number, "keyCompromise", OPERATOR
            )


def listening(house: LoginHouse, client_id: str) -> Party:
    """Register an application that wants to hear of logouts."""
    return house.party(client_id, logout_url=f"https://{client_id}.example/logout")


def heard_by(house: LoginHouse, ear: Ear, party: Party) -> list[str]:
    """Return whose logout the application heard of."""
    url = f"https://{party.client_id}.example/logout"
    return [claims_of(house, token)[1]["sub"] for to, token in ear.heard if to == url]


def test_who_does_not_answer_is_asked_again_and_at_last_given_up(
    house: LoginHouse, ear: Ear
) -> None:
    """Back-Channel 2.5, 2.8; an auditor sees what was not delivered."""
    party, visitor = listening(house, "silent"), house.log_in_again()
    party.code(visitor)
    visitor.delete("/api/v1/session")
    ear.is_deaf = True
    attempts = []
    for _ in range(300):
        back_channel_of(house).run()
        attempts.append(newest(house).attempts)
        house.bureau.clock.advance(minutes=1)
    assert newest(house).state == "abandoned"
    assert attempts[-1] == 8
    assert attempts.index(3) > attempts.index(2) + 1, "the pauses grow"
    with house.bureau.house.database.reading() as session:
        told = select(AuditEntry.subject).where(AuditEntry.action == "application.logout_abandoned")
        assert session.scalars(told).all() == ["application:silent"]


def test_one_that_comes_back_hears_it(house: LoginHouse, ear: Ear) -> None:
    party, visitor = listening(house, "moody"), house.log_in_again()
    party.code(visitor)
    visitor.delete("/api/v1/session")
    ear.is_deaf = True
    back_channel_of(house).run()
    ear.is_deaf = False
    back_channel_of(house).run()
    assert not ear.heard, "not before its next attempt is due"
    house.bureau.clock.advance(minutes=1)
    back_channel_of(house).run()
    assert heard_by(house, ear, party) == [house.username]


def test_who_wants_to_hear_nothing_is_left_alone(house: LoginHouse, other: Party, ear: Ear) -> None:
    visitor = house.log_in_again()
    other.code(visitor)
    visitor.delete("/api/v1/session")
    back_channel_of(house).run()
    assert not ear.heard
    assert newest(house).state == "settled"


def newest(house: LoginHouse) -> Participation:
    with house.bureau.house.database.reading() as session:
        row = session.scalars(select(Participation).order_by(Participation.id.desc())).first()
        assert row is not None
        return row
