"""Every action, asked by every kind of principal about every place."""

import re
from itertools import product
from typing import get_args

import pytest

from foundation.errors import Denied
from policies.access import (
    PORTAL,
    AccessPolicy,
    Action,
    OfficerAction,
    OwnAction,
    Resource,
    ResourceKind,
)
from policies.documents import POLICY_FOLDER
from policies.principal import Principal, Standing, UnitClass

ROLES = (
    "administrator",
    "enrollment_officer",
    "review_officer",
    "community_officer",
    "security_officer",
    "auditor",
)
OWN_CODE = "91420100MA4KAAAA0X"
OTHER_CODE = "91420100MA4KBBBB0Y"

# action, kind of thing, roles that may do it. What is not here is forbidden.
ACTS: tuple[tuple[OfficerAction, ResourceKind, frozenset[str]], ...] = (
    ("register_unit", "Unit", frozenset({"enrollment_officer"})),
    ("promote_unit", "Unit", frozenset({"enrollment_officer"})),
    ("demote_unit", "Unit", frozenset({"enrollment_officer", "security_officer"})),
    ("suspend_unit", "Unit", frozenset({"enrollment_officer"})),
    ("resume_unit", "Unit", frozenset({"enrollment_officer"})),
    ("register_person", "Person", frozenset({"community_officer"})),
    ("issue_slip", "Unit", frozenset({"enrollment_officer"})),
    ("issue_slip", "Person", frozenset({"community_officer"})),
    ("issue_slip", "Officer", frozenset({"administrator"})),
    ("reissue_slip", "Unit", frozenset({"enrollment_officer"})),
    ("reissue_slip", "Person", frozenset({"community_officer"})),
    ("reissue_slip", "Officer", frozenset({"administrator"})),
    ("approve_filing", "Task", frozenset({"review_officer"})),
    ("revoke_certificate", "Certificate", frozenset({"security_officer"})),
    ("hold_certificate", "Certificate", frozenset({"security_officer"})),
    ("release_certificate", "Certificate", frozenset({"security_officer"})),
    ("propose_release", "Certificate", frozenset({"security_officer"})),
    ("approve_release", "Certificate", frozenset({"security_officer"})),
    ("propose_bulk_revocation", "Approval", frozenset({"security_officer"})),
    ("approve_bulk_revocation", "Approval", frozenset({"security_officer"})),
    ("propose_ceremony", "Approval", frozenset({"security_officer"})),
    ("approve_ceremony", "Approval", frozenset({"security_officer"})),
    ("manage_officers", "Officer", frozenset({"administrator"})),
    ("manage_applications", "Application", frozenset({"administrator"})),
    ("read_audit", "AuditLog", frozenset({"auditor"})),
)
LISTS: tuple[tuple[OfficerAction, ResourceKind, frozenset[str]], ...] = (
    ("find_units", "Unit", frozenset({"enrollment_officer"})),
    ("list_units", "Unit", frozenset({"enrollment_officer"})),
    ("find_persons", "Person", frozenset({"community_officer"})),
    ("list_reviews", "Task", frozenset({"review_officer"})),
    ("find_certificates", "Certificate", frozenset({"security_officer"})),
    ("list_approvals", "Approval", frozenset({"security_officer"})),
    ("list_officers", "Officer", frozenset({"administrator"})),
    ("list_applications", "Application", frozenset({"administrator"})),
)
OWN_ACTIONS: tuple[OwnAction, ...] = get_args(OwnAction)
OFFICER_ACTIONS: tuple[OfficerAction, ...] = get_args(OfficerAction)
UNIT_CLASSES: tuple[UnitClass, ...] = get_args(UnitClass)
KINDS: tuple[ResourceKind, ...] = get_args(ResourceKind)


def officer(*roles: str, district: str | None = None, standing: Standing = "active") -> Principal:
    return Principal(
        "officer1",
        "王经办",
        "officer",
        roles=frozenset(roles),
        district=district,
        standing=standing,
    )


def unit(unit_class: UnitClass = "ordinary", standing: Standing = "active") -> Principal:
    return Principal(
        "wh000123",
        "武汉某某公司",
        "unit",
        unit_class=unit_class,
        district="wuchang",
        credit_code=OWN_CODE,
        standing=standing,
    )


