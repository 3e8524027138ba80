"""Failures of a rollover and of ending an issuing CA."""

from foundation.errors import Conflict, Invalid, NotFound


class RolloverConflict(Conflict):
    """Somebody else rolled over meanwhile; the hierarchy is another one now."""

    def __init__(self) -> None:
        super().__init__("rollover-conflict")


class AuthorityNotRetired(Conflict):
    """The issuing CA still issues; another has to follow it before it is ended."""

    def __init__(self, name: str) -> None:
        super().__init__("authority-not-retired", name=name)


class AuthorityUnknown(NotFound):
    """No issuing CA has this name."""

    def __init__(self, name: str) -> None:
        super().__init__("authority-unknown", name=name)


class RolloverRefused(Invalid):
    """A reason that does not exist for an authority."""

    def __init__(self) -> None:
        super().__init__("authority-reason-unknown", field="reason")
