"""Applications behind the edge that want to hear of logouts (``logout_url`` in routes.toml).

An edge hands them a session without asking a node, so nobody notes who has
seen which. Each is therefore told of every session that began while it stood
in routes.toml.
"""

from collections.abc import Callable, Mapping

import structlog
from sqlalchemy.orm import Session

from foundation.errors import Unavailable
from gateway.openid.logout.delivery import LogoutParty
from gateway.openid.logout.participations import Participations
from gateway.sessions import LiveSession

_PREFIX = "route:"
_LOG = structlog.get_logger(__name__)


class EdgeApplications:
    """Finds them by their names in routes.toml."""

    def __init__(
        self, participations: Participations, read: Callable[[], Mapping[str, LogoutParty]]
    ) -> None:
        """`read` returns those with a ``logout_url``; raises `Unavailable` as the file may."""
        self._participations = participations
        self._read = read

    def join(self, session: Session, live: LiveSession) -> None:
        """Note for each that it may come to know this session; never stops a login."""
        try:
            names = list(self._read())
        except Unavailable as unusable:
            _LOG.error("edge_applications_unknown", failure=unusable.code)
            return
        for name in names:
            self._participations.join(session, live, f"{_PREFIX}{name}")

    def find(self, party: str) -> LogoutParty | None:
        """Return where one takes logout tokens; None for any other party, or one that is gone."""
        name = party.removeprefix(_PREFIX)
        return None if name == party else self._read().get(name)
