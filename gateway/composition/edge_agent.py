"""The agent of one edge, put together, and run until it is told to end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from foundation.database import AnnouncementListener, Database
from foundation.database.announcements import SESSIONS, STANDING
from foundation.errors import Failure, Unavailable
from foundation.settings import Settings
from gateway.composition.edge import prepare_edge
from gateway.composition.edge_metrics import MeasuredLooks, MeasuredReporting, edge_metrics
from gateway.composition.edge_registry import edge_registry
from gateway.composition.ground import Ground
from gateway.composition.keys import server_keys
from gateway.composition.tokens import signing_keys
from gateway.edge.agent.agent import EdgeAgent, TokenKeys
from gateway.edge.agent.keeper import EdgeKeeper
from gateway.edge.agent.loop import AgentLoop
from gateway.edge.agent.master import Master
from gateway.edge.agent.proxy import Proxy
from gateway.edge.agent.reporting import Reporting
from gateway.edge.agent.runtime_socket import RuntimeSocket
from gateway.edge.agent.upkeep import Upkeep
from gateway.edge.files import EdgeFiles
from gateway.edge.rendering import EdgeError
from gateway.edge.rendering.limits import Limits
from gateway.edge.routes import RoutesError
from gateway.edge.tokens.keys import TokenKeys as SessionTokenKeys
from gateway.edge.tokens.purposes import session_token_purpose

_LOG = structlog.get_logger(__name__)

# A network that was cut without a word is noticed in the time that a state is trusted.
_NOTICED: Final = {
    "connect_timeout": "3",
    "tcp_user_timeout": "4000",
    "keepalives_idle": "3",
    "keepalives_interval": "1",
    "keepalives_count": "2",
}
# The same for a server that has stopped in the middle; each of its questions is a short one.
_ANSWERED_WITHIN_SECONDS: Final = 5.0


@contextmanager
def impatient(ground: Ground) -> Iterator[Ground]:
    """Yield `ground` on a database that fails soon rather than waits long."""
    url = impatient_url(ground.settings.resolved_database_url)
    database = Database(url, within=_ANSWERED_WITHIN_SECONDS)
    try:
        yield replace(ground, database=database)
    finally:
        database.dispose()


def impatient_url(url: str) -> str:
    """Return the URL with bounds on how long a dead connection is believed alive."""
    made = make_url(url)
    if made.get_backend_name() != "postgresql":
        return url
    bounds = {name: value for name, value in _NOTICED.items() if name not in made.query}
    return made.update_query_dict(bounds).render_as_string(hide_password=False)


def token_keys_of(ground: Ground) -> TokenKeys:
    """Return what reads the secrets by which HAProxy verifies session tokens."""
    purpose = session_token_purpose(ground.parameters.edge)
    return SessionTokenKeys(signing_keys(ground), purpose).current_secrets


def run_edge_agent(
    ground: Ground,
    on_prepared: Callable[[], None],
    on_serving: Callable[[], None],
) -> None:
    """Prepare the edge's folder and keep its HAProxy in step until SIGTERM or SIGINT.

    `on_prepared` runs when HAProxy may start, `on_serving` once, when everything
    is in force for the first time.
    Raises `Conflict` when another agent has taken the edge's name, and what
    `prepare_edge` raises.
    """
    settings, rules = ground.settings, ground.parameters.edge
    files = EdgeFiles(settings.resolved_edge_state)
    proxy = Proxy(RuntimeSocket(files.socket, buffer=Limits().buffer), files)
    master = Master(files)
    instance = ground.randomness.token(12).hex()
    with impatient(ground) as prompt, edge_metrics(settings) as metrics:
        reporting = MeasuredReporting(
            prompt.database, edge_registry(ground), ground.clock, settings.edge_name, instance,
            metrics=metrics, trust=timedelta(seconds=rules.trust_seconds),
        )  # fmt: skip
        keeper = _keeper(prompt, files, proxy, master)
        agent = EdgeAgent(
            database=prompt.database,
            clock=ground.clock,
            proxy=proxy,
            former=master.former_workers,
            token_keys=token_keys_of(ground),
            reporting=reporting,
            trust=timedelta(seconds=rules.trust_seconds),
            token_life=rules.token_lifetime,
            on_serving=on_serving,
        )
        announcements = AnnouncementListener(prompt.database, [STANDING, SESSIONS])
        loop = AgentLoop(MeasuredLooks(agent, metrics), lambda: announcements.is_listening)
        upkeep = Upkeep(keeper.keep, reporting.take_note)
        announcements.tell(loop.wake)
        announcements.tell(upkeep.wake)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: loop.stop())
        _prepare(keeper)
        on_prepared()
        announcements.start()
        upkeep.start()
        try:
            loop.run()
            _say_goodbye(reporting)
        finally:
            upkeep.stop()
            announcements.stop()


def _keeper(ground: Ground, files: EdgeFiles, proxy: Proxy, master: Master) -> EdgeKeeper:
    settings = ground.settings
    has_keys = (settings.data / "keys").is_dir()
    return EdgeKeeper(
        database=ground.database,
        clock=ground.clock,
        files=files,
        keys=server_keys(settings, ground.randomness) if has_keys else None,
        render=_Rendering(settings).text,
        proxy=proxy,
        master=master,
    )


class _Rendering:
    """HAProxy's configuration, made anew when routes.toml has changed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._routes: tuple[int, int] | None = None
        self._text: str | None = None

    def text(self) -> str:
        """Return the configuration; raises `Unavailable` when it cannot be made."""
        routes = self._stamp()
        if self._text is None or routes != self._routes:
            try:
                self._text = prepare_edge(self._settings)
            except (EdgeError, RoutesError) as unfit:
                _LOG.error("edge_not_rendered", problem=str(unfit))
                raise Unavailable("edge-not-rendered") from unfit
            self._routes = routes
        return self._text

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._settings.resolved_routes.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def _prepare(keeper: EdgeKeeper) -> None:
    """Write the files; without the database those of the last time have to do."""
    try:
        keeper.prepare()
    except (SQLAlchemyError, Failure) as failed:
        kind = failed.code if isinstance(failed, Failure) else type(failed).__name__
        _LOG.error("edge_not_prepared", failure=kind)


def _say_goodbye(reporting: Reporting) -> None:
    try:
        reporting.stopped()
    except (SQLAlchemyError, Failure) as failed:
        _LOG.warning("edge_goodbye_failed", failure=type(failed).__name__)
