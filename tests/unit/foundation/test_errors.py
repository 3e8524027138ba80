"""Failures carry a code, safe parameters and the fields they are about."""

from datetime import timedelta

import pytest

from foundation.errors import (
    Conflict,
    Denied,
    Failure,
    FieldError,
    Invalid,
    NotFound,
    Throttled,
    Unavailable,
)


@pytest.mark.parametrize("kind", [Invalid, NotFound, Conflict, Denied, Unavailable])
def test_every_kind_is_a_failure_with_code_and_parameters(kind: type[Failure]) -> None:
    failure = kind("task-not-editable", state="in_review", count=2)

    assert isinstance(failure, Failure)
    assert str(failure) == failure.code == "task-not-editable"
    assert failure.params == {"state": "in_review", "count": 2}
    assert failure.fields == ()


def test_a_failure_about_one_field_names_it_with_the_same_code() -> None:
    failure = Invalid("too-long", field="name", limit=20)

    assert failure.fields == (FieldError("name", "too-long", {"limit": 20}),)


def test_a_failure_about_several_fields_keeps_each() -> None:
    wrong = [FieldError("id_number", "id-number-checksum"), FieldError("name", "field-required")]

    failure = Invalid("task-incomplete", fields=wrong)
    wrong.clear()

    assert [error.field for error in failure.fields] == ["id_number", "name"]


def test_throttled_says_how_long_to_wait() -> None:
    failure = Throttled("pickup-locked", retry_after=timedelta(minutes=5), attempts=3)

    assert failure.retry_after == timedelta(minutes=5)
    assert failure.params == {"attempts": 3}
