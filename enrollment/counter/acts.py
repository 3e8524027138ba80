"""What an officer may do to an enrolled unit, each with the rule that allows it."""

from collections.abc import Callable
from dataclasses import dataclass

from enrollment.subscribers.units import UnitView
from policies.access import AccessPolicy, OfficerAction, Resource
from policies.principal import Principal

REISSUE_REASONS = ("superseded", "keyCompromise", "affiliationChanged", "unspecified")
"""Reasons of RFC 5280 section 5.3.1 that a counter meets; the first is the usual one (AMB-05)."""


@dataclass(frozen=True)
class Act:
    """One act on a unit. `names_unit`: the officer must type the username to confirm."""

    name: str
    action: OfficerAction
    names_unit: bool
    fits: Callable[[UnitView], bool]


ACTS = {
    act.name: act
    for act in (
        Act("reissue", "reissue_slip", True, lambda unit: unit.standing == "active"),
        Act("promote", "promote_unit", False, lambda unit: unit.unit_class == "ordinary"),
        Act("demote", "demote_unit", True, lambda unit: unit.unit_class == "vip"),
        Act("suspend", "suspend_unit", True, lambda unit: unit.standing == "active"),
        Act("resume", "resume_unit", False, lambda unit: unit.standing == "suspended"),
    )
}


def resource_of(unit: UnitView) -> Resource:
    """Return what the access policy is asked about."""
    return Resource("Unit", unit.username, district=unit.district)


def acts_open_to(principal: Principal, unit: UnitView, access: AccessPolicy) -> list[Act]:
    """Return the acts worth offering; the act itself is checked again when it is done."""
    resource = resource_of(unit)
    return [
        act
        for act in ACTS.values()
        if act.fits(unit) and access.allows(principal, act.action, resource)
    ]
