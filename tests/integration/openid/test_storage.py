"""What must happen once, happens once, however many come at the same time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import func, select

from ca.verification import VerifiedCertificate
from foundation.audit import Actor, AuditEntry
from foundation.database import Database
from foundation.errors import Conflict, Failure, Invalid, NotFound
from gateway.openid.grants import CODE_LIFETIME, KEPT, Authorized, Granted, Grants
from gateway.openid.logout.participations import Participations
from gateway.openid.models import Grant, Participation, UsedAssertion
from gateway.openid.provider.used_assertions import UsedAssertions
from gateway.openid.registration import (
    Application,
    RegistrationForm,
    RelyingParties,
    read_registration,
)
from gateway.sessions import LiveSession, Sessions
from tests.support.at_once import at_once, each_at_once
from tests.support.clock import FakeClock

BY = Actor("wh000001", "10.0.0.7")
AUTHORIZED = Authorized("statements", "https://app.example/callback", "openid", None, "c" * 43)


@pytest.fixture
def live(sessions: Sessions, database: Database, clock: FakeClock) -> LiveSession:
    certificate = VerifiedCertificate(
        "0A", "wh000001", "unit", "AB" * 32, clock.now() + timedelta(days=30)
    )
    with database.writing() as session:
        return sessions.start(session, "wh000001", certificate)[1]


def code_for(database: Database, grants: Grants, live: LiveSession) -> str:
    with database.writing() as session:
        return grants.issue(session, AUTHORIZED, live, BY)


def redeemed(found: list[Granted | Failure | None]) -> list[Granted]:
    return [each for each in found if isinstance(each, Granted)]


def test_of_many_who_show_a_code_one_redeems_it_and_the_token_ends(
    database: Database, grants: Grants, live: LiveSession, clock: FakeClock
) -> None:
    """RFC 6749 4.1.2: one wins; that the others came ends what it gives."""
    code = code_for(database, grants, live)
    found = at_once(4, lambda: grants.redeem(database, code, "statements", BY))
    [granted] = redeemed(found)
    with pytest.raises(Conflict), database.writing() as session:
        grants.hand_out(session, granted, clock.now() + CODE_LIFETIME, None)
    with database.reading() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("application.code_replayed") == 3


def test_a_replay_and_the_hand_out_of_the_token_leave_no_living_token(
    database: Database, grants: Grants, live: LiveSession, clock: FakeClock
) -> None:
    """In whichever order they come through."""
    code = code_for(database, grants, live)
    granted = grants.redeem(database, code, "statements", BY)
    assert granted is not None

    def hand_out() -> str:
        with database.writing() as session:
            return grants.hand_out(session, granted, clock.now() + CODE_LIFETIME, None)

    token, replayed = each_at_once(
        hand_out, lambda: str(grants.redeem(database, code, "statements", BY))
    )
    assert replayed == "None"
    if isinstance(token, str):
        with database.reading() as session:
            assert grants.find_by_token(session, token) is None


def test_a_token_is_handed_out_once(
    database: Database, grants: Grants, live: LiveSession, clock: FakeClock
) -> None:
    granted = grants.redeem(database, code_for(database, grants, live), "statements", BY)
    assert granted is not None

    def hand_out() -> str:
        with database.writing() as session:
            return grants.hand_out(session, granted, clock.now() + CODE_LIFETIME, None)

    tokens = [each for each in at_once(3, hand_out) if isinstance(each, str)]
    assert len(tokens) == 1
    with database.reading() as session:
        assert grants.find_by_token(session, tokens[0]) is not None
        assert grants.find_by_token(session, tokens[0] + "x") is None


def test_only_digests_are_kept(
    database: Database, grants: Grants, live: LiveSession, clock: FakeClock
) -> None:
    code = code_for(database, grants, live)
    granted = grants.redeem(database, code, "statements", BY)
    assert granted is not None
    with database.writing() as session:
        token = grants.hand_out(session, granted, clock.now() + CODE_LIFETIME, None)
    with database.reading() as session:
        row = session.scalars(select(Grant)).one()
        entries = session.scalars(select(AuditEntry)).all()
    written = f"{vars(row)} {[vars(entry) for entry in entries]}"
    assert code not in written
    assert token not in written


def test_old_grants_are_forgotten(
    database: Database, grants: Grants, live: LiveSession, clock: FakeClock
) -> None:
    code_for(database, grants, live)
    clock.advance(KEPT - timedelta(seconds=1))
    code_for(database, grants, live)
    clock.advance(timedelta(seconds=2))
    with database.writing() as session:
        grants.purge(session)
        assert session.scalar(select(func.count()).select_from(Grant)) == 1


def test_an_assertion_is_used_by_one_of_many(database: Database, clock: FakeClock) -> None:
    """RFC 7523 3; of another application the same name is another."""
    used = UsedAssertions(database, clock)
    end = clock.now() + timedelta(minutes=1)
    outcomes = at_once(4, lambda: used.use("statements", "jti-1", end))
    assert sum(isinstance(each, Conflict) for each in outcomes) == 3
    used.use("archive", "jti-1", end)
    clock.advance(minutes=2)
    with database.writing() as session:
        used.purge(session)
        assert session.scalar(select(func.count()).select_from(UsedAssertion)) == 0


# -- who has to hear of the end -----------------------------------------------------------------


def test_joining_twice_is_joining_once(
    database: Database, sessions: Sessions, live: LiveSession, clock: FakeClock
) -> None:
    participations = Participations(clock, sessions)

    def join() -> None:
        with database.writing() as session:
            participations.join(session, live, "statements")

    assert at_once(4, join) == [None] * 4
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Participation)) == 1


def test_a_notice_is_claimed_by_one_node(
    database: Database, sessions: Sessions, live: LiveSession, clock: FakeClock
) -> None:
    participations = Participations(clock, sessions)
    with database.writing() as session:
        participations.join(session, live, "statements")
        participations.join(session, replace(live, id=live.id + 1), "of-a-session-nobody-knows")
        assert participations.mark_due(session) == 1
        sessions.end(session, live.id, "logout")
        assert participations.mark_due(session) == 1
    with database.reading() as session:
        due = participations.due(session, 10)
    assert len(due) == 2

    def claim() -> object:
        with database.writing() as session:
            return participations.claim(session, due[0])

    claimed = [each for each in at_once(4, claim) if each is not None]
    assert len(claimed) == 1
    assert claim() is None
    clock.advance(minutes=1)
    again = claim()
    assert again is not None
    assert getattr(again, "attempts", 0) == 2


# -- registrations ------------------------------------------------------------------------------


def application(client_id: str = "statements") -> Application:
    return read_registration(
        RegistrationForm(
            client_id=client_id,
            redirect_uris=["https://app.example/callback"],
            tls_names=[("subject_dn", "CN=statements")],
            kinds=["unit"],
        )
    )


def test_an_identifier_is_registered_once(database: Database, parties: RelyingParties) -> None:
    def register() -> object:
        with database.writing() as session:
            return parties.register(session, application(), Actor.operator())

    outcomes = at_once(3, register)
    assert sum(isinstance(each, Conflict) for each in outcomes) == 2
    with database.reading() as session:
        found = parties.get(session, "statements")
        assert found.audience == application().audience
        assert found.tls_name == application().tls_name
        assert [each.client_id for each in parties.all(session)] == ["statements"]
        for nobody in ("", "nobody", "no\0body", "x" * 500, "é"):
            assert parties.find(session, nobody) is None


def test_who_is_registered_anew_inherits_nothing(
    database: Database, parties: RelyingParties, grants: Grants, live: LiveSession, clock: FakeClock
) -> None:
    with database.writing() as session:
        parties.register(session, application(), Actor.operator())
    granted = grants.redeem(database, code_for(database, grants, live), "statements", BY)
    assert granted is not None
    with database.writing() as session:
        token = grants.hand_out(session, granted, clock.now() + CODE_LIFETIME, None)
    with database.writing() as session:
        parties.remove(session, "statements", Actor.operator())
        parties.register(session, application(), Actor.operator())
        assert grants.find_by_token(session, token) is None
    with pytest.raises(NotFound), database.writing() as session:
        parties.remove(session, "archive", Actor.operator())
    key = ECKey.generate_key("P-256").as_pem(private=False)
    with pytest.raises(Invalid, match="has-no-keys"), database.writing() as session:
        parties.rotate(session, "statements", [key], Actor.operator())
