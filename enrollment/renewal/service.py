"""Everything about renewals that routes and jobs work with."""

from dataclasses import dataclass

from enrollment.renewal.expiry import RenewalExpiry
from enrollment.renewal.files import RenewalFiles
from enrollment.renewal.renewals import Renewals
from enrollment.renewal.status import RenewalStatuses


@dataclass(frozen=True)
class RenewalServices:
    """The four acts around a renewal: make one, make a file, look at it, let it expire."""

    renewals: Renewals
    files: RenewalFiles
    statuses: RenewalStatuses
    expiry: RenewalExpiry
