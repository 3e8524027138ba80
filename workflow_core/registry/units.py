"""Insured units: entered when the counter registers them (ENR-24)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import insert_or_conflict
from foundation.errors import Conflict, NotFound
from workflow_core.registry.insurance import INSURANCE_TYPES, in_order
from workflow_core.registry.models import InsuredUnit


@dataclass(frozen=True)
class UnitFacts:
    """What the registry keeps of a newly registered unit."""

    credit_code: str
    name: str
    district: str
    insurance: Sequence[str] = INSURANCE_TYPES
    contact_name: str = ""
    contact_phone: str = ""
    email: str = ""
    address: str = ""


class Units:
    """The insured units."""

    def __init__(self, clock: Clock, audit: AuditLog) -> None:
        self._clock = clock
        self._audit = audit

    def register(self, session: Session, facts: UnitFacts, by: Actor) -> InsuredUnit:
        """Enter a unit; raises Conflict when its credit code is entered already."""
        unit = InsuredUnit(
            credit_code=facts.credit_code,
            name=facts.name,
            district=facts.district,
            insurance=in_order(facts.insurance),
            contact_name=facts.contact_name,
            contact_phone=facts.contact_phone,
            email=facts.email,
            address=facts.address,
            registered_at=self._clock.now(),
        )
        insert_or_conflict(session, unit, Conflict("unit-already-insured"))
        self._audit.record(
            session,
            "insured_unit.registered",
            by=by,
            subject=f"insured_unit:{facts.credit_code}",
            district=facts.district,
            insurance=list(unit.insurance),
        )
        return unit

    def find(self, session: Session, credit_code: str) -> InsuredUnit | None:
        """Return the unit with this credit code."""
        return session.scalars(
            select(InsuredUnit).where(InsuredUnit.credit_code == credit_code)
        ).first()

    def get(self, session: Session, credit_code: str) -> InsuredUnit:
        """Return the unit with this credit code; raises NotFound."""
        unit = self.find(session, credit_code)
        if unit is None:
            raise NotFound("unit-not-insured")
        return unit
