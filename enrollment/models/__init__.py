"""Tables of enrollment; importing this package registers them all."""

from enrollment.models.authenticators import CertificateAuthenticator, PasswordAuthenticator
from enrollment.models.notices import ExpiryNotice
from enrollment.models.renewals import Renewal
from enrollment.models.slips import PickupTicket, Slip
from enrollment.models.subscribers import Officer, OfficerRole, Subscriber, Unit, UsernameNumber
from enrollment.models.terms import SubscriberTerm
from enrollment.models.throttles import ThrottleCounter

__all__ = [
    "CertificateAuthenticator",
    "ExpiryNotice",
    "Officer",
    "OfficerRole",
    "PasswordAuthenticator",
    "PickupTicket",
    "Renewal",
    "Slip",
    "Subscriber",
    "SubscriberTerm",
    "ThrottleCounter",
    "Unit",
    "UsernameNumber",
]
