"""Finding subscribers by a part of a name or the beginning of a code (decision 28)."""

from enrollment.subscribers.search.conditions import is_called
from enrollment.subscribers.search.looking import find_all, find_page
from enrollment.subscribers.search.windows import Sought
from enrollment.subscribers.search.writing import TermFilling, make_findable

__all__ = ["Sought", "TermFilling", "find_all", "find_page", "is_called", "make_findable"]
