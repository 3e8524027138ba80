"""Deciding: the automatic reviewer and the officer (TASK-12 to TASK-23, AMB-20, REV-06)."""

import pytest

from foundation.audit import AuditEntry, verify_chain
from foundation.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from tests.support.workflow import (
    DELAY,
    LAKE,
    MAN,
    RIVER,
    WOMAN,
    Agency,
    enrolment_data,
    id_number,
    officer,
    unit,
)
from workflow_core.registry import Coverage

VIP = unit(unit_class="vip")


def coverages(agency: Agency, number: str = MAN) -> list[Coverage]:
    with agency.database.writing() as session:
        person = agency.services.registry.people.find(session, number)
        return agency.services.registry.coverages.of_person(session, person) if person else []


def test_task_15_approval_ends_the_task_and_insures_the_person(agency: Agency) -> None:
    task = agency.file(VIP)

    agency.wait_for_review()

    decided = agency.task(task.id)
    assert (decided.state, decided.decided_by) == ("ended", "system")
    assert decided.effective_month == "2027-03"
    (coverage,) = coverages(agency)
    assert (coverage.status, coverage.from_month) == ("active", "2027-03")
    assert coverage.task_id == task.id
    assert coverage.insurance == task.data["insurance"]


def test_task_14_before_its_time_nothing_is_decided(agency: Agency) -> None:
    task = agency.file(VIP)
    (key, _), services = agency.scheduled[0], agency.services
    agency.clock.advance(DELAY / 2)

    with pytest.raises(Unavailable, match="review-not-due"):
        services.automatic.run(key)
    services.automatic.sweep()

    assert agency.task(task.id).state == "in_review"
    assert coverages(agency) == []


def test_the_job_may_run_any_number_of_times(agency: Agency) -> None:
    task = agency.file(VIP)
    key, _ = agency.scheduled[0]
    agency.clock.advance(DELAY)

    for _ in range(3):
        agency.services.automatic.run(key)
    agency.services.automatic.sweep()
    agency.services.automatic.run("999999:1")

    assert agency.task(task.id).state == "ended"
    assert len(coverages(agency)) == 1


def test_a_job_of_an_earlier_submission_does_not_decide_the_later_one(agency: Agency) -> None:
    task = agency.file(VIP)
    agency.insure(at=LAKE)
    agency.wait_for_review()
    assert agency.task(task.id).is_returned
    agency.end_insurance()
    agency.submit(VIP, task.id)
    (first, _), (second, _) = agency.scheduled

    agency.services.automatic.run(first)
    assert agency.task(task.id).state == "in_review"

    agency.clock.advance(DELAY)
    agency.services.automatic.run(second)
    assert agency.task(task.id).state == "ended"


def test_amb_20_the_first_failure_is_the_reason(agency: Agency) -> None:
    task = agency.file(VIP)
    agency.insure(at=LAKE)

    agency.wait_for_review()

    returned = agency.task(task.id)
    assert (returned.state, returned.return_code) == ("returned", "person-active-elsewhere")
    assert returned.return_params == {"holder": "东湖公司"}
    assert len(coverages(agency)) == 1


def test_two_units_filed_for_the_same_person_one_gets_it(agency: Agency) -> None:
    first = agency.file(VIP)
    second = agency.file(unit(LAKE, "vip"))

    agency.wait_for_review()

    assert agency.task(first.id).state == "ended"
    assert agency.task(second.id).return_code == "person-active-elsewhere"


def test_amb_17_a_filing_is_judged_by_the_day_of_submission(agency: Agency) -> None:
    """The woman turns 40, and the months move on, while the filing waits."""
    number = id_number("19870311", "002")
    task = agency.file(
        unit(),
        enrolment_data(number, back_pay_from="2027-01", employment_date="2027-01-05"),
    )
    agency.clock.advance(days=40)

    decided = agency.approve(officer(), task.id)

    assert (decided.state, decided.effective_month) == ("ended", "2027-01")


