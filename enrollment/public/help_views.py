"""Help for installing both certificates (DL-10 .. DL-15), one page for each system and browser."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from foundation.errors import NotFound
from foundation.web.pages import Pages


@dataclass(frozen=True)
class Step:
    """One numbered step; `key` has its text, `command` is typed into a terminal as it stands."""

    key: str
    command: str | None = None


@dataclass(frozen=True)
class Section:
    """A headed list of steps."""

    heading_key: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Topic:
    """One help page."""

    name: str
    sections: tuple[Section, ...]


def _topic(name: str, commands: dict[str, str] | None = None, /, **counts: int) -> Topic:
    commands = commands or {}
    return Topic(
        name,
        tuple(
            Section(
                f"enrollment.help.section.{section}",
                tuple(
                    Step(
                        f"enrollment.help.{name}.{section}.{number}",
                        commands.get(f"{section}.{number}"),
                    )
                    for number in range(1, count + 1)
                ),
            )
            for section, count in counts.items()
        ),
    )


_DATABASE = "sql:$HOME/.pki/nssdb"
_LINUX_COMMANDS = {
    "root.1": "sudo apt install libnss3-tools",
    "root.2": "sha256sum ~/Downloads/certgate-root.cer",
    "root.3": f"mkdir -p ~/.pki/nssdb && certutil -d {_DATABASE} -N --empty-password",
    "root.4": f'certutil -d {_DATABASE} -A -t "C,," -n certgate-root'
    " -i ~/Downloads/certgate-root.cer",
    "personal.1": f"pk12util -d {_DATABASE} -i ~/Downloads/certgate-*.p12",
    "check.1": f"certutil -d {_DATABASE} -L",
}

TOPICS = {
    topic.name: topic
    for topic in (
        _topic(
            "windows",
            {"root.1": 'certutil -hashfile "%USERPROFILE%\\Downloads\\certgate-root.cer" SHA256'},
            root=5,
            personal=5,
            check=3,
        ),
        _topic(
            "macos",
            {"root.1": "shasum -a 256 ~/Downloads/certgate-root.cer"},
            root=4,
            personal=3,
            check=3,
        ),
        _topic("linux", _LINUX_COMMANDS, root=4, personal=2, check=3),
        _topic("chrome", root=3, personal=3, check=3),
        _topic("edge", root=2, personal=2, check=3),
        _topic("firefox", root=4, personal=3, check=3),
    )
}


def help_router(pages: Pages) -> APIRouter:
    """Return the help pages; they need no login on either listener."""
    router = APIRouter(prefix="/help", include_in_schema=False)

    @router.get("")
    def index(request: Request) -> Response:
        return pages.render(request, "enrollment/help_index.html", topics=list(TOPICS))

    @router.get("/{name}")
    def topic(request: Request, name: str) -> Response:
        if name not in TOPICS:
            raise NotFound("not-found")
        return pages.render(
            request, "enrollment/help.html", topic=TOPICS[name], topics=list(TOPICS)
        )

    return router