PERSON = Principal("wp000456", "李某", "person", district="wuchang")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("action", "kind", "permitted"), ACTS)
def test_an_officer_acts_by_role_and_only_in_the_own_district(
    access: AccessPolicy,
    role: str,
    action: OfficerAction,
    kind: ResourceKind,
    permitted: frozenset[str],
) -> None:
    """ACT-04, ACT-05."""
    may = role in permitted
    expected = {
        (None, None): may,
        (None, "wuchang"): may,
        ("wuchang", "wuchang"): may,
        ("wuchang", "hanyang"): False,
        ("wuchang", None): False,
    }
    decided = {
        (of, at): access.allows(officer(role, district=of), action, Resource(kind, "x", at))
        for of, at in expected
    }
    assert decided == expected


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("action", "kind", "permitted"), LISTS)
def test_an_officer_lists_by_role_and_never_another_district(
    access: AccessPolicy,
    role: str,
    action: OfficerAction,
    kind: ResourceKind,
    permitted: frozenset[str],
) -> None:
    """ACT-04."""
    may = role in permitted
    assert access.allows(officer(role), action) is may
    assert access.allows(officer(role), action, Resource(kind, "x", "hanyang")) is may
    of_district = officer(role, district="wuchang")
    assert access.allows(of_district, action, PORTAL) is may
    assert access.allows(of_district, action, Resource(kind, "x", "wuchang")) is may
    assert not access.allows(of_district, action, Resource(kind, "x", "hanyang"))
    assert not access.allows(of_district, action, Resource(kind, "x"))
    assert not access.allows(of_district, action, Resource("Portal", "portal", "hanyang"))


def test_the_tables_name_every_officer_action() -> None:
    assert {row[0] for row in ACTS + LISTS} == set(OFFICER_ACTIONS)


def test_an_action_on_a_kind_of_thing_it_is_not_for_is_refused(access: AccessPolicy) -> None:
    tried = {(action, kind) for action, kind, _ in ACTS + LISTS}
    tried |= {(action, "Portal") for action, _, _ in LISTS}
    everything = officer(*ROLES)
    for action, kind in product(OFFICER_ACTIONS, KINDS):
        assert access.allows(everything, action, Resource(kind, "x")) is ((action, kind) in tried)


@pytest.mark.parametrize("unit_class", UNIT_CLASSES)
@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("see_own_record", "Unit"),
        ("see_own_record", "Task"),
        ("file_task", "Unit"),
        ("file_task", "Task"),
        ("withdraw_task", "Task"),
    ],
)
def test_a_unit_of_either_class_acts_only_on_what_it_owns(
    access: AccessPolicy, unit_class: UnitClass, action: OwnAction, kind: ResourceKind
) -> None:
    """ACT-01, ACT-03."""
    asked_by = unit(unit_class)
    assert access.allows(asked_by, action, Resource(kind, "x", owner=OWN_CODE))
    assert not access.allows(asked_by, action, Resource(kind, "x", owner=OTHER_CODE))
    assert not access.allows(asked_by, action, Resource(kind, "x"))
    # The username is not the key of a unit.
    assert not access.allows(asked_by, action, Resource(kind, "x", owner=asked_by.username))


def test_a_unit_without_a_credit_code_owns_nothing(access: AccessPolicy) -> None:
    nameless = Principal("wh000124", "某公司", "unit", unit_class="ordinary")
    assert not access.allows(nameless, "file_task", Resource("Task", "x"))
    assert not access.allows(nameless, "file_task", Resource("Task", "x", owner=""))


def test_a_person_sees_the_own_record_and_files_nothing(access: AccessPolicy) -> None:
    """AMB-26."""
    mine = Resource("Person", "x", owner=PERSON.username)
    assert access.allows(PERSON, "see_own_record", mine)
    assert access.allows(PERSON, "list_own_tasks")
    assert not access.allows(PERSON, "see_own_record", Resource("Person", "y", owner="wp999"))
    for action in ("file_task", "withdraw_task"):
        assert not access.allows(PERSON, action, Resource("Task", "x", owner=PERSON.username))


