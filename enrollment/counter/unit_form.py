"""The form that enrols a unit, as the counter fills it in."""

from collections.abc import Iterable
from dataclasses import replace

from pydantic import BaseModel, Field

from enrollment.counter.papers import ALWAYS, missing_papers
from enrollment.subscribers.units import INSURANCE_TYPES, Contact, UnitApplication
from foundation.errors import FieldError


class UnitForm(BaseModel):
    """Unchecked values of the form; a field left empty is an empty text, never an error here."""

    unit_name: str = Field(default="", max_length=400)
    credit_code: str = Field(default="", max_length=100)
    district: str = Field(default="", max_length=100)
    insurance: list[str] = Field(default_factory=list, max_length=20)
    contact_name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=100)
    email: str = Field(default="", max_length=400)
    address: str = Field(default="", max_length=400)
    new_unit: bool = False
    papers: list[str] = Field(default_factory=list, max_length=20)
    registration_papers: list[str] = Field(default_factory=list, max_length=20)

    @classmethod
    def blank(cls, district: str | None) -> "UnitForm":
        """Return the form as it is first shown: all six insurance types ticked (CALC-07)."""
        return cls(district=district or "", insurance=list(INSURANCE_TYPES))

    def application(self) -> UnitApplication:
        """Return what the domain is asked to register."""
        return UnitApplication(
            name=self.unit_name.strip(),
            credit_code=self.credit_code.strip(),
            district=self.district,
            insurance=tuple(self.insurance),
            contact=Contact(
                name=self.contact_name.strip(),
                phone=self.phone.strip(),
                email=self.email.strip(),
                address=self.address.strip(),
            ),
        )

    @staticmethod
    def errors_on_page(errors: Iterable[FieldError]) -> list[FieldError]:
        """Return `errors` with the names that the fields have on the page."""
        return [
            replace(error, field="unit_name") if error.field == "name" else error
            for error in errors
        ]

    def paper_errors(self) -> list[FieldError]:
        """Return an error for each paper still to be seen."""
        always = missing_papers(self.papers, new_unit=False)
        presented = [*ALWAYS, *self.registration_papers]
        registration = missing_papers(presented, new_unit=self.new_unit)
        return always + [replace(error, field="registration_papers") for error in registration]
