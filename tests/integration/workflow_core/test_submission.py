"""Submitting and withdrawing (TASK-09 to TASK-11, AMB-18, AMB-21)."""

from datetime import timedelta

import pytest

from foundation.errors import Conflict, Invalid
from tests.support.workflow import (
    BY,
    DELAY,
    LAKE,
    NOON,
    WOMAN,
    Agency,
    enrolment_data,
    officer,
    unit,
)


def test_task_22_a_vip_units_filing_is_reviewed_automatically(agency: Agency) -> None:
    task = agency.file(unit(unit_class="vip"))

    assert (task.state, task.route) == ("in_review", "automatic")
    assert task.review_due_at == NOON + DELAY
    assert agency.scheduled == [(f"{task.id}:{task.version}", NOON + DELAY)]


def test_task_23_an_ordinary_units_enrolment_waits_for_an_officer(agency: Agency) -> None:
    task = agency.file(unit())

    assert (task.state, task.route) == ("in_review", "officer")
    assert task.review_due_at is None
    agency.clock.advance(days=30)
    agency.services.automatic.sweep()
    assert agency.task(task.id).state == "in_review"


def test_amb_21_work_already_submitted_keeps_its_route(agency: Agency) -> None:
    waiting = agency.file(unit())
    agency.file(unit(unit_class="vip"), enrolment_data(WOMAN))

    agency.wait_for_review()

    assert agency.task(waiting.id).route == "officer"
    assert agency.task(waiting.id).state == "in_review"


def test_nothing_is_scheduled_when_the_submission_is_rolled_back(agency: Agency) -> None:
    task = agency.save(unit(unit_class="vip"))

    def submit_and_fail() -> None:
        with agency.database.writing() as session:
            agency.services.submission.submit(session, unit(unit_class="vip"), task.id, BY)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        submit_and_fail()

    assert agency.scheduled == []
    assert agency.task(task.id).state == "draft"


def test_a_submission_stands_even_if_the_job_cannot_be_enqueued(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(key: str, due_at: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(agency.services.submission, "_schedule_review", fail)
    task = agency.file(unit(unit_class="vip"))

    agency.wait_for_review()

    assert agency.task(task.id).state == "ended"


def test_checks_run_again_when_an_old_draft_is_submitted(agency: Agency) -> None:
    task = agency.save(unit())
    agency.insure(at=LAKE)

    with pytest.raises(Invalid, match="person-active-elsewhere"):
        agency.submit(unit(), task.id)

    assert agency.task(task.id).state == "draft"


@pytest.mark.parametrize("state", ["in_review", "ended", "withdrawn"])
def test_amb_18_only_saved_or_returned_filings_can_be_changed(agency: Agency, state: str) -> None:
    task = agency.save(unit())
    if state == "withdrawn":
        agency.withdraw(unit(), task.id)
    else:
        agency.submit(unit(), task.id)
        if state == "ended":
            agency.approve(officer(), task.id)

    with pytest.raises(Conflict, match="task-not-withdrawable"):
        agency.withdraw(unit(), task.id)
    with pytest.raises(Conflict, match="task-not-submittable"):
        agency.submit(unit(), task.id)
    with agency.database.writing() as session, pytest.raises(Conflict, match="task-not-editable"):
        agency.services.drafts.save(session, unit(), task.id, enrolment_data(), BY)
    assert agency.task(task.id).state == state


def test_task_16_a_returned_filing_can_be_changed_submitted_or_withdrawn(agency: Agency) -> None:
    task = agency.file(unit())
    agency.reject(officer(), task.id, "劳动合同缺页")

    assert agency.task(task.id).is_returned
    agency.clock.advance(timedelta(days=1))
    again = agency.submit(unit(), task.id)
    assert (again.state, again.is_returned, again.return_text) == ("in_review", False, None)

    agency.reject(officer(), task.id)
    assert agency.withdraw(unit(), task.id).state == "withdrawn"


def test_every_step_is_in_the_history_and_in_the_audit_log(agency: Agency) -> None:
    task = agency.file(unit())
    agency.reject(officer(), task.id, "劳动合同缺页")
    agency.submit(unit(), task.id)
    agency.approve(officer(), task.id)

    with agency.database.reading() as session:
        steps = agency.services.journal.steps_of(session, agency.task(task.id))
        kinds = [step.kind for step in steps]
        assert kinds == ["saved", "submitted", "returned", "submitted", "approved"]
        assert steps[2].facts == {"reason": "劳动合同缺页"}
        assert steps[4].facts["contribution_base"] == "6500.00"
