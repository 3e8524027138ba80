"""Slips that are to yield certificates for their subscribers' own keys, and what is kept of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from ca.issuance import AnyOrder, Order
from enrollment.models import Subscriber
from enrollment.pickup.slip_keys import SLIPS
from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.clock import Clock
from foundation.database import execute_for_each
from foundation.errors import Conflict

Stage = Literal["wanted", "unfinished", "issued"]

_FORM = "own-key-in-bulk"
_OPEN: Final = update(SLIPS).where(SLIPS.c.id == bindparam("slip"), SLIPS.c.ended_at.is_(None))
_TAKE: Final = _OPEN.where(
    SLIPS.c.expires_at > bindparam("moment"),
    SLIPS.c.sealed_private_key.is_(None),
    SLIPS.c.own_key_digest.is_(None),
).values(own_key_digest=bindparam("digest"))
_COUNT: Final = _OPEN.values(
    pickup_count=SLIPS.c.pickup_count + bindparam("one"), last_pickup_at=bindparam("moment")
)


@dataclass(frozen=True)
class WantedPickup:
    """A slip that may yield, or has yielded, the certificate of this key."""

    username: str
    kind: str
    stage: Stage
    slip_id: int
    digest: str
    order: Order

    @property
    def serial_number(self) -> str:
        """Return the number of the slip and its certificate."""
        assert self.order.reserved is not None
        return self.order.reserved.serial_number


class WantedSlips:
    """What happens to the slips of a batch, in the transactions of its steps 4 and 7."""

    def __init__(
        self, wanted: Mapping[str, WantedPickup], audit: AuditLog, clock: Clock, by: Actor
    ) -> None:
        self._wanted = wanted
        self._audit = audit
        self._clock = clock
        self._by = by

    def with_intents(self, session: Session, orders: Sequence[AnyOrder]) -> None:
        """Take the slips for these keys; raises `Conflict` ("slip-not-open")."""
        now = self._clock.now()
        rows = [
            {"slip": each.slip_id, "moment": now, "digest": each.digest}
            for each in self._of(orders)
        ]
        active = select(func.count()).where(
            Subscriber.username.in_([order.subscriber for order in orders]),
            Subscriber.standing == "active",
        )
        if execute_for_each(session, _TAKE, rows) != len(rows) or session.scalar(active) != len(
            rows
        ):
            raise Conflict("slip-not-open")

    def with_certificates(self, session: Session, orders: Sequence[AnyOrder]) -> None:
        """Record the pickups; raises `Conflict` ("slip-not-open")."""
        now = self._clock.now()
        taken = self._of(orders)
        rows = [{"slip": each.slip_id, "moment": now, "one": 1} for each in taken]
        self._audit.lock_chain(session)
        if execute_for_each(session, _COUNT, rows) != len(rows):
            raise Conflict("slip-not-open")
        self._audit.record_all(
            session,
            [
                AuditDraft(
                    "pickup.redeemed",
                    self._by,
                    f"{each.kind}:{each.username}",
                    facts={"serial_number": each.serial_number, "form": _FORM},
                )
                for each in taken
            ],
        )

    def _of(self, orders: Sequence[AnyOrder]) -> list[WantedPickup]:
        return [self._wanted[order.subscriber] for order in orders]
