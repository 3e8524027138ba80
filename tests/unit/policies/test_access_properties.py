"""Whatever the names, places and owners are: no role, no officer action."""

from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.access import AccessPolicy, OfficerAction, Resource, ResourceKind
from policies.principal import Kind, Principal, UnitClass

# Written down here a second time, on purpose: widening access.cedar must fail a test.
ROLES_FOR: dict[OfficerAction, frozenset[str]] = {
    "register_unit": frozenset({"enrollment_officer"}),
    "promote_unit": frozenset({"enrollment_officer"}),
    "demote_unit": frozenset({"enrollment_officer", "security_officer"}),
    "suspend_unit": frozenset({"enrollment_officer"}),
    "resume_unit": frozenset({"enrollment_officer"}),
    "register_person": frozenset({"community_officer"}),
    "issue_slip": frozenset({"enrollment_officer", "community_officer", "administrator"}),
    "reissue_slip": frozenset({"enrollment_officer", "community_officer", "administrator"}),
    "find_units": frozenset({"enrollment_officer"}),
    "list_units": frozenset({"enrollment_officer"}),
    "find_persons": frozenset({"community_officer"}),
    "list_reviews": frozenset({"review_officer"}),
    "approve_filing": frozenset({"review_officer"}),
    "find_certificates": frozenset({"security_officer"}),
    "revoke_certificate": frozenset({"security_officer"}),
    "hold_certificate": frozenset({"security_officer"}),
    "release_certificate": frozenset({"security_officer"}),
    "list_approvals": frozenset({"security_officer"}),
    "propose_release": frozenset({"security_officer"}),
    "approve_release": frozenset({"security_officer"}),
    "propose_bulk_revocation": frozenset({"security_officer"}),
    "approve_bulk_revocation": frozenset({"security_officer"}),
    "propose_ceremony": frozenset({"security_officer"}),
    "approve_ceremony": frozenset({"security_officer"}),
    "list_officers": frozenset({"administrator"}),
    "manage_officers": frozenset({"administrator"}),
    "list_applications": frozenset({"administrator"}),
    "manage_applications": frozenset({"administrator"}),
    "read_audit": frozenset({"auditor"}),
}
KINDS: tuple[Kind, ...] = get_args(Kind)
UNIT_CLASSES: tuple[UnitClass, ...] = get_args(UnitClass)
RESOURCE_KINDS: tuple[ResourceKind, ...] = get_args(ResourceKind)

# Few places and names, so that they often coincide, and any text now and then.
words = st.sampled_from(["wuchang", "hanyang", "wh000123", "91420100MA4KAAAA0X"]) | st.text()
roles = st.frozensets(
    st.sampled_from(sorted(frozenset().union(*ROLES_FOR.values()))) | st.text(max_size=20),
    max_size=4,
)
principals = st.builds(
    Principal,
    username=words,
    display_name=words,
    kind=st.sampled_from(KINDS),
    unit_class=st.none() | st.sampled_from(UNIT_CLASSES),
    roles=roles,
    district=st.none() | words,
    credit_code=st.none() | words,
)
resources = st.builds(
    Resource,
    kind=st.sampled_from(RESOURCE_KINDS),
    id=words,
    district=st.none() | words,
    owner=st.none() | words,
)

# The policy is immutable; one is enough for every example.
ACCESS = AccessPolicy.load()


@settings(max_examples=300)
@given(principals, st.sampled_from(sorted(ROLES_FOR)), resources)
def test_no_officer_action_without_a_matching_role_and_place(
    principal: Principal, action: OfficerAction, resource: Resource
) -> None:
    if ACCESS.allows(principal, action, resource):
        assert principal.kind == "officer"
        assert principal.roles & ROLES_FOR[action]
        on_the_list_itself = resource.kind == "Portal" and resource.district is None
        in_place = principal.district in {None, resource.district}
        assert in_place or on_the_list_itself


def test_the_table_names_every_officer_action() -> None:
    assert set(ROLES_FOR) == set(get_args(OfficerAction))
