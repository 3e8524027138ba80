"""Types of values that several modules share: identity number, money, month, day, name."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from workflow_core.month import Month
from workflow_core.registry.ethnicity import find_ethnicity
from workflow_core.registry.id_number import IdNumberError, read_id_number
from workflow_core.registry.insurance import INSURANCE_TYPES, in_order

_AMOUNT = re.compile(r"[0-9]{1,8}(\.[0-9]{1,2})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Letters, the dots in names of minorities and foreigners, spaces, hyphens, apostrophes.
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u00b7\u2022.' \u2019-]){0,48}[^\W\d_.]")


def _wrong(code: str) -> PydanticCustomError:
    return PydanticCustomError(code, "refused")


def _text(value: object, code: str) -> str:
    if not isinstance(value, str):
        raise _wrong(code)
    text = value.strip()
    if not text:
        raise _wrong("field-required")
    return text


def _id_number(value: object) -> str:
    try:
        return read_id_number(_text(value, "id-number-format")).text
    except IdNumberError as error:
        raise _wrong(error.code) from error


def _person_name(value: object) -> str:
    text = _text(value, "person-name-invalid")
    if not _NAME.fullmatch(text):
        raise _wrong("person-name-invalid")
    return text


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    text = _text(value, "day-invalid")
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _wrong("day-invalid")


def _month(value: object) -> Month:
    if isinstance(value, Month):
        return value
    text = _text(value, "month-invalid")
    try:
        return Month.parse(text)
    except ValueError as error:
        raise _wrong("month-invalid") from error


def _amount(value: object) -> Decimal:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        value = str(value)
    text = _text(value, "amount-invalid")
    if not _AMOUNT.fullmatch(text):
        raise _wrong("amount-invalid")
    amount = Decimal(text).quantize(Decimal("0.01"))
    if amount <= 0:
        raise _wrong("amount-not-positive")
    return amount


def _ethnicity(value: object) -> str:
    found = find_ethnicity(_text(value, "ethnicity-unknown"))
    if found is None:
        raise _wrong("ethnicity-unknown")
    return found.name


def _insurance(value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise _wrong("insurance-type-unknown")
    if any(item not in INSURANCE_TYPES for item in value):
        raise _wrong("insurance-type-unknown")
    if not value:
        raise _wrong("field-required")
    return in_order(value)


IdNumberText = Annotated[str, BeforeValidator(_id_number)]
PersonName = Annotated[str, BeforeValidator(_person_name)]
Day = Annotated[date, BeforeValidator(_day)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
"""A positive amount in yuan with two decimals; written as a decimal string."""

MonthValue = Annotated[Month, BeforeValidator(_month), PlainSerializer(str, return_type=str)]
EthnicityName = Annotated[str, BeforeValidator(_ethnicity)]
InsuranceList = Annotated[list[str], BeforeValidator(_insurance)]
