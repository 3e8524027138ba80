"""What takes two officers takes two persons, and is done once (issue 3, part 7; AMB-05)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from foundation.audit import Actor, AuditEntry, verify_chain
from foundation.errors import Conflict, Denied, Failure
from gateway.approvals.ceremony import ApprovedCeremonies, ceremony_content
from gateway.approvals.errors import ApprovalMissing, ProposalNotOpen
from tests.support.answers import code_of
from tests.support.bureau import OPERATOR, Bureau
from tests.support.officers import FIRST, SECOND, TwoOfficers, approve, two_officers

DOCUMENT = "a1" * 32


@pytest.fixture
def both(bureau: Bureau) -> TwoOfficers:
    return two_officers(bureau)


def actions(bureau: Bureau) -> list[tuple[str, str, str]]:
    query = select(AuditEntry.action, AuditEntry.actor, AuditEntry.outcome)
    with bureau.house.database.reading() as session:
        verify_chain(session)
        rows = session.execute(query.order_by(AuditEntry.sequence)).all()
    return [(row[0], row[1], row[2]) for row in rows if row[0].startswith("approval.")]


def test_one_proposes_and_another_approves(both: TwoOfficers) -> None:
    proposal = both.propose_release("朱经理本人来电，已核实")
    assert both.state() == "on_hold"
    assert (proposal["kind"], proposal["state"]) == ("release", "proposed")
    assert proposal["content"]["serial_number"] == both.unit.serial_number
    shown = both.second.get("/api/v1/approvals").json()["items"]
    assert [each["id"] for each in shown] == [proposal["id"]]
    assert shown[0]["note"] == "朱经理本人来电，已核实"

    done = approve(both.second, proposal)

    assert (done.status_code, done.json()["state"]) == (200, "executed")
    assert done.json()["decided_by"] == SECOND
    assert both.state() == "good"
    assert actions(both.bureau) == [
        ("approval.proposed", FIRST, "done"),
        ("approval.approved", SECOND, "done"),
    ]


def test_nobody_approves_or_refuses_the_own_proposal(both: TwoOfficers) -> None:
    """The attempt is on record."""
    proposal = both.propose_release()
    here = f"/api/v1/approvals/{proposal['id']}"
    assert code_of(approve(both.first, proposal)) == "approval-own"
    assert code_of(both.first.post(f"{here}/refuse", json={"reason": "x"})) == "approval-own"
    assert both.state() == "on_hold"
    assert ("approval.own_refused", FIRST, "refused") in actions(both.bureau)


def test_the_table_itself_refuses_one_person_as_both(both: TwoOfficers) -> None:
    both.propose_release()
    forged = text("UPDATE proposals SET state = 'executed', decided_by = proposed_by")
    with pytest.raises(IntegrityError), both.bureau.house.database.writing() as session:
        session.execute(forged)


@pytest.mark.parametrize("role", ["administrator", "auditor", "review_officer"])
def test_other_roles_see_and_approve_nothing(both: TwoOfficers, role: str) -> None:
    proposal = both.propose_release()
    other = both.bureau.arrive(both.bureau.register_officer("wu.gang", role))
    assert code_of(approve(other, proposal)) == "not-allowed"
    assert other.get("/api/v1/approvals").status_code == 403
    assert other.get("/security/approvals").status_code == 403
    assert both.state() == "on_hold"


def test_what_is_approved_is_what_was_shown(both: TwoOfficers) -> None:
    proposal = both.propose_release()
    other = {**proposal, "digest": "0" * 64}
    assert code_of(approve(both.second, other)) == "approval-content-differs"
    with both.bureau.house.database.writing() as session:
        session.execute(text("UPDATE proposals SET content = replace(content, 'held_at', 'x')"))
    assert code_of(approve(both.second, proposal)) == "approval-content-differs"
    assert both.state() == "on_hold"


def test_an_answer_is_given_once(both: TwoOfficers) -> None:
    proposal = both.propose_release()
    assert approve(both.second, proposal).status_code == 200
    assert code_of(approve(both.second, proposal)) == "approval-not-open"
    here = f"/api/v1/approvals/{proposal['id']}"
    assert code_of(both.first.post(f"{here}/withdraw")) == "approval-not-open"
    assert code_of(both.second.post(f"{here}/refuse", json={"reason": "x"})) == "approval-not-open"


def test_the_second_refuses_with_a_reason(both: TwoOfficers) -> None:
    proposal = both.propose_release()
    here = f"/api/v1/approvals/{proposal['id']}"
    assert both.second.post(f"{here}/refuse", json={"reason": " "}).status_code == 422
    refused = both.second.post(f"{here}/refuse", json={"reason": "没有核实本人"}).json()
    assert (refused["state"], refused["decision_note"]) == ("refused", "没有核实本人")
    assert code_of(approve(both.second, proposal)) == "approval-not-open"
    again = both.first.post(f"{both.certificate}/release")
    assert again.status_code == 202


def test_only_the_proposer_withdraws(both: TwoOfficers) -> None:
    proposal = both.propose_release()
    here = f"/api/v1/approvals/{proposal['id']}/withdraw"
    assert code_of(both.second.post(here)) == "approval-not-yours"
    assert both.first.post(here).json()["state"] == "withdrawn"
    assert code_of(approve(both.second, proposal)) == "approval-not-open"


def test_the_same_is_not_proposed_twice(both: TwoOfficers) -> None:
    both.propose_release()
    again = both.second.post(f"{both.certificate}/release")
    assert (again.status_code, code_of(again)) == (409, "approval-already-proposed")


def test_a_proposal_expires_and_makes_way(both: TwoOfficers) -> None:
    proposal = both.propose_release()
    with both.bureau.house.database.reading() as session:
        row = session.execute(text("SELECT expires_at > proposed_at FROM proposals"))
        assert row.scalar()
    acts = both.bureau.house.officer_acts
    first = both.principal(FIRST)
    both.bureau.clock.advance(timedelta(hours=24))
    with both.bureau.house.database.reading() as session:
        assert acts.approvals.get(session, first, proposal["id"]).state == "expired"
    with pytest.raises(ProposalNotOpen):
        acts.approvals.approve(
            both.principal(SECOND), proposal["id"], proposal["digest"], Actor(SECOND)
        )
    acts.sweep()
    acts.sweep()
    assert actions(both.bureau).count(("approval.expired", "system", "done")) == 1
    with both.bureau.house.database.writing() as session:
        content = proposal["content"]
        again = acts.approvals.propose(session, first, "release", content, Actor(FIRST))
    assert again.id != proposal["id"]


def test_an_expired_one_that_no_job_saw_makes_way_too(both: TwoOfficers) -> None:
    proposal = both.propose_release()
    both.bureau.clock.advance(timedelta(hours=25))
    acts, first = both.bureau.house.officer_acts, both.principal(FIRST)
    with both.bureau.house.database.writing() as session:
        content = proposal["content"]
        acts.approvals.propose(session, first, "release", content, Actor(FIRST))
    assert ("approval.expired", "system", "done") in actions(both.bureau)


def test_a_later_hold_is_not_lifted_by_an_earlier_approval(both: TwoOfficers) -> None:
    """The operator released and held again meanwhile, for another suspicion."""
    proposal = both.propose_release()
    house, serial_number = both.bureau.house, both.unit.serial_number
    both.bureau.clock.advance(seconds=1)
    with house.database.writing() as session:
        house.revocation.release(session, serial_number, OPERATOR)
    with house.database.writing() as session:
        house.revocation.hold(session, serial_number, OPERATOR)
    answer = approve(both.second, proposal)
    assert (answer.status_code, code_of(answer)) == (409, "approval-overtaken")
    assert both.state() == "on_hold"
    here = f"/api/v1/approvals/{proposal['id']}"
    assert both.second.get(here).json()["state"] == "overtaken"
    assert ("approval.overtaken", SECOND, "refused") in actions(both.bureau)


def test_a_revoked_certificate_is_not_released(both: TwoOfficers) -> None:
    proposal = both.propose_release()
    revoked = both.first.post(f"{both.certificate}/revoke", json={"reason": "keyCompromise"})
    assert revoked.status_code == 200
    assert code_of(approve(both.second, proposal)) == "approval-overtaken"
    assert both.state() == "revoked"
    assert code_of(both.first.post(f"{both.certificate}/release")) == "certificate-already-revoked"


@pytest.mark.parametrize("how", ["suspended", "without the role"])
def test_a_proposal_dies_with_the_proposer_s_standing(both: TwoOfficers, how: str) -> None:
    """A stolen account's proposals must not outlive it."""
    proposal = both.propose_release()
    enrollment = both.bureau.house.enrollment
    with both.bureau.house.database.writing() as session:
        if how == "suspended":
            enrollment.standing.suspend(session, FIRST, OPERATOR)
        else:
            enrollment.officers.revoke_role(session, FIRST, "security_officer", OPERATOR)
    assert code_of(approve(both.second, proposal)) == "approval-overtaken"
    assert both.second.get(both.certificate).json()["state"] == "on_hold"


