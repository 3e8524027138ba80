"""What is answered over a link while the database cannot say whose link it is."""

from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.clock import Clock
from foundation.database.failures import DatabaseUnavailable
from foundation.randomness import Randomness
from foundation.web.middleware.language import Language
from foundation.web.middleware.refusal import Refuse
from foundation.web.middleware.request_context import RequestContext


def outage(refuse: Refuse, clock: Clock, randomness: Randomness) -> ASGIApp:
    """Return an application that tells every request when to come again, and does nothing."""
    return RequestContext(Language(_fail), refuse=refuse, clock=clock, randomness=randomness)


async def _fail(_: Scope, __: Receive, ___: Send) -> None:
    raise DatabaseUnavailable
