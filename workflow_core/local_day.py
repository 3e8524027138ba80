"""Which day it is where the agency stands; every rule about days asks this."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from foundation.clock import Clock


class LocalDay:
    """Tells the local calendar day of a moment."""

    def __init__(self, clock: Clock, zone: ZoneInfo) -> None:
        self._clock = clock
        self._zone = zone

    def today(self) -> date:
        """Return the local day of the present."""
        return self.of(self._clock.now())

    def of(self, moment: datetime) -> date:
        """Return the local day of an aware `moment`."""
        return moment.astimezone(self._zone).date()