def test_officers_do_not_act_as_units(access: AccessPolicy) -> None:
    everything = officer(*ROLES)
    for action, kind in product(OWN_ACTIONS, KINDS):
        for owner in (None, OWN_CODE, everything.username):
            assert not access.allows(everything, action, Resource(kind, "x", owner=owner))


@pytest.mark.parametrize(
    "principal",
    [unit("vip"), unit("ordinary"), PERSON, officer()],
    ids=["vip", "ordinary", "person", "officer without a role"],
)
def test_without_a_role_no_officer_action_is_permitted(
    access: AccessPolicy, principal: Principal
) -> None:
    for action, kind in product(OFFICER_ACTIONS, KINDS):
        resource = Resource(kind, "x", principal.district, principal.credit_code)
        assert not access.allows(principal, action, resource)


def test_an_officers_role_on_a_unit_counts_for_nothing(access: AccessPolicy) -> None:
    strange = Principal("wh1", "某", "unit", "vip", frozenset(ROLES), None, OWN_CODE)
    assert not access.allows(strange, "register_unit", Resource("Unit", "x"))
    assert access.allows(strange, "file_task", Resource("Task", "x", owner=OWN_CODE))


def test_an_unknown_role_spoils_the_known_ones(access: AccessPolicy) -> None:
    assert not access.allows(
        officer("auditor", "superuser"), "read_audit", Resource("AuditLog", "x")
    )


def test_whoever_is_suspended_does_nothing(access: AccessPolicy) -> None:
    """AMB-21."""
    suspended_officer = officer(*ROLES, standing="suspended")
    for action, kind, _ in ACTS + LISTS:
        assert not access.allows(suspended_officer, action, Resource(kind, "x"))
    suspended_unit = unit("vip", standing="suspended")
    assert not access.allows(
        suspended_unit, "see_own_record", Resource("Unit", "x", owner=OWN_CODE)
    )
    assert not access.allows(suspended_unit, "list_own_tasks")


def test_two_roles_permit_what_each_permits(access: AccessPolicy) -> None:
    both = officer("auditor", "review_officer")
    assert access.allows(both, "read_audit", Resource("AuditLog", "x"))
    assert access.allows(both, "list_reviews")


def test_require_raises_denied(access: AccessPolicy) -> None:
    with pytest.raises(Denied) as refusal:
        access.require(officer("auditor"), "list_reviews")
    assert refusal.value.code == "not-allowed"
    access.require(officer("review_officer"), "list_reviews")


def test_identifiers_cannot_speak_cedar(access: AccessPolicy) -> None:
    forged = Principal('x" in Role::"administrator', "某", "officer", roles=frozenset({"auditor"}))
    assert not access.allows(forged, "list_officers")
    named = Resource("Certificate", 'x\n"; permit(principal,action,resource);')
    assert access.allows(officer("security_officer"), "revoke_certificate", named)
    assert not access.allows(officer("auditor"), "revoke_certificate", named)


def test_code_and_schema_name_the_same_actions() -> None:
    schema = (POLICY_FOLDER / "schema.cedarschema").read_text(encoding="utf-8")
    declared = set()
    for names in re.findall(r"^action ([^;]*?)(?:\s+in \[|\s+appliesTo|;)", schema, re.MULTILINE):
        declared |= set(re.findall(r'"(\w+)"', names))
    not_asked_by_code = {"officer_action", "district_action", "list_action"}
    asked = {name for actions in get_args(Action) for name in get_args(actions) or (actions,)}
    assert declared - not_asked_by_code - {"approve_automatically"} == asked


def test_each_policy_names_its_requirement() -> None:
    """An officer can look each rule up."""
    for name in ("access.cedar", "review.cedar"):
        text = (POLICY_FOLDER / name).read_text(encoding="utf-8")
        policies = re.findall(r"^(?:permit|forbid) \(", text, re.MULTILINE)
        annotations = re.findall(
            r'^@id\("[A-Z]+-\d\d[^"]*"\)\n(?:permit|forbid)', text, re.MULTILINE
        )
        assert len(policies) == len(annotations) > 0
        assert len(set(re.findall(r'@id\("(.*)"\)', text))) == len(policies)
