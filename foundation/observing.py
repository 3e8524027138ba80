"""Acts as whoever measures or traces them sees them: their name, how long, how they ended.

Services say what they do and know nobody who listens. By default nobody does,
and saying so costs less than a microsecond.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Literal, Protocol

from foundation.errors import Failure

ActName = Literal["admission", "issuance", "login", "revocation"]


class Observer(Protocol):
    """Somebody who wants to know."""

    def act(self, name: ActName, **facts: str) -> AbstractContextManager[object]:
        """Surround one act; what it raises is how it ended.

        `facts` take few values and tell nothing of anybody: the profile of a
        certificate, the reason of a revocation; no names, numbers or secrets.
        """
        ...


class _Nobody:
    def act(self, name: ActName, **facts: str) -> AbstractContextManager[object]:
        return _NOTHING


_NOTHING = nullcontext()
NOBODY: Observer = _Nobody()


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def act(self, name: ActName, **facts: str) -> AbstractContextManager[object]:
        """Surround one act for all of them."""
        with ExitStack() as entered:
            for observer in self._observers:
                entered.enter_context(observer.act(name, **facts))
            return entered.pop_all()


def outcome_of(error: BaseException | None) -> str:
    """Return how an act ended in one word of few: `done`, a failure's code, or `error`."""
    if error is None:
        return "done"
    return error.code if isinstance(error, Failure) else "error"
