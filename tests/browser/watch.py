"""What a browser must never do behind a person's back."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

LOOPBACK = {"localhost", "127.0.0.1"}
# The status of a page is the story's business; that of what a page loads is ours.
_STATUS = "Failed to load resource: the server responded with a status of"
_UNKNOWN_ROOT = "net::ERR_CERT_AUTHORITY_INVALID"


@dataclass
class Watch:
    """Notes errors in the console, violations of the CSP among them, and requests to strangers."""

    complaints: list[str] = field(default_factory=list)
    _documents: set[str] = field(default_factory=set)

    def follow(self, context: BrowserContext) -> None:
        """Watch everything that happens in `context`."""
        context.on("console", self._hear)
        context.on("weberror", self._note_error)
        context.on("request", self._note_request)

    def expect_nothing(self) -> None:
        """Fail when there was anything to complain about."""
        assert self.complaints == []

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if message.text.startswith(_STATUS) and message.location["url"] in self._documents:
            return
        self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _note_error(self, error: WebError) -> None:
        self.complaints.append(f"script: {error.error}")

    def _note_request(self, request: Request) -> None:
        if request.is_navigation_request():
            self._documents.add(request.url)
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in LOOPBACK:
            self.complaints.append(f"left the machine: {request.url}")
