"""What is written to HAProxy is one harmless word after another, and what fails has a type."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.edge.agent.errors import ProxyAway, ProxyRefused
from gateway.edge.agent.live_connections import LiveConnections
from gateway.edge.agent.proxy import LiveStream, Proxy, ProxyIdentity
from gateway.edge.agent.runtime_socket import RuntimeSocket, plain_word
from gateway.edge.files import EdgeFiles


class FakeProxy:
    """Answers each connection with the next prepared answer; remembers what it was asked."""

    def __init__(self, path: Path) -> None:
        self.answers: list[str] = []
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(65_536).decode())
                connection.sendall((self.answers.pop(0) if self.answers else "\n").encode())


@pytest.fixture
def files(tmp_path: Path) -> EdgeFiles:
    return EdgeFiles(tmp_path)


@pytest.fixture
def fake(files: EdgeFiles) -> Iterator[FakeProxy]:
    fake = FakeProxy(files.socket)
    yield fake
    fake.close()


@pytest.fixture
def proxy(files: EdgeFiles, fake: FakeProxy) -> Proxy:
    return Proxy(RuntimeSocket(files.socket, seconds=5), files)


@pytest.mark.parametrize(
    "text", ["", "a b", "a;b", "a\nshow env", "a\\", "<<", "#0x1", "a\0", "ü", "'", '"', "$x"]
)
def test_no_value_can_be_more_than_a_value(text: str) -> None:
    with pytest.raises(ValueError, match="not a word"):
        plain_word(text)


@pytest.mark.parametrize("key", ["a\n", "a;shutdown", "a\n\nshow env", "ü"])
def test_no_entry_can_end_the_payload(proxy: Proxy, fake: FakeProxy, key: str) -> None:
    with pytest.raises(ValueError, match="not a line"):
        proxy.add("denied-certificates", [(key, "revoked")])
    assert fake.asked == []


def test_many_entries_go_in_as_few_payloads_as_fit(proxy: Proxy, fake: FakeProxy) -> None:
    entries = [(f"{number:040X}", "revoked") for number in range(1, 1000)]

    proxy.add("denied-certificates", entries)

    assert all(len(one) <= 16_384 - 384 for one in fake.asked)
    assert len(fake.asked) == 4
    lines = [line for one in fake.asked for line in one.splitlines()[1:] if line]
    assert lines == [f"{key} {value}" for key, value in entries]
    assert all(one.endswith("\n\n") for one in fake.asked)


def test_a_map_is_replaced_at_once(proxy: Proxy, fake: FakeProxy, files: EdgeFiles) -> None:
    fake.answers = ["New version created: 7\n\n"]

    proxy.replace("leases", [("portal", "0")])

    file = files.map("leases")
    assert fake.asked == [
        f"prepare map {file}\n",
        f"add map @7 {file} <<\nportal 0\n\n",
        f"commit map @7 {file}\n",
    ]


def test_an_answer_where_none_should_be_is_a_refusal(proxy: Proxy, fake: FakeProxy) -> None:
    fake.answers = ["Unknown map identifier.\n\n"]
    with pytest.raises(ProxyRefused) as refused:
        proxy.add("token-keys", [("k1", "secret")])
    assert refused.value.params == {"command": "add map"}
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("answer", "expected"), [("\n", True), ("entry not found.\n\n", False)])
def test_changing_says_whether_there_is_an_entry(
    proxy: Proxy, fake: FakeProxy, answer: str, expected: bool
) -> None:
    fake.answers = [answer]
    assert proxy.change("leases", "portal", "1") is expected


def test_nobody_there_and_no_answer_are_a_proxy_that_is_away(
    files: EdgeFiles, tmp_path: Path, proxy: Proxy, fake: FakeProxy
) -> None:
    with pytest.raises(ProxyAway):
        RuntimeSocket(tmp_path / "nobody").ask("show", "info")
    fake.answers = [""]
    with pytest.raises(ProxyAway):
        proxy.identity()


def test_what_is_under_way_is_read(proxy: Proxy, fake: FakeProxy) -> None:
    fake.answers = [
        "Name: HAProxy\nPid: 12\nUptime_sec: 3\nStart_time_sec: 99\n\n",
        "0x1a: proto=tcpv4 src=127.0.0.1:50 fe=portal be=app srv=s ts=00 epoch=0 age=1m2s calls=1\n"
        "0x1b: proto=tcpv6 src=::1:51 fe=public be=x srv=s ts=00 epoch=0 age=0s calls=1\n"
        "0x1c: proto=unix_stream src=unix:1 fe=GLOBAL be=<NONE> srv=<none> age=0s calls=1\n\n",
        "0x2a 127.0.0.1:50 0ABC\n0x2b ::1:51 0F\n\n",
    ]
    assert proxy.identity() == ProxyIdentity(12, 99)
    assert proxy.streams("portal") == [LiveStream("0x1a", "127.0.0.1:50", 62)]
    assert proxy.entries("connections") == {"127.0.0.1:50": "0ABC", "::1:51": "0F"}


def test_only_streams_of_the_fallen_are_shut_down(proxy: Proxy, fake: FakeProxy) -> None:
    stream = "{}: proto=tcpv4 src={} fe=portal be=app srv=s ts=00 epoch=0 age={} calls=1\n"
    noted = "0x1 10.0.0.1:1 AA\n0x2 10.0.0.2:2 BB\n0x3 10.0.0.3:3 AA\n\n"
    under_way = (
        stream.format("0x11", "10.0.0.1:1", "9s")
        + stream.format("0x12", "10.0.0.2:2", "9s")
        + stream.format("0x13", "10.0.0.3:3", "1s")
    )
    fake.answers = [noted, under_way, "\n", noted, under_way, "\n"]
    connections = LiveConnections(proxy)

    assert connections.close({"AA"}) == 2
    assert connections.close({"AA"}, older_than=3) == 1
    assert connections.close(set()) == 0

    assert fake.asked[2] == "shutdown session 0x11; shutdown session 0x13\n"
    assert fake.asked[5] == "shutdown session 0x11\n"


def test_cleaning_forgets_what_is_idle_and_puts_back_what_came_meanwhile(
    proxy: Proxy, fake: FakeProxy, files: EdgeFiles
) -> None:
    stream = "{}: proto=tcpv4 src={} fe=portal be=app srv=s ts=00 epoch=0 age=0s calls=1\n"
    busy = stream.format("0x11", "10.0.0.1:1")
    file = files.map("connections")
    fake.answers = [
        "0x1 10.0.0.1:1 AA\n0x2 10.0.0.2:2 BB\n0x3 10.0.0.3:3 CC\n\n",
        busy,
        "\n",
        busy + stream.format("0x12", "10.0.0.2:2"),
        "0x1 10.0.0.1:1 AA\n\n",
    ]

    LiveConnections(proxy).clean()

    assert fake.asked[2] == f"del map {file} 10.0.0.2:2; del map {file} 10.0.0.3:3\n"
    assert fake.asked[5:] == [f"add map {file} <<\n10.0.0.2:2 BB\n\n"]


def test_a_crl_that_does_not_fit_is_not_sent(proxy: Proxy, fake: FakeProxy) -> None:
    assert not proxy.replace_crls("A" * 64 + "\n" + ("B" * 64 + "\n") * 300)
    assert fake.asked == []
    fake.answers = ["transaction created for CRL x!\n\n", "Committing x.\nSuccess!\n\n"]
    assert proxy.replace_crls("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    fake.answers = ["unable to load CRL\n\n"]
    with pytest.raises(ProxyRefused):
        proxy.replace_crls("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
