"""What a unit applies with, and what must be true of it."""

import re
from dataclasses import dataclass, field, replace

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from enrollment.events import Contact
from enrollment.subscribers.districts import DISTRICTS
from foundation.errors import FieldError, Invalid

# CALC-06, CALC-07: the six types, of which a normal unit takes all.
INSURANCE_TYPES = (
    "pension",
    "medical",
    "large_medical",
    "work_injury",
    "unemployment",
    "maternity",
)

_LONGEST_NAME = 100
_LONGEST_DISTRICT = 32
_CONTACT_BOUNDS = {"name": 64, "phone": 32, "email": 128, "address": 200}
_PHONE = re.compile(r"[0-9+() \-/#]{5,32}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True)
class UnitApplication:
    """The particulars of a unit, unchecked until `verify_application`."""

    name: str
    credit_code: str
    district: str
    insurance: tuple[str, ...] = INSURANCE_TYPES
    contact: Contact = field(default_factory=Contact)


def verify_application(unverified: UnitApplication) -> UnitApplication:
    """Return the application in its stored form.

    Raises `Invalid` ("application-invalid") with every error at once. Does not
    check that the unit exists in any public register.
    """
    name = " ".join(unverified.name.split())
    credit_code, credit_code_errors = _credit_code(unverified.credit_code)
    district = _district(unverified.district)
    errors = [
        *_name_errors(name),
        *credit_code_errors,
        *_district_errors(district),
        *_insurance_errors(unverified.insurance),
        *_contact_errors(unverified.contact),
    ]
    if errors:
        raise Invalid("application-invalid", fields=errors)
    insurance = tuple(kind for kind in INSURANCE_TYPES if kind in unverified.insurance)
    return replace(
        unverified, name=name, credit_code=credit_code, district=district, insurance=insurance
    )


def _credit_code(unverified_code: str) -> tuple[str, list[FieldError]]:
    """Check the unified social credit code (GB 32100-2015) with its check digit."""
    if not unverified_code.strip():
        return "", [FieldError("credit_code", "field-required")]
    try:
        return uscc.validate(unverified_code.upper()), []
    except InvalidChecksum:
        return "", [FieldError("credit_code", "credit-code-checksum")]
    except ValidationError:
        return "", [FieldError("credit_code", "credit-code-invalid")]


def _name_errors(name: str) -> list[FieldError]:
    if not name:
        return [FieldError("name", "field-required")]
    if len(name) > _LONGEST_NAME:
        return [FieldError("name", "field-too-long", {"maximum": _LONGEST_NAME})]
    return [] if name.isprintable() else [FieldError("name", "field-unprintable")]


def _district(unverified_district: str) -> str:
    text = unverified_district.strip()
    return text.lower() if text.lower() in DISTRICTS else text


def _district_errors(district: str) -> list[FieldError]:
    # The list of the city's districts is offered on every form but not imposed:
    # agencies are founded, merged and renamed without a release of this program.
    if not district:
        return [FieldError("district", "field-required")]
    if len(district) > _LONGEST_DISTRICT or not district.isprintable():
        return [FieldError("district", "district-unknown")]
    return []


def _insurance_errors(insurance: tuple[str, ...]) -> list[FieldError]:
    if not insurance:
        return [FieldError("insurance", "field-required")]
    if set(insurance) <= set(INSURANCE_TYPES):
        return []
    return [FieldError("insurance", "insurance-unknown")]


def _contact_errors(contact: Contact) -> list[FieldError]:
    names = {"name": "contact_name"}
    errors = [
        FieldError(names.get(key, key), "field-too-long", {"maximum": bound})
        for key, bound in _CONTACT_BOUNDS.items()
        if len(getattr(contact, key)) > bound
    ]
    if contact.phone and not _PHONE.fullmatch(contact.phone):
        errors.append(FieldError("phone", "phone-invalid"))
    if contact.email and not _EMAIL.fullmatch(contact.email):
        errors.append(FieldError("email", "email-invalid"))
    return errors
