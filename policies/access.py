"""Who may do what: asks ``access.cedar`` on every request, denies by default."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from foundation.errors import Denied
from policies.cedar import CedarDocument, Entity
from policies.documents import POLICY_FOLDER
from policies.principal import Kind, Principal

ACCESS_DOCUMENT = "access.cedar"

OwnAction = Literal["see_own_record", "file_task", "withdraw_task", "list_own_tasks"]
OfficerAction = Literal[
    "register_unit",
    "promote_unit",
    "demote_unit",
    "suspend_unit",
    "resume_unit",
    "register_person",
    "issue_slip",
    "reissue_slip",
    "find_units",
    "list_units",
    "find_persons",
    "list_reviews",
    "approve_filing",
    "find_certificates",
    "revoke_certificate",
    "hold_certificate",
    "release_certificate",
    "list_approvals",
    "propose_release",
    "approve_release",
    "propose_bulk_revocation",
    "approve_bulk_revocation",
    "propose_ceremony",
    "approve_ceremony",
    "list_officers",
    "manage_officers",
    "list_applications",
    "manage_applications",
    "read_audit",
]
Action = OwnAction | OfficerAction
ResourceKind = Literal[
    "Unit",
    "Person",
    "Task",
    "Certificate",
    "Approval",
    "Officer",
    "Application",
    "AuditLog",
    "Portal",
]

_PRINCIPAL_TYPES: dict[Kind, str] = {
    "unit": "UnitUser",
    "person": "PersonUser",
    "officer": "OfficerUser",
}


@dataclass(frozen=True)
class Resource:
    """What an action is about.

    `owner` is the credit code of a unit or the username of a person; `district`
    the district the thing belongs to. Leave out what the thing does not have:
    a district officer may not act on a thing without a district.
    """

    kind: ResourceKind
    id: str
    district: str | None = None
    owner: str | None = None


PORTAL = Resource("Portal", "portal")
"""The resource of lists and menus, which are not about one thing."""


class AccessPolicy:
    """Decides by ``access.cedar``, validated against ``schema.cedarschema`` at start."""

    def __init__(self, document: CedarDocument) -> None:
        self._document = document

    @classmethod
    def load(cls, folder: Path = POLICY_FOLDER) -> "AccessPolicy":
        """Read the policy; raises `policies.documents.BrokenDocument` if it cannot be used."""
        return cls(CedarDocument.load(folder, ACCESS_DOCUMENT))

    def require(self, principal: Principal, action: Action, resource: Resource = PORTAL) -> None:
        """Raise `Denied` ("not-allowed") unless the policy permits the action.

        A list action permits the list, not its rows: the caller limits the rows
        to `principal.district`, or to what the principal owns.
        """
        if not self.allows(principal, action, resource):
            raise Denied("not-allowed")

    def allows(self, principal: Principal, action: Action, resource: Resource = PORTAL) -> bool:
        """Return the decision, for showing or hiding a menu item; acts use `require`."""
        who = _principal_entity(principal)
        what = _resource_entity(resource)
        return self._document.permits(who, action, what, known=(who, what))


def _principal_entity(principal: Principal) -> Entity:
    # Roles count for officers only: a unit never acts as one, whatever its row says.
    is_officer = principal.kind == "officer"
    is_unit = principal.kind == "unit"
    return Entity(
        _PRINCIPAL_TYPES[principal.kind],
        principal.username,
        _given(
            username=principal.username,
            standing=principal.standing,
            district=principal.district,
            unit_class=principal.unit_class if is_unit else None,
            credit_code=principal.credit_code if is_unit else None,
        ),
        roles=sorted(principal.roles) if is_officer else (),
    )


def _resource_entity(resource: Resource) -> Entity:
    attributes = _given(owner=resource.owner, district=resource.district)
    return Entity(resource.kind, resource.id, attributes)


def _given(**attributes: str | None) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value is not None}
