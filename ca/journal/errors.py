"""What can be wrong with a revocation journal. Nothing is verified until it is settled."""

from foundation.errors import Conflict, Unavailable


class JournalUnreadable(Unavailable):
    """The file is missing or cannot be read."""

    def __init__(self, file: str) -> None:
        super().__init__("revocation-journal-unreadable", file=file)


class JournalDamaged(Conflict):
    """A line that was written whole is no longer what it was."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__("revocation-journal-damaged", file=file, problem=problem)


class JournalForeign(Conflict):
    """The journal tells of another history than this database has."""

    def __init__(self, file: str) -> None:
        super().__init__("revocation-journal-foreign", file=file)


class JournalGap(Conflict):
    """Epochs lie between database and journal that no line tells of."""

    def __init__(self, file: str, first: int, last: int) -> None:
        super().__init__("revocation-journal-gap", file=file, first=first, last=last)


class RevocationsUnknown(Unavailable):
    """What was revoked lately is not known, so nobody is let in."""

    def __init__(self) -> None:
        super().__init__("revocations-unknown")
