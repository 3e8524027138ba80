"""The layers in their order, outermost first."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from foundation.clock import Clock
from foundation.randomness import Randomness
from foundation.web.middleware.body_limit import DEFAULT_LIMIT, BodyLimit
from foundation.web.middleware.form_token import FormToken
from foundation.web.middleware.head_requests import HeadRequests
from foundation.web.middleware.host_check import HostCheck
from foundation.web.middleware.language import Language
from foundation.web.middleware.origin_check import OriginCheck
from foundation.web.middleware.refusal import Refuse
from foundation.web.middleware.request_context import RequestContext
from foundation.web.middleware.security_headers import SecurityHeaders

Layer = Callable[[ASGIApp], ASGIApp]


@dataclass(frozen=True)
class WebStack:
    """Puts the layers around an application.

    Without `hosts` every Host header is believed, which only suits what serves
    the same public facts under any name. Without a `session_cookie` there are no
    forms, and no cookie is set. What is posted to a path of `from_any_site`
    changes nothing that a link could not change: there neither origin nor form
    token is asked for. At a path of `without_head` even a GET changes something.
    """

    refuse: Refuse
    clock: Clock
    randomness: Randomness
    session_cookie: str | None
    hosts: Collection[str] = ()
    origins: Collection[str] = ()
    body_limit: int = DEFAULT_LIMIT
    larger_bodies: Mapping[str, int] = field(default_factory=dict)
    strict_transport: bool = False
    from_any_site: Collection[str] = ()
    without_head: Collection[str] = ()

    def around(self, app: ASGIApp, *, inner: Sequence[Layer] = ()) -> ASGIApp:
        """Return `app` inside all layers.

        `inner` (outermost first) stand between the checks that know nobody and
        the form token: the gateway's certificate and session layers.
        """
        app = HeadRequests(app, refused=self.without_head)
        if self.session_cookie is not None:
            app = FormToken(
                app,
                refuse=self.refuse,
                randomness=self.randomness,
                session_cookie=self.session_cookie,
                exempt_paths=self.from_any_site,
            )
        for layer in reversed(inner):
            app = layer(app)
        app = OriginCheck(app, refuse=self.refuse, origins=self.origins, exempt=self.from_any_site)
        app = BodyLimit(app, refuse=self.refuse, limit=self.body_limit, larger=self.larger_bodies)
        app = HostCheck(app, refuse=self.refuse, hosts=self.hosts)
        app = Language(app, remembers=self.session_cookie is not None)
        app = SecurityHeaders(app, strict_transport=self.strict_transport)
        return RequestContext(app, refuse=self.refuse, clock=self.clock, randomness=self.randomness)
