"""Entering and saving (TASK-01 to TASK-08, OTH-15)."""

from typing import Any

import pytest

from foundation.errors import Conflict, Denied, Invalid, NotFound
from policies.principal import Principal
from tests.support.workflow import (
    BY,
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
from workflow_core.tasks.models import Task


def save_again(agency: Agency, task: Task, version: int | None = None, **changes: Any) -> Task:
    data = {**task.data, **changes}
    with agency.database.writing() as session:
        return agency.services.drafts.save(session, unit(), task.id, data, BY, version=version)


def test_task_02_saving_leaves_the_task_with_the_unit(agency: Agency) -> None:
    task = agency.save(unit())

    assert task.state == "draft"
    assert task.submitted_at is None
    assert agency.scheduled == []


def test_task_06_sequence_numbers_run_by_day(agency: Agency) -> None:
    first = agency.save(unit())
    second = agency.save(unit(), enrolment_data(WOMAN))
    agency.clock.advance(hours=13)  # 01:00 of the next day in Wuhan
    third = agency.save(unit(), enrolment_data(id_number(order="003")))

    numbers = [task.sequence_number for task in (first, second, third)]
    assert numbers == ["20270310000001", "20270310000002", "20270311000001"]


def test_task_03_a_saved_task_stays_editable(agency: Agency) -> None:
    task = agency.save(unit())

    saved = save_again(agency, task, declared_wage="7000")

    assert saved.data["declared_wage"] == "7000.00"
    assert saved.sequence_number == task.sequence_number
    assert saved.version == 2


def test_task_04_mandatory_fields_are_told_together(agency: Agency) -> None:
    with pytest.raises(Invalid) as refused:
        agency.save(unit(), {"id_number": MAN})

    assert {error.field for error in refused.value.fields} >= {"name", "declared_wage"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("id_number", WOMAN), ("sex", "female"), ("birth_date", "1991-01-01")],
)
def test_task_08_locked_fields_need_a_withdrawal(agency: Agency, field: str, value: str) -> None:
    task = agency.save(unit())

    with pytest.raises(Invalid) as refused:
        save_again(agency, task, None, **{field: value})

    assert [(e.field, e.code) for e in refused.value.fields] == [(field, "field-locked")]


def test_locked_fields_may_be_left_out(agency: Agency) -> None:
    task = agency.save(unit())
    data = {key: value for key, value in task.data.items() if key not in ("id_number", "sex")}

    with agency.database.writing() as session:
        saved = agency.services.drafts.save(session, unit(), task.id, data, BY)

    assert saved.data["id_number"] == MAN


def test_an_editor_that_saw_an_older_version_is_told(agency: Agency) -> None:
    task = agency.save(unit())
    save_again(agency, task, version=1, declared_wage="7000")

    with pytest.raises(Conflict, match="task-changed-meanwhile"):
        save_again(agency, task, version=1, declared_wage="8000")


def test_oth_15_checks_run_when_saving(agency: Agency) -> None:
    agency.insure(at=LAKE)

    with pytest.raises(Invalid, match="person-active-elsewhere") as refused:
        agency.save(unit())

    assert refused.value.params == {"holder": "东湖公司"}
    task = agency.save(unit(), enrolment_data(WOMAN))
    with pytest.raises(Invalid, match="contract-not-signed"):
        save_again(agency, task, contract_signed=False)


def test_a_second_unfinished_filing_about_the_same_person_is_refused(agency: Agency) -> None:
    first = agency.save(unit())

    with pytest.raises(Conflict, match="filing-in-progress") as refused:
        agency.save(unit())

    assert refused.value.params == {"sequence_number": first.sequence_number}
    # Another unit knows nothing of it, and after a withdrawal it may be done anew (TASK-10).
    agency.save(unit(LAKE))
    agency.withdraw(unit(), first.id)
    assert agency.save(unit()).sequence_number != first.sequence_number


def test_act_01_only_units_file(agency: Agency) -> None:
    person = Principal("p1", "张三", "person")
    suspended = Principal("wh9", "某单位", "unit", "vip", credit_code=RIVER, standing="suspended")
    for principal in (person, officer(), suspended):
        with pytest.raises(Denied, match="not-allowed"):
            agency.save(principal)


def test_a_unit_outside_the_registry_cannot_file(agency: Agency) -> None:
    with pytest.raises(NotFound, match="unit-not-insured"):
        agency.save(unit("91420100000000000X"))


def test_an_unknown_module_is_not_found(agency: Agency) -> None:
    with agency.database.writing() as session, pytest.raises(NotFound, match="module-unknown"):
        agency.services.drafts.create(session, unit(), "divination", {}, BY)


def test_tasks_of_other_units_do_not_exist(agency: Agency) -> None:
    task = agency.save(unit())
    own = agency.services.own_tasks

    with agency.database.reading() as session:
        for task_id in (task.id, 10**9):
            with pytest.raises(NotFound, match="task-not-found"):
                own.get(session, unit(LAKE), task_id, "see_own_record")
    for act in (agency.submit, agency.withdraw):
        with pytest.raises(NotFound, match="task-not-found"):
            act(unit(LAKE), task.id)
    with agency.database.writing() as session, pytest.raises(NotFound, match="task-not-found"):
        agency.services.drafts.save(session, unit(LAKE), task.id, enrolment_data(), BY)
    assert agency.task(task.id).state == "draft"
