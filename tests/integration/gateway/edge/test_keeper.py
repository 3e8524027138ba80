"""The files HAProxy reads follow the database, and a running HAProxy reads them."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from foundation.clock import SystemClock
from foundation.database import Database
from gateway.edge.agent.master import Master
from gateway.edge.agent.proxy import Proxy
from gateway.edge.agent.runtime_socket import RuntimeSocket
from tests.support.clock import FakeClock
from tests.support.edge_agent import WAIT_SECONDS, Post, Town, running_post, town
from tests.support.long_upstream import long_upstream
from tests.support.open_transfers import open_transfer


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A CA and an upstream."""
    file = tmp_path_factory.mktemp("keeper") / "certgate.sqlite3"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    with long_upstream() as port, town(database, port) as made:
        yield made
    database.dispose()


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    """The keeper's."""
    return FakeClock(SystemClock().now())


@pytest.fixture(scope="module")
def post(place: Town, clock: FakeClock) -> Iterator[Post]:
    """An edge whose HAProxy has a master process."""
    with running_post(place, with_master=True, clock=clock) as made:
        made.start_agent()
        yield made


def until(is_so: Callable[[], bool]) -> bool:
    pause = threading.Event()
    for _ in range(WAIT_SECONDS * 20):
        if is_so():
            return True
        pause.wait(0.05)
    return False


def crls_in_use(post: Post) -> str:
    return post.edge.command(f"show ssl crl-file {post.files.crls}")


def test_the_files_are_private_and_whole(place: Town, post: Post) -> None:
    files = post.files
    assert files.folder.stat().st_mode & 0o777 == 0o700
    for file in (files.server, files.client_authorities, files.crls, files.link_authorities):
        assert file.stat().st_mode & 0o777 == 0o600, file.name
    names = [
        one.subject
        for one in x509.load_pem_x509_certificates(files.client_authorities.read_bytes())
    ]
    hierarchy = place.ca.ca.hierarchy
    assert names == [hierarchy.root.certificate.subject, hierarchy.issuing.certificate.subject]
    assert all(file.stat().st_size == 0 for file in files.maps.iterdir())


def test_a_new_crl_goes_through_the_socket(place: Town, post: Post) -> None:
    holder = place.holder(post)
    assert holder.serial_number not in crls_in_use(post)
    identity = post.proxy.identity()

    place.ca.revoke(holder.serial_number)
    assert post.keeper.keep() is None

    assert holder.serial_number in crls_in_use(post)
    assert post.proxy.identity() == identity, "nothing was reloaded"
    assert holder.status() == 403


def test_a_long_crl_is_read_by_a_reload_before_the_one_in_use_is_old(
    place: Town, post: Post, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post.keeper.keep() is None
    monkeypatch.setattr(Proxy, "replace_crls", lambda *_: False)
    before = post.proxy.identity()
    holder, other = place.holder(post), place.holder(post)
    transfer = open_transfer(other, "websocket")

    place.ca.revoke(holder.serial_number)
    assert post.keeper.keep() is None
    assert holder.serial_number not in crls_in_use(post)
    assert until(lambda: holder.status() == 403), "the deny list has it at once"
    assert post.proxy.identity() == before

    clock.advance(timedelta(days=4))
    assert post.keeper.keep() is None
    assert until(lambda: post.proxy.identity() != before)
    assert holder.serial_number in crls_in_use(post)
    assert until(lambda: other.status() == 200), "the agent has loaded the new process"
    assert holder.status() == 403

    # What the former process still serves falls too.
    assert len(Master(post.files).former_workers()) == 1
    place.ca.revoke(other.serial_number)
    assert transfer.wait_until_closed()


def test_changed_routes_are_rendered_and_read(post: Post) -> None:
    before = post.proxy.identity()
    routes = post.settings.resolved_routes
    routes.write_text(routes.read_text().replace('name = "app"', 'name = "other"'))

    assert post.keeper.keep() is None

    assert "backend application-other" in post.files.configuration.read_text()
    assert until(lambda: post.proxy.identity() != before)


def test_without_a_master_a_reload_is_asked_of_the_operator(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = replace(post.files, folder=tmp_path)
    monkeypatch.setattr(post.keeper, "_master", Master(missing))
    routes = post.settings.resolved_routes
    routes.write_text(re.sub('name = ".*"', 'name = "third"', routes.read_text()))

    assert post.keeper.keep() == "reload-needed"
    assert post.keeper.keep() == "reload-needed"


def test_a_haproxy_that_is_away_is_said_to_be(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        post.keeper, "_proxy", Proxy(RuntimeSocket(post.files.folder / "nobody"), post.files)
    )
    assert post.keeper.keep() == "proxy-away"
