"""Insured people."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.clock import Clock
from foundation.database import insert_or_conflict
from foundation.errors import Conflict
from workflow_core.registry.models import Person


@dataclass(frozen=True)
class PersonFacts:
    """What identifies a person in the registry."""

    id_number: str
    name: str
    sex: str
    birth_date: date
    ethnicity: str


class People:
    """The people of the registry, found by identity number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def find(self, session: Session, id_number: str) -> Person | None:
        """Return the person with this number."""
        return session.scalars(select(Person).where(Person.id_number == id_number)).first()

    def find_or_register(self, session: Session, facts: PersonFacts) -> Person:
        """The person with this identity number, entered now if unknown.

        A known person's record is left as it is: changing it is other
        business (BIZ-PINF). Raises Conflict when somebody enters the same
        person at this moment.
        """
        known = self.find(session, facts.id_number)
        if known is not None:
            return known
        person = Person(
            id_number=facts.id_number,
            name=facts.name,
            sex=facts.sex,
            birth_date=facts.birth_date,
            ethnicity=facts.ethnicity,
            registered_at=self._clock.now(),
        )
        insert_or_conflict(session, person, Conflict("registry-changed-meanwhile"))
        return person
