"""The search as one condition on a row, for those who walk something else than subscribers."""

from sqlalchemy import ColumnElement, and_, false, func, or_

from enrollment.models import Subscriber, Unit
from enrollment.subscribers.search.folding import fold
from enrollment.subscribers.search.terms import could_begin_code

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Counted from 1: where the organisation code begins in a credit code.
_ORGANISATION = 9


def is_called(unverified_text: str) -> ColumnElement[bool]:
    """Return the condition that a subscriber, outer joined with `Unit`, is found by the text.

    Each row it is asked of costs something: bound how many these are. A text
    of nothing but spaces finds nobody.
    """
    text = fold(unverified_text)
    if not text:
        return false()
    conditions = [has_in_name(text)]
    if could_begin_code(text):
        conditions.append(_begins_code(text))
    return or_(*conditions)


def has_in_name(folded_text: str) -> ColumnElement[bool]:
    """Return the condition that the text is in a name.

    Names without terms are compared as the database does it, which knows
    upper and lower case of ASCII's letters and no widths.
    """
    name = Subscriber.searched_name
    as_written = Subscriber.display_name.icontains(folded_text, autoescape=True)
    return or_(name.contains(folded_text, autoescape=True), and_(name.is_(None), as_written))


def _begins_code(text: str) -> ColumnElement[bool]:
    # `codes_of` in SQL.
    upper = text.upper()
    return or_(
        Subscriber.username.startswith(text, autoescape=True),
        func.ltrim(Subscriber.username, _LETTERS).startswith(text, autoescape=True),
        Unit.credit_code.startswith(upper, autoescape=True),
        func.substr(Unit.credit_code, _ORGANISATION).startswith(upper, autoescape=True),
    )
