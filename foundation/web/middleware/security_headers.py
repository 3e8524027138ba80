"""Headers that tell the browser what a page of this house may do: almost nothing.

Referrer-Policy is ``same-origin``, not ``no-referrer``: the latter would make
browsers send ``Origin: null`` with our own forms, which the origin check refuses.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",  # htmx
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}

STRICT_TRANSPORT = "max-age=31536000"

_ALWAYS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_WITH_TLS = [*_ALWAYS, (b"strict-transport-security", STRICT_TRANSPORT.encode())]


class SecurityHeaders:
    """Adds the headers an answer does not set itself.

    `strict_transport` asks browsers to use TLS only for this host name, on every
    port (RFC 6797, section 8.3); leave it off where plain HTTP is served to
    browsers under the same name, as on ``localhost``.
    """

    def __init__(self, app: ASGIApp, *, strict_transport: bool = False) -> None:
        self._app = app
        self._strict_transport = strict_transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        secure = scope.get("scheme") == "https" and self._strict_transport
        wanted = _WITH_TLS if secure else _ALWAYS

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                # ASGI has names in lower case.
                own = list(message.get("headers", ()))
                set_already = {name for name, _ in own}
                message["headers"] = own + [one for one in wanted if one[0] not in set_already]
            await send(message)

        await self._app(scope, receive, send_guarded)