def test_two_approvals_at_once_release_once(both: TwoOfficers) -> None:
    third = both.bureau.register_officer("wu.gang", "security_officer").username
    proposal = both.propose_release()
    approvals = both.bureau.house.officer_acts.approvals
    officers = [both.principal(SECOND), both.principal(third)] * 2

    def attempt(number: int) -> str:
        officer = officers[number]
        try:
            by = Actor(officer.username)
            return approvals.approve(officer, proposal["id"], proposal["digest"], by).state
        except Failure as failure:
            return failure.code

    with ThreadPoolExecutor(len(officers)) as pool:
        results = list(pool.map(attempt, range(len(officers))))
    assert sorted(results) == ["approval-not-open"] * 3 + ["executed"]
    approved = [entry for entry in actions(both.bureau) if entry[0] == "approval.approved"]
    assert len(approved) == 1


def test_approval_and_revocation_at_once_end_revoked(both: TwoOfficers) -> None:
    proposal = both.propose_release()
    house, second = both.bureau.house, both.principal(SECOND)

    def release() -> str:
        try:
            by = Actor(SECOND)
            house.officer_acts.approvals.approve(second, proposal["id"], proposal["digest"], by)
        except Conflict as conflict:
            return conflict.code
        return "released"

    def revoke() -> str:
        with house.database.writing() as session:
            house.revocation.revoke(session, both.unit.serial_number, "keyCompromise", OPERATOR)
        return "revoked"

    with ThreadPoolExecutor(2) as pool:
        outcomes = [pool.submit(act) for act in (release, revoke)]
        results = [outcome.result() for outcome in outcomes]
    assert results[1] == "revoked"
    assert results[0] in {"released", "approval-overtaken"}
    assert both.state() == "revoked"


