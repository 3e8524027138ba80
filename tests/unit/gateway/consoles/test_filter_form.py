"""What is typed into the filter becomes conditions, or is told field by field."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Invalid
from gateway.consoles.filter_form import FilterForm
from gateway.consoles.moments import read_moment

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-04", datetime(2027, 1, 3, 16, tzinfo=UTC)),
        ("2027-01-04T12:30", datetime(2027, 1, 4, 4, 30, tzinfo=UTC)),
        ("2027-01-04T12:30:00Z", datetime(2027, 1, 4, 12, 30, tzinfo=UTC)),
        ("2027-01-04T12:30:00+08:00", datetime(2027, 1, 4, 4, 30, tzinfo=UTC)),
        ("2027-01-04T12:30:00 08:00", datetime(2027, 1, 4, 4, 30, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_days_begin_in_the_zone_of_the_bureau(text: str | None, moment: datetime | None) -> None:
    assert read_moment(text, SHANGHAI, "issued_from") == moment


@pytest.mark.parametrize(
    "text", ["tomorrow", "2027-02-30", "0001-01-01", "9999-12-31", "2027-01-04T25:00", "20:00"]
)
def test_nonsense_is_told_with_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_moment(text, SHANGHAI, "issued_from")
    assert [error.field for error in refused.value.fields] == ["issued_from"]


@given(st.text(max_size=40))
def test_no_text_is_a_fault(text: str) -> None:
    try:
        moment = read_moment(text, SHANGHAI, "issued_from")
    except Invalid:
        return
    assert moment is None or moment.tzinfo is not None


def test_expired_is_good_and_past_its_end() -> None:
    wanted = FilterForm(state="expired").read(SHANGHAI, NOW)
    assert (wanted.conditions.state, wanted.conditions.expires_before) == ("good", NOW)
    earlier = FilterForm(state="expired", expires_before="2026-06-01").read(SHANGHAI, NOW)
    assert earlier.conditions.expires_before == datetime(2026, 5, 31, 16, tzinfo=UTC)


def test_everything_wrong_is_told_at_once() -> None:
    form = FilterForm(
        state="lost",
        key_sha256="zz",
        issued_from="yesterday",
        expires_from="2027-02-01",
        expires_before="2027-01-01",
    )
    with pytest.raises(Invalid) as refused:
        form.read(SHANGHAI, NOW)
    fields = {error.field for error in refused.value.fields}
    assert fields == {"state", "key_sha256", "issued_from", "expires_before"}


def test_a_query_holds_what_is_given_and_nothing_else() -> None:
    form = FilterForm(q=" 江城 ", state="good")
    assert form.query(after="4A") == "?q=%E6%B1%9F%E5%9F%8E&state=good&after=4A"
    assert (form.refinements, FilterForm().query()) == (1, "?")


def test_a_nul_never_reaches_the_database() -> None:
    assert FilterForm(q="a\0b", profile="\0").given == {"q": "ab"}
