"""How much the signer signs at most: a bound on what a stolen gateway can do before it is seen."""

import threading
from datetime import datetime, timedelta

from foundation.clock import Clock


class RateLimit:
    """A token bucket: `burst` at once, refilled evenly over `period`."""

    def __init__(self, clock: Clock, *, burst: int, period: timedelta) -> None:
        self._clock = clock
        self._burst = burst
        self._per_token = period / burst
        self._lock = threading.Lock()
        self._full_at: datetime | None = None

    def allows(self) -> bool:
        """Take one token and return True, or return False when there is none."""
        now = self._clock.now()
        with self._lock:
            # The moment at which the bucket would be full again says it all. A
            # clock that was set back fills nothing.
            full_at = max(now, self._full_at or now) + self._per_token
            if full_at - now > self._per_token * self._burst:
                return False
            self._full_at = full_at
            return True
