"""The notice on a subscriber's home that its certificate runs out.

It needs no mail server and no query: the certificate of the connection says
when it ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from foundation.clock import Clock
from gateway.admission import Admitted
from policies.principal import Principal

_URGENT = timedelta(days=7)


@dataclass(frozen=True)
class ExpiringCertificate:
    """What the banner says; a part of a day counts as one."""

    not_after: datetime
    days_left: int
    is_urgent: bool


class ExpiryBanner:
    """Decides whether a page shows the notice."""

    def __init__(
        self, window: timedelta, clock: Clock, home_of: Callable[[Principal], str]
    ) -> None:
        """`window` is how long before its end a certificate may be renewed."""
        self._window = window
        self._clock = clock
        self._home_of = home_of

    def of_request(self, request: Request) -> ExpiringCertificate | None:
        """Return the notice for the home of who is logged in, else None."""
        admitted = getattr(request.state, "admitted", None)
        if not isinstance(admitted, Admitted) or admitted.must_change_password:
            return None
        if request.scope["path"] != self._home_of(admitted.principal):
            return None
        left = admitted.certificate.not_after - self._clock.now()
        if left > self._window:
            return None
        days_left = max(1, -(-left // timedelta(days=1)))
        return ExpiringCertificate(admitted.certificate.not_after, days_left, left <= _URGENT)
