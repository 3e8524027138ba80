"""Usernames: drawn for units, chosen for officers.

A unit's username is a prefix and a running number. It is printed beside the
secrets and is none itself; login and pickup answer a wrong one like any other
wrong value, so that counting upwards finds out nothing.
"""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from enrollment.models import UsernameNumber
from foundation.errors import FieldError

USERNAME_FORM = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
_MINIMUM, _MAXIMUM = 3, 32
# These name other actors in the audit log (foundation.audit.Actor).
_RESERVED = frozenset({"system", "operator", "anonymous"})


def normalise_username(unverified_username: str) -> str | None:
    """Return the username as it is stored, or None when no username looks like that."""
    username = unverified_username.strip().lower()
    if not _MINIMUM <= len(username) <= _MAXIMUM or not USERNAME_FORM.fullmatch(username):
        return None
    return username


class Usernames:
    """Draws usernames of units and judges those that officers choose."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._drawn_form = re.compile(rf"{re.escape(prefix)}\d+")

    def draw(self, session: Session, now: datetime) -> str:
        """Return the next free username for a unit, as ``wh000123``.

        The database numbers the rows, so two counters at once never draw the
        same; a transaction that fails leaves a gap.
        """
        number = UsernameNumber(drawn_at=now)
        session.add(number)
        session.flush()
        return f"{self._prefix}{number.id:06d}"

    def chosen_errors(self, username: str) -> list[FieldError]:
        """Return what is wrong with a username that somebody chose; empty when fine."""
        if normalise_username(username) != username:
            bounds = {"minimum": _MINIMUM, "maximum": _MAXIMUM}
            return [FieldError("username", "username-malformed", {**bounds})]
        if username in _RESERVED or self._drawn_form.fullmatch(username):
            return [FieldError("username", "username-reserved")]
        return []
