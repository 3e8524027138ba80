"""A PostgreSQL server for one test run: own folder, own socket, no network."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

USER = "certgate"
START_SECONDS = 60

# The data is thrown away, so nothing need survive a power cut.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    # Every database is gone before there is anything to tidy.
    "autovacuum": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "log_min_messages": "fatal",
}


class Cluster:
    """A running server."""

    def __init__(self, folder: Path, launch: Callable[[], subprocess.Popen[bytes]]) -> None:
        """`launch` starts the server whose socket will be in `folder`."""
        self._folder = folder
        self._launch = launch
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, at first or after `crash` or `kill`, and wait until it answers."""
        self._server = self._launch()
        _wait_until_ready(self._server, self._folder)

    def crash(self) -> None:
        """Stop without goodbye, as a primary that has failed (an immediate shutdown)."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """Pull the plug: SIGKILL for every process of the server."""
        server, self._server = self._server, None
        assert server is not None
        threads = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        children = [int(number) for number in threads.read_text().split()]
        server.kill()
        server.wait()
        for number in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        # A new server does not start while one of them has its memory.
        for number in children:
            while _is_alive(number):
                time.sleep(0.01)

    def stop(self) -> None:
        """Stop for good; nothing here is to be kept."""
        self._end(signal.SIGTERM)

    def _end(self, first: signal.Signals) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.send_signal(first)
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            # SIGTERM waits for clients; SIGQUIT does not.
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=10)

    def end_connections(self, name: str) -> None:
        """End whatever is connected to database `name`, as a pooler or an operator would."""
        self._administer(
            sql.SQL(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}"
            ).format(sql.Literal(name))
        )

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of database `name`."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self._folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """Create database `name` as a copy of `template`; return its URL."""
        self._administer(
            # Through the log a copy takes twice as long.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop database `name`, with whoever is still connected."""
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host=str(self._folder), user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def running_cluster(other_settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Make and start a server and remove it afterwards; where that cannot be done, skip."""
    settings = {**SETTINGS, **(other_settings or {})}
    programs = _programs()
    account = _account()
    # A short name: the path of a Unix socket has 107 octets at most.
    folder = Path(tempfile.mkdtemp(prefix="certgate-pg-"))
    try:
        if account is not None:
            shutil.chown(folder, account, account)
        _initialise(programs, account, folder)
        cluster = Cluster(
            folder,
            lambda: subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", "-k", folder, *_options(settings)],
                user=account,
                group=account,
                extra_groups=None if account is None else [],
                cwd=folder,
                env=_environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ),
        )
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        pytest.skip("no PostgreSQL server installed (apt-get install postgresql)")
    return Path(on_path).resolve().parent


def _version(initdb: Path) -> float:
    return float(initdb.parent.parent.name)


def _account() -> str | None:
    """Return whom to become: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        pytest.skip("running as root, and there is no account `postgres` to step down to")


def _initialise(programs: Path, account: str | None, folder: Path) -> None:
    subprocess.run(
        [
            *(programs / "initdb", "--pgdata", folder / "data", "--username", USER),
            *("--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        user=account,
        group=account,
        extra_groups=None if account is None else [],
        cwd=folder,
        env=_environment(),
        check=True,
        capture_output=True,
    )


def _is_alive(number: int) -> bool:
    """Say whether there is such a process; one that only waits to be reaped is none."""
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}


def _options(settings: Mapping[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in settings.items()]


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at the start with status {server.returncode}")
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PostgreSQL does not answer")