@pytest.mark.parametrize(("wage", "base"), [("1000", 3000), ("6500", 6500), ("50000", 20000)])
def test_calc_08_the_base_lies_between_floor_and_cap(agency: Agency, wage: str, base: int) -> None:
    agency.file(VIP, enrolment_data(declared_wage=wage))
    agency.wait_for_review()

    assert coverages(agency)[0].contribution_base == base


def test_biz_add_01_a_renewal_is_a_new_period(agency: Agency) -> None:
    agency.insure(at=LAKE)
    agency.end_insurance(last_month="2027-03")

    task = agency.file(VIP)
    agency.wait_for_review()

    new, old = coverages(agency)
    assert (new.status, new.from_month) == ("active", "2027-04")
    assert (old.status, old.to_month) == ("suspended", "2027-03")
    assert agency.task(task.id).effective_month == "2027-04"


def test_amb_10_vip_approval_records_a_paper_copy_due(agency: Agency) -> None:
    automatic = agency.file(VIP)
    agency.wait_for_review()
    by_officer = agency.file(unit(LAKE), enrolment_data(WOMAN))
    agency.approve(officer(), by_officer.id)

    assert agency.task(automatic.id).paper_copy_due
    assert not agency.task(by_officer.id).paper_copy_due


def test_rev_06_an_officer_approves(agency: Agency) -> None:
    task = agency.file(unit())

    agency.approve(officer(name="wangfang"), task.id)

    assert agency.task(task.id).decided_by == "wangfang"
    assert coverages(agency)[0].status == "active"


def test_task_17_an_officer_returns_with_a_reason(agency: Agency) -> None:
    task = agency.file(unit())

    with pytest.raises(Invalid, match="field-required"):
        agency.reject(officer(), task.id, "  ")
    agency.reject(officer(), task.id, "劳动合同缺页")

    returned = agency.task(task.id)
    assert (returned.state, returned.return_text) == ("returned", "劳动合同缺页")
    assert coverages(agency) == []


def test_an_officer_cannot_approve_against_the_checks(agency: Agency) -> None:
    task = agency.file(unit())
    agency.insure(at=LAKE)

    with pytest.raises(Invalid, match="person-active-elsewhere"):
        agency.approve(officer(), task.id)

    assert agency.task(task.id).state == "in_review"


def test_a_decision_is_final(agency: Agency) -> None:
    task = agency.file(unit())
    agency.approve(officer(), task.id)

    for decide in (agency.approve, agency.reject):
        with pytest.raises(Conflict, match="task-already-decided"):
            decide(officer(), task.id)


def test_act_04_an_officer_decides_only_in_the_own_district(agency: Agency) -> None:
    task = agency.file(unit(RIVER))  # wuchang

    for decide in (agency.approve, agency.reject):
        with pytest.raises(Denied, match="not-allowed"):
            decide(officer("hongshan"), task.id)
    agency.approve(officer("wuchang"), task.id)


def test_only_review_officers_decide(agency: Agency) -> None:
    task = agency.file(unit())

    with pytest.raises(Denied, match="not-allowed"):
        agency.approve(unit(), task.id)
    with agency.database.reading() as session, pytest.raises(Denied):
        agency.services.officer.list_waiting(session, unit())


def test_what_goes_the_automatic_way_is_not_before_an_officer(agency: Agency) -> None:
    task = agency.file(VIP)
    draft = agency.save(unit(), enrolment_data(WOMAN))

    for task_id in (task.id, draft.id, 10**9):
        with pytest.raises(NotFound, match="task-not-found"):
            agency.approve(officer(), task_id)


def test_the_audit_chain_holds_and_names_no_person(agency: Agency) -> None:
    agency.file(VIP)
    agency.wait_for_review()

    with agency.database.reading() as session:
        verify_chain(session)
        entries = session.query(AuditEntry).all()
        actions = [entry.action for entry in entries]
        assert actions[-3:] == ["task.saved", "task.submitted", "task.approved"]
        assert not any(MAN in entry.facts + entry.subject for entry in entries)
