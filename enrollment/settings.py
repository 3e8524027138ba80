"""What the composition root tells enrollment, as plain values."""

from dataclasses import dataclass
from datetime import timedelta

from ca.keys.algorithms import EndEntityKeyAlgorithm
from policies.credentials import Argon2Parameters, SlipParameters, ThrottlingParameters


@dataclass(frozen=True)
class EnrollmentSettings:
    """Parameters of the policies and where the pickup page is.

    `pickup_url` is the page without a query, as ``https://host:8443/pickup``.
    """

    pickup_url: str
    slips: SlipParameters
    argon2: Argon2Parameters
    throttling: ThrottlingParameters
    key_algorithm: EndEntityKeyAlgorithm = "ecdsa-p256"
    ticket_lifetime: timedelta = timedelta(minutes=10)
    username_prefix: str = "wh"
    renewal_window: timedelta = timedelta(days=60)
    renewal_unused: timedelta = timedelta(days=30)