def test_an_officer_of_another_district_has_no_part_in_it(bureau: Bureau) -> None:
    """ACT-04."""
    both = two_officers(bureau)
    proposal = both.propose_release()
    inside = bureau.arrive(
        bureau.register_officer("in.side", "security_officer", district="wuchang")
    )
    outside = bureau.arrive(
        bureau.register_officer("out.side", "security_officer", district="hanyang")
    )
    assert outside.get("/api/v1/approvals").json()["items"] == []
    assert code_of(approve(outside, proposal)) == "approval-not-found"
    assert outside.get(both.certificate).status_code == 404
    assert outside.get("/api/v1/certificates").json()["items"] == []
    assert [
        each["serial_number"] for each in inside.get("/api/v1/certificates").json()["items"]
    ] == [both.unit.serial_number]
    other = inside.get("/api/v1/certificates", params={"district": "hanyang"})
    assert other.status_code == 403
    assert approve(inside, proposal).status_code == 200


def test_a_ceremony_act_is_approved_by_two_and_carried_out_once(both: TwoOfficers) -> None:
    body = {"kind": "root_crl_import", "document_sha256": DOCUMENT, "note": "年度根吊销列表"}
    proposal = both.first.post("/api/v1/approvals", json=body).json()
    approvals = both.bureau.house.officer_acts.approvals
    content = ceremony_content(DOCUMENT)

    def carry_out(kind: str = "root_crl_import", digest: str = DOCUMENT) -> None:
        with both.bureau.house.database.writing() as session:
            approvals.carry_out(session, kind, ceremony_content(digest), OPERATOR)  # type: ignore[arg-type]

    with pytest.raises(ApprovalMissing):
        carry_out()
    assert approve(both.second, proposal).json()["state"] == "approved"
    with pytest.raises(Denied):
        carry_out(digest="b2" * 32)
    with pytest.raises(Denied):
        carry_out("issuing_rollover")
    carry_out()
    with pytest.raises(ApprovalMissing):
        carry_out()
    assert content["document_sha256"] == DOCUMENT.upper()
    assert actions(both.bureau)[-1] == ("approval.executed", "operator", "done")


def test_an_approved_ceremony_expires_as_well(both: TwoOfficers) -> None:
    body = {"kind": "issuing_rollover", "document_sha256": DOCUMENT}
    proposal = both.first.post("/api/v1/approvals", json=body).json()
    approve(both.second, proposal)
    both.bureau.clock.advance(timedelta(hours=24))
    approvals = both.bureau.house.officer_acts.approvals
    with pytest.raises(ApprovalMissing), both.bureau.house.database.writing() as session:
        approvals.carry_out(session, "issuing_rollover", ceremony_content(DOCUMENT), OPERATOR)
    approvals.expire_due()
    assert actions(both.bureau)[-1][0] == "approval.expired"


@pytest.mark.parametrize("digest", ["", "xyz", "a1" * 31, "a1" * 33])
def test_a_document_is_named_by_a_whole_digest(both: TwoOfficers, digest: str) -> None:
    body = {"kind": "root_crl_import", "document_sha256": digest}
    answer = both.first.post("/api/v1/approvals", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "digest-malformed")


@pytest.mark.parametrize("path", ["/0", "/99999999999999999999", "/x", "/7"])
def test_a_proposal_nobody_made_is_no_fault(both: TwoOfficers, path: str) -> None:
    assert 400 <= both.first.get(f"/api/v1/approvals{path}").status_code < 500
    assert 400 <= both.first.get(f"/security/approvals{path}").status_code < 500


def test_a_ceremony_s_command_asks_from_the_second_officer_on(bureau: Bureau) -> None:
    """The first ceremony comes before the first officer; an emergency is on record."""
    ceremonies = ApprovedCeremonies(audit=bureau.house.ground.audit, clock=bureau.clock)

    def take_in(*, is_waived: bool = False) -> None:
        with bureau.house.database.writing() as session:
            ceremonies.require(session, "root_crl_import", b"a CRL", OPERATOR, is_waived=is_waived)

    take_in()
    bureau.register_officer(FIRST, "security_officer")
    take_in()
    bureau.register_officer(SECOND, "security_officer")
    with pytest.raises(ApprovalMissing):
        take_in()
    assert actions(bureau) == []
    take_in(is_waived=True)
    assert actions(bureau) == [("approval.waived", "operator", "done")]
