"""How an enrolment is typed and shown."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from foundation.i18n import Translator
from workflow_core.modules.protocol import Data
from workflow_core.registry import Registry
from workflow_core.registry.ethnicity import ethnicities

_PLAIN = ("id_number", "name", "sex", "ethnicity", "birth_date", "employment_date")


class EnrolmentForm:
    """The form of BIZ-ADD-04: personal data, insurance types, back pay."""

    template = "workflow_core/enrolment/form.html"
    details_template = "workflow_core/enrolment/details.html"
    print_template: str | None = "workflow_core/enrolment/print.html"

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def from_fields(self, fields: Mapping[str, Sequence[str]]) -> Data:
        """Return unverified data; a field that was not sent is left out.

        Back pay is off unless the choice says yes (BIZ-ADD-13), whatever month
        still stands in the field behind it.
        """
        data: Data = {name: fields[name][-1] for name in _PLAIN if name in fields}
        if "declared_wage" in fields:
            data["declared_wage"] = fields["declared_wage"][-1].replace(",", "").strip()
        if "insurance" in fields:
            data["insurance"] = list(fields["insurance"])
        wants_back_pay = fields.get("back_pay", ["no"])[-1] == "yes"
        data["back_pay_from"] = fields.get("back_pay_from", [""])[-1] if wants_back_pay else None
        if "contract_signed" in fields:
            data["contract_signed"] = fields["contract_signed"][-1] == "yes"
        return data

    def context(self, session: Session, owner: str, translator: Translator) -> Mapping[str, object]:
        """Return the ethnicities, and the insurance types of this unit (BIZ-ADD-12)."""
        language = translator.language
        return {
            "ethnicity_options": [(row.name, row.label(language)) for row in ethnicities()],
            "ethnicity_labels": {row.name: row.label(language) for row in ethnicities()},
            "unit": self._registry.units.get(session, owner),
        }
