"""A real HAProxy, its agent in a thread of this process, and a CA whose certificates it serves."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from foundation.clock import Clock, SystemClock
from foundation.database import AnnouncementListener, Database
from foundation.database.announcements import SESSIONS, STANDING
from foundation.randomness import SystemRandomness
from foundation.settings import Settings
from gateway.composition.edge import prepare_edge
from gateway.edge.agent.agent import EdgeAgent
from gateway.edge.agent.keeper import EdgeKeeper
from gateway.edge.agent.loop import AgentLoop
from gateway.edge.agent.master import Master
from gateway.edge.agent.proxy import Proxy
from gateway.edge.agent.reporting import Reporting
from gateway.edge.agent.runtime_socket import RuntimeSocket
from gateway.edge.files import EdgeFiles
from gateway.edge.registry import EdgeRegistry
from gateway.edge.rendering.limits import Limits
from gateway.sessions import SessionRecord
from tests.support.certification import SERVER_NAMES, Issued
from tests.support.clock import FakeClock
from tests.support.edge_client import KEY_NAME, SECRET, Client, Tokens
from tests.support.haproxy import Edge, edge_folder, edge_settings
from tests.support.revocation import RevocableCa, make_revocable
from tests.support.tls_credentials import Credential

HOST = SERVER_NAMES[0]
TRUST = timedelta(seconds=3)
WAIT_SECONDS = 20
_ROUTES = """
[[application]]
name = "app"
path = "/apps/app"
upstream = ["http://127.0.0.1:{port}"]
kinds = ["unit"]
websockets = true
largest_body_kilobytes = 1000000
"""


@dataclass(frozen=True)
class Trusted:
    """Whom clients believe."""

    folder: Path
    root: Credential


@dataclass
class Holder:
    """A unit with a certificate and a session, in front of one edge."""

    client: Client
    tokens: Tokens
    session_id: int
    serial_number: str

    def cookies(self) -> dict[str, str]:
        """Return the cookies of a token for the session."""
        return self.tokens.cookies(sid=str(self.session_id))

    def status(self) -> int:
        """Return the status of a request on a connection of its own."""
        return self.client.ask("/apps/app/x", cookies=self.cookies()).status


@dataclass
class AgentRun:
    """An agent that runs in a thread."""

    loop: AgentLoop
    listener: AnnouncementListener
    thread: threading.Thread
    failures: list[BaseException] = field(default_factory=list)

    def stop(self) -> None:
        """End the agent as SIGKILL would: nothing is said, nothing taken back."""
        self.loop.stop()
        self.thread.join(WAIT_SECONDS)
        self.listener.stop()


def make_agent(
    database: Database, files: EdgeFiles, name: str, on_serving: Callable[[], None]
) -> tuple[AgentLoop, AnnouncementListener]:
    """Return an agent and what wakes it; neither runs."""
    agent = EdgeAgent(
        database=database,
        clock=SystemClock(),
        proxy=proxy_of(files),
        former=Master(files).former_workers,
        token_keys=lambda _: {KEY_NAME: SECRET},
        reporting=Reporting(
            database,
            registry(),
            SystemClock(),
            name,
            SystemRandomness().token(12).hex(),
        ),
        trust=TRUST,
        token_life=timedelta(minutes=5),
        on_serving=on_serving,
    )
    listener = AnnouncementListener(database, [STANDING, SESSIONS])
    loop = AgentLoop(agent, lambda: listener.is_listening)
    listener.tell(loop.wake)
    return loop, listener


def proxy_of(files: EdgeFiles) -> Proxy:
    """Return how the HAProxy of a folder is spoken to."""
    return Proxy(RuntimeSocket(files.socket, buffer=Limits().buffer), files)


def registry() -> EdgeRegistry:
    """Return the registry of edges as agents and nodes use it."""
    return EdgeRegistry(SystemClock(), timedelta(seconds=30))


@dataclass
class Post:
    """One edge with everything an agent of it needs."""

    settings: Settings
    files: EdgeFiles
    edge: Edge
    keeper: EdgeKeeper
    proxy: Proxy
    database: Database
    run: AgentRun | None = None

    def start_agent(self) -> AgentRun:
        """Start an agent and return when it serves."""
        serving = threading.Event()
        loop, listener = make_agent(self.database, self.files, self.settings.edge_name, serving.set)
        run = AgentRun(loop, listener, threading.Thread(target=loop.run, daemon=True))
        listener.start()
        run.thread.start()
        assert serving.wait(WAIT_SECONDS), "the agent does not serve"
        self.run = run
        return run

    def stop_agent(self) -> None:
        """End the agent without a word."""
        if self.run is not None:
            self.run.stop()
            self.run = None


@dataclass
class Town:
    """A CA, its database, and edges."""

    folder: Path
    ca: RevocableCa
    upstream_port: int
    clock: FakeClock

    @property
    def database(self) -> Database:
        """The database of everything."""
        return self.ca.database

    def holder(self, post: Post) -> Holder:
        """Return a unit with a new certificate and a new session."""
        issued = self.ca.issue()
        credential = _credential(self.ca, issued)
        trusted = Trusted(self.folder, Credential(self.ca.ca.hierarchy.root.certificate, None))  # type: ignore[arg-type]
        now = SystemClock().now()
        record = SessionRecord(
            token_digest=issued.serial_number,
            username="wh000123",
            serial_number=issued.serial_number,
            certificate_digest=credential.digest,
            started_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=1),
        )
        with self.database.writing() as session:
            session.add(record)
            session.flush()
        return Holder(
            Client(trusted, post.settings.portal_port, credential, HOST),
            Tokens(post.settings.portal_url, credential, HOST),
            record.id,
            issued.serial_number,
        )


def _credential(ca: RevocableCa, issued: Issued) -> Credential:
    key: Any = issued.private_key
    return Credential(issued.certificate, key, (ca.ca.hierarchy.issuing.certificate,))


@contextmanager
def town(database: Database, upstream_port: int) -> Iterator[Town]:
    """Make a CA whose certificates are good now."""
    with edge_folder() as folder:
        clock = FakeClock(SystemClock().now() - timedelta(hours=1))
        ca = make_revocable(database, folder, clock=clock)
        yield Town(folder, ca, upstream_port, clock)


@contextmanager
def running_post(
    town: Town, name: str = "edge-1", *, with_master: bool = False, clock: Clock | None = None
) -> Iterator[Post]:
    """Prepare an edge's folder, start HAProxy, and no agent yet; `clock` is the keeper's."""
    data = town.folder / name
    data.mkdir()
    (data / "routes.toml").write_text(_ROUTES.format(port=town.upstream_port))
    # Nobody listens there: only applications are asked for.
    settings = edge_settings(data, ["127.0.0.1:9"], host=HOST, edge_name=name)
    files = EdgeFiles(settings.resolved_edge_state)
    proxy = proxy_of(files)
    keeper = EdgeKeeper(
        database=town.database,
        clock=clock or SystemClock(),
        files=files,
        keys=town.ca.ca.keys,
        render=lambda: prepare_edge(settings),
        proxy=proxy,
        master=Master(files),
    )
    keeper.prepare()
    # Of the link only the file is needed: no node is there.
    files.link.write_bytes(files.server.read_bytes())
    edge = Edge(settings, files)
    post = Post(settings, files, edge, keeper, proxy, town.database)
    try:
        edge.start("-W", "-S", str(files.master_socket)) if with_master else edge.start()
        yield post
    finally:
        post.stop_agent()
        edge.kill()
