"""A search among many subscribers asks of each no more than its text needs."""

import pytest

from enrollment.models import Unit
from enrollment.subscribers.finding import has_in_its_name


@pytest.mark.parametrize(
    ("text", "columns", "folds"),
    [
        ("江城精密", {"display_name"}, False),
        ("ＡＢＣ公司", {"display_name"}, True),
        ("École", {"display_name"}, True),
        ("91420100", {"display_name", "username", "credit_code"}, False),
        ("tcl", {"display_name", "username", "credit_code"}, True),
    ],
)
def test_what_is_asked_of_each_row(text: str, columns: set[str], folds: bool) -> None:
    """A planner has statistics of a column, and none of `lower` of it."""
    in_code = Unit.credit_code.contains(text.upper(), autoescape=True)
    condition = str(has_in_its_name(text, further=in_code))
    asked = {name for name in ("display_name", "username", "credit_code") if name in condition}
    assert asked == columns
    assert ("lower(" in condition) is folds
