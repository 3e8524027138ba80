"""Whatever a door refuses is on record, whoever refused it (issue 3, part 10)."""

import json

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from foundation.audit import AuditEntry, verify_chain
from tests.support.bureau import NEW_PASSWORD, PORTAL, Bureau


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Doors, not storage: the audit log is shown on both databases elsewhere."""
    return str(request.param)


def refused(bureau: Bureau) -> list[tuple[str, str, str, str]]:
    """Return reason, door, path and actor of each refused request."""
    with bureau.house.database.reading() as session:
        verify_chain(session)
        query = select(AuditEntry).where(AuditEntry.action == "request.refused")
        entries = session.scalars(query.order_by(AuditEntry.sequence)).all()
    assert all(entry.outcome == "refused" for entry in entries)
    facts = [json.loads(entry.facts) for entry in entries]
    return [
        (fact["reason"], fact.get("door", "-"), fact["path"], entry.actor)
        for fact, entry in zip(facts, entries, strict=True)
    ]


def test_an_act_that_the_policy_forbids(bureau: Bureau) -> None:
    auditor = bureau.arrive(bureau.register_officer("liu.yang", "auditor"))
    assert auditor.get("/officer/units").status_code == 403
    assert refused(bureau) == [("not-allowed", "portal", "/officer/units", "liu.yang")]


def test_a_request_that_another_site_made_the_browser_send(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    visitor = bureau.visitor(bureau.pick_up(slip))
    answer = visitor.post(
        "/api/v1/session",
        json={"username": slip.username, "password": NEW_PASSWORD},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 403
    assert refused(bureau) == [("cross-site-request", "portal", "/api/v1/session", "anonymous")]


def test_a_forged_certificate_is_recorded_once(bureau: Bureau) -> None:
    visitor = bureau.visitor((b"no certificate at all",))
    visitor.get("/api/v1/session")
    assert refused(bureau) == [("certificate-untrusted", "-", "/api/v1/session", "anonymous")]


def test_a_request_to_another_host_at_the_public_door(bureau: Bureau) -> None:
    public = TestClient(bureau.public, base_url=PORTAL)
    assert public.get("/", headers={"host": "bank.example"}).status_code in {403, 421}
    assert refused(bureau) == [("misdirected-request", "public", "/", "anonymous")]


def test_a_certification_request_whose_sender_lacks_the_key(bureau: Bureau) -> None:
    """EST (RFC 7030): refused at the door, before any certificate is made."""
    slip = bureau.register_unit()
    public = TestClient(bureau.public, base_url=PORTAL)
    answer = public.post(
        "/.well-known/est/simpleenroll",
        content=b"bm90aGluZw==",
        headers={"content-type": "application/pkcs10"},
        auth=(slip.serial_number, slip.download_password),
    )
    assert 400 <= answer.status_code < 500
    ((reason, door, path, _),) = refused(bureau)
    assert reason.startswith(("csr-", "est-"))
    assert (door, path) == ("public", "/.well-known/est/simpleenroll")


def test_what_a_client_says_of_itself_is_no_secret_s_way_into_the_log(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    visitor = bureau.visitor((b"no certificate at all",))
    visitor.post(
        f"/login?password={slip.initial_password}",
        data={"username": slip.username, "password": slip.initial_password},
    )
    assert len(refused(bureau)) == 1
    with bureau.house.database.reading() as session:
        facts = session.scalars(select(AuditEntry.facts)).all()
    assert not any(slip.initial_password in fact for fact in facts)
