"""Sample data for a first look: two units, an officer for each role, insured people.

Made once, in one transaction. The slips are printed and kept in a file of the
data folder that only its owner can read; nobody runs `--demo` in earnest.
"""

import json
import os

from sqlalchemy.orm import Session

from enrollment.subscribers.officers import ROLES, OfficerApplication
from enrollment.subscribers.units import UnitApplication
from foundation.audit import Actor
from gateway.composition.house import House
from workflow_core.sample import enter_sample_people

SLIP_FILE = "demo-slips.json"

_UNITS = (
    ("武汉江城精密制造有限公司", "91420100MA4K00001U", "ordinary"),
    ("武汉东湖光电科技股份有限公司", "91420100707123456W", "vip"),
)
_DISTRICT = "wuchang"
_OFFICERS = {
    "administrator": "周明",
    "enrollment_officer": "李红",
    "review_officer": "王芳",
    "community_officer": "陈静",
    "security_officer": "赵强",
    "auditor": "刘洋",
}
# A release takes two of them (docs/decisions/0013-two-officers.md).
_SECOND_SECURITY_OFFICER = ("security2", "security_officer", "孙丽")


def enter_sample(house: House) -> list[dict[str, str]]:
    """Return the slips of the sample subscribers, or nothing when they exist already."""
    path = house.ground.settings.data / SLIP_FILE
    if path.exists():
        return []
    with house.database.writing() as session:
        slips = [*_enter_units(house, session), *_enter_officers(house, session)]
        # The file first: were it to fail, nothing has been made.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(slips, file, ensure_ascii=False, indent=2)
    return slips


def _enter_units(house: House, session: Session) -> list[dict[str, str]]:
    by = Actor.operator()
    slips = []
    for name, credit_code, unit_class in _UNITS:
        application = UnitApplication(name=name, credit_code=credit_code, district=_DISTRICT)
        slip = house.enrollment.units.register(session, application, by)
        if unit_class == "vip":
            house.enrollment.standing.promote(session, slip.username, by)
        slips.append({"name": name, "unit_class": unit_class, **slip.as_document()})
    enter_sample_people(house.workflow, session, by, [code for _, code, _ in _UNITS])
    return slips


def _enter_officers(house: House, session: Session) -> list[dict[str, str]]:
    slips = []
    people = [(role.removesuffix("_officer"), role, _OFFICERS[role]) for role in ROLES]
    for username, role, name in [*people, _SECOND_SECURITY_OFFICER]:
        application = OfficerApplication(username=username, roles=(role,), display_name=name)
        slip = house.enrollment.officers.add(session, application, Actor.operator())
        slips.append({"name": name, "roles": role, **slip.as_document()})
    return slips
