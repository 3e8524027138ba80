"""What the gateway's own screens need."""

from dataclasses import dataclass

from enrollment.authenticators.service import Authenticators
from foundation.audit import AuditLog
from foundation.database import Database
from gateway.login import Login, Logout, PasswordReset
from gateway.navigation import Navigation
from gateway.portal.session_cookie import SessionCookies
from policies.credentials import PasswordParameters


@dataclass(frozen=True)
class PortalServices:
    """Collaborators of login, reset and logout."""

    database: Database
    audit: AuditLog
    authenticators: Authenticators
    login: Login
    logout: Logout
    password_reset: PasswordReset
    navigation: Navigation
    passwords: PasswordParameters
    cookies: SessionCookies
