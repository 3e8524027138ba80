"""What an enrolment says (BIZ-ADD-04): personal data, insurance types, back pay."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from workflow_core.modules.values import (
    Amount,
    Day,
    EthnicityName,
    IdNumberText,
    InsuranceList,
    MonthValue,
    PersonName,
)


def _sex(value: object) -> object:
    if value in ("", None):
        raise PydanticCustomError("field-required", "refused")
    if value not in ("male", "female"):
        raise PydanticCustomError("sex-unknown", "refused")
    return value


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise PydanticCustomError("yes-or-no-invalid", "refused")
    return value


class EnrolmentData(BaseModel):
    """The data of one enrolment, well-formed; whether it may be accepted is the rules' matter."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    id_number: IdNumberText
    name: PersonName
    sex: Annotated[Literal["male", "female"], BeforeValidator(_sex)]
    ethnicity: EthnicityName
    birth_date: Day
    employment_date: Day
    declared_wage: Amount
    insurance: InsuranceList
    back_pay_from: MonthValue | None = None
    contract_signed: Annotated[bool, BeforeValidator(_yes_or_no)]
