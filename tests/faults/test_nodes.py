"""Two nodes on one PostgreSQL: restarted, killed, and with the database gone (issue item 3)."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from sqlalchemy import create_engine, text

from tests.support.nodes import (
    DATABASE,
    Nodes,
    Visitors,
    balanced,
    two_nodes,
    wait_for,
)
from tests.support.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

# A pair that cannot be right: what is asked for is a look into the database.
NOBODYS = {"serial_number": "1" * 40, "download_password": "not-the-password"}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with two_nodes(tmp_path_factory.mktemp("nodes")) as nodes:
        yield nodes


def asked(nodes: Nodes, query: str) -> list[object]:
    engine = create_engine(nodes.cluster.url(DATABASE))
    try:
        with engine.connect() as connection:
            return list(connection.scalars(text(query)))
    finally:
        engine.dispose()


def test_nodes_that_start_at_once_on_an_empty_database_make_one_hierarchy(nodes: Nodes) -> None:
    assert sorted(map(str, asked(nodes, "SELECT name FROM authorities"))) == ["issuing", "root"]
    with nodes.client(nodes.first) as first, nodes.client(nodes.second) as second:
        assert first.get("/root.cer").content == second.get("/root.cer").content
    assert len(asked(nodes, "SELECT executor_id FROM nodes")) == 2


def test_a_rolling_restart_fails_no_request(nodes: Nodes, tmp_path: Path) -> None:
    with balanced(nodes, tmp_path) as balancer:
        visitors = Visitors(balancer.url, "/healthz")
        for name in ("first", "second"):
            wait_for(partial(balancer.asks, name))
        with visitors.asking():
            for name, node in (("first", nodes.first), ("second", nodes.second)):
                node.stop()
                node.start()
                wait_for(partial(balancer.asks, name))

    assert visitors.failures == []
    assert set(visitors.statuses) == {200}


def test_what_a_killed_node_has_acknowledged_the_other_one_has(nodes: Nodes) -> None:
    slip = nodes.first.json(
        *("unit", "add", "--name", "武汉长江贸易有限公司", "--district", "wuchang"),
        *("--credit-code", "91420100MA4K00001U"),
    )
    certificate = pick_up(nodes, nodes.first, slip)

    nodes.first.kill()
    try:
        assert pick_up(nodes, nodes.second, slip) == certificate
    finally:
        nodes.first.start()


def test_a_failover_gives_bounded_errors_and_heals_by_itself(nodes: Nodes) -> None:
    node = nodes.second
    with nodes.client(node) as client:

        def knock(language: str = "zh-CN") -> httpx.Response:
            return client.post(
                "/api/v1/pickup", json=NOBODYS, headers={"accept-language": language}
            )

        assert knock().status_code < 500
        nodes.cluster.crash()
        try:
            for language, word in (("zh-CN", "数据库"), ("en", "database")):
                answer = knock(language)
                assert answer.status_code == 503
                assert answer.json()["type"].endswith("/database-unavailable")
                assert word in answer.json()["detail"]
                assert int(answer.headers["retry-after"]) > 0
            page = client.get("/readyz", headers={"accept": "text/html"})
            assert page.status_code == 503
            assert "数据库" in page.text
            assert client.get("/healthz").status_code == 200
            assert nodes.number(node, "certgate_database_up") == 0
        finally:
            nodes.cluster.start()
        # Each with the connections it had: no restart, no operator.
        assert knock().status_code < 500
        assert all(nodes.is_ready(one) for one in nodes.both)


def test_connections_that_somebody_ended_are_noticed_before_use(nodes: Nodes) -> None:
    with nodes.client(nodes.first) as client:
        for _ in range(2):
            nodes.cluster.end_connections(DATABASE)
            answer = client.post("/api/v1/pickup", json=NOBODYS)
            assert answer.status_code in {401, 403, 404, 422, 429}, answer.text
    numbers = asked(nodes, "SELECT serial_number FROM certificates")
    assert len(numbers) == len(set(numbers))


def test_each_node_tells_what_it_did_and_both_the_same_of_the_installation(nodes: Nodes) -> None:
    for node in nodes.both:
        with nodes.client(node) as client:
            refused = client.post("/api/v1/pickup", json=NOBODYS)
        code = refused.json()["type"].rpartition("/")[2]
        # One that was killed is counted until the others have missed it long enough.
        assert (nodes.number(node, "certgate_nodes") or 0) >= 2
        assert nodes.number(node, "certgate_database_up") == 1
        assert nodes.number(node, 'certgate_jobs{state="enqueued"}') is not None
        made = 'certgate_crl_this_update_timestamp_seconds{issuer="issuing",scope="full"}'
        assert nodes.number(node, made) is not None
        for counted in (
            'certgate_tls_handshakes_total{door="public",outcome="done"}',
            'certgate_request_seconds_count{door="public"}',
            f'certgate_decisions_total{{decision="{code}",door="public"}}',
        ):
            assert (nodes.number(node, counted) or 0) >= 1, counted


def pick_up(nodes: Nodes, node: Server, slip: dict[str, str]) -> str:
    """Return the SHA-256 of the certificate that a slip yields."""
    pair = {name: slip[name] for name in ("serial_number", "download_password")}
    with nodes.client(node) as client:
        answer = client.post("/api/v1/pickup", json=pair)
    answer.raise_for_status()
    bundle = load_pkcs12(answer.content, slip["download_password"].encode())
    assert bundle.cert is not None
    return bundle.cert.certificate.fingerprint(SHA256()).hex()
