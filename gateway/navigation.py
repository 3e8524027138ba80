"""What the main navigation offers to whom; the policies decide, nobody else."""

from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from foundation.database.failures import find_unavailability
from foundation.web.pages import NavigationItem
from policies.access import PORTAL, AccessPolicy, Action, Resource
from policies.principal import Principal

AUDIT_LOG = Resource("AuditLog", "audit")
APPROVALS = "navigation.approvals"

# (action whose permission shows it, on what, catalogue key, path)
_CONSOLES: tuple[tuple[Action, Resource, str, str], ...] = (
    ("list_reviews", PORTAL, "navigation.reviews", "/officer/reviews"),
    ("find_units", PORTAL, "navigation.units", "/officer/units"),
    ("find_certificates", PORTAL, "navigation.certificates", "/security/certificates"),
    ("list_approvals", PORTAL, APPROVALS, "/security/approvals"),
    ("list_officers", PORTAL, "navigation.officers", "/officer/officers"),
    ("list_applications", PORTAL, "navigation.applications", "/officer/applications"),
    ("read_audit", AUDIT_LOG, "navigation.audit", "/officer/audit"),
)
_UNIT_ITEMS = (
    ("navigation.tasks", "/tasks"),
    ("navigation.password", "/password"),
)


class Navigation:
    """Builds the navigation of a request and the home of a principal."""

    def __init__(self, access: AccessPolicy, count_waiting: Callable[[Principal], int]) -> None:
        """`count_waiting` says how many proposals wait for an officer."""
        self._access = access
        self._count_waiting = count_waiting

    def of_request(self, request: Request) -> Sequence[NavigationItem]:
        """Return the items to show; none before login and before the reset."""
        admitted = getattr(request.state, "admitted", None)
        if admitted is None or admitted.must_change_password:
            return ()
        path, principal = request.scope["path"], admitted.principal
        return [
            NavigationItem(
                key,
                href,
                path == href or path.startswith(f"{href}/"),
                self._waiting(principal) if key == APPROVALS else 0,
            )
            for key, href in self._items(principal)
        ]

    def home_of(self, principal: Principal) -> str:
        """Return the path that ``/`` leads to: a unit's lists, an officer's first console."""
        return self._items(principal)[0][1]

    def _waiting(self, principal: Principal) -> int:
        try:
            return self._count_waiting(principal)
        except SQLAlchemyError as error:
            # The page that says so has a navigation too.
            if find_unavailability(error) is None:
                raise
            return 0

    def _items(self, principal: Principal) -> list[tuple[str, str]]:
        if principal.kind != "officer":
            return list(_UNIT_ITEMS)
        consoles = [
            (key, href)
            for action, resource, key, href in _CONSOLES
            if self._access.allows(principal, action, resource)
        ]
        return [*consoles, ("navigation.password", "/password")]
