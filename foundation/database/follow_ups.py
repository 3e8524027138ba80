"""What is to be done at the end of a transaction, kept with its session."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self, cast

from sqlalchemy.orm import Session

_KEY = "certgate_follow_ups"

Act = Callable[[], None]


@dataclass
class FollowUps:
    """Acts of one transaction, in the order in which they were asked for."""

    before_commit: list[Act] = field(default_factory=list)
    after_commit: list[Act] = field(default_factory=list)

    @classmethod
    def of(cls, session: Session) -> Self:
        """Return those of the transaction that `session` is in."""
        return cast(Self, session.info.setdefault(_KEY, cls()))

    @classmethod
    def take(cls, session: Session) -> Self:
        """Return those of the transaction that has ended; the next one begins without any."""
        return cast(Self, session.info.pop(_KEY, None) or cls())

    def run_before(self) -> None:
        """Do what is the last of the transaction; the first that raises ends it."""
        for act in self.before_commit:
            act()

    def run_after(self) -> None:
        """Do what follows the commit: all of it, in order, even when one raises."""
        with ExitStack() as stack:
            for act in reversed(self.after_commit):
                stack.callback(act)

    def mark(self) -> tuple[int, int]:
        """Return a place that `forget_since` goes back to."""
        return len(self.before_commit), len(self.after_commit)

    def forget_since(self, mark: tuple[int, int]) -> None:
        """Forget what was asked for by work that was undone."""
        before, after = mark
        del self.before_commit[before:]
        del self.after_commit[after:]


def before_commit(session: Session, last_act: Act) -> None:
    """Run `last_act` as the last thing that `Database.writing` does before it commits `session`.

    When it raises, nothing is committed. It does not run when the block has raised.
    """
    FollowUps.of(session).before_commit.append(last_act)


def after_commit(session: Session, follow_up: Act) -> None:
    """Run `follow_up` once, after `Database.writing` has committed `session`."""
    FollowUps.of(session).after_commit.append(follow_up)
