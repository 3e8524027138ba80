"""Sessions, and what a person meets behind the portal's door, put together."""

from collections.abc import Callable

from enrollment.services import EnrollmentServices
from gateway.admission import Admission
from gateway.composition.certification import Certification
from gateway.composition.ground import Ground
from gateway.composition.signals import Signals
from gateway.edge.tokens.service import EdgeTokens
from gateway.login import Login, Logout, PasswordReset
from gateway.navigation import Navigation
from gateway.portal.services import PortalServices
from gateway.portal.session_cookie import SessionCookies
from gateway.sessions import SessionLimits, Sessions
from policies.principal import Principal


def live_sessions(ground: Ground, signals: Signals) -> Sessions:
    """Return the sessions, as long as the parameters allow."""
    rules = ground.parameters.sessions
    return Sessions(
        ground.clock,
        ground.randomness,
        SessionLimits(rules.idle, rules.absolute),
        on_start=signals.session_started,
        on_end=lambda: signals.sessions_ended(ground.clock.now()),
    )


def admission_of(certification: Certification, sessions: Sessions) -> Admission:
    """Return what asks again on every request."""
    return Admission(certification.ground.database, certification.verifier, sessions)


def portal_services(
    ground: Ground,
    enrollment: EnrollmentServices,
    sessions: Sessions,
    tokens: EdgeTokens | None,
    count_waiting: Callable[[Principal], int],
) -> PortalServices:
    """Return login, logout, reset and navigation; `count_waiting` is for the officers' menu."""
    authenticators, principals = enrollment.authenticators, enrollment.principals
    common = (ground.database, ground.audit)
    return PortalServices(
        database=ground.database,
        audit=ground.audit,
        authenticators=authenticators,
        login=Login(*common, authenticators, principals, sessions, ground.observation.observer),
        logout=Logout(*common, sessions),
        password_reset=PasswordReset(*common, authenticators, sessions),
        navigation=Navigation(ground.access, count_waiting),
        passwords=ground.parameters.passwords,
        cookies=SessionCookies(tokens),
    )
