"""The signer's door: what a peer makes it wait for and keep, and whose the socket is."""

import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from ca.signer.address import UnixAddress, listen
from ca.signer.frames import receive_frame, send_frame
from ca.signer.messages import FindKey, NotUnderstood
from tests.support.clock import FakeClock
from tests.support.signer import make_signer, serving

_LONGEST_BODY = 10


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    # Whoever waits for octets that were announced waits in vain.
    ours.settimeout(10)
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(
    ("announced", "header"), [((0, 0), b""), ((32_769, 0), b""), ((2, _LONGEST_BODY + 1), b"{}")]
)
def test_lengths_are_refused_before_anything_is_waited_for(
    ends: tuple[socket.socket, socket.socket], announced: tuple[int, int], header: bytes
) -> None:
    ours, theirs = ends
    theirs.sendall(struct.pack(">II", *announced) + header)
    with pytest.raises(NotUnderstood):
        receive_frame(ours, lambda _: _LONGEST_BODY)


def test_a_message_as_long_as_it_may_be_arrives_whole(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    send_frame(theirs, b"{}", bytes(_LONGEST_BODY))
    assert receive_frame(ours, lambda _: _LONGEST_BODY) == (b"{}", bytes(_LONGEST_BODY))


@pytest.mark.parametrize(
    "begun", [b"\x00", struct.pack(">II", 2, 1), struct.pack(">II", 2, 1) + b"{}"]
)
def test_a_message_that_breaks_off_is_none(
    ends: tuple[socket.socket, socket.socket], begun: bytes
) -> None:
    ours, theirs = ends
    theirs.sendall(begun)
    theirs.shutdown(socket.SHUT_WR)
    with pytest.raises(NotUnderstood):
        receive_frame(ours, lambda _: _LONGEST_BODY)


def test_a_socket_that_somebody_listens_on_is_not_taken_away(tmp_path: Path) -> None:
    address = UnixAddress(tmp_path / "s.sock")
    with listen(address), pytest.raises(OSError, match="in use"):
        listen(address)


def test_a_socket_that_a_crash_left_is_replaced(tmp_path: Path) -> None:
    address = UnixAddress(tmp_path / "s.sock")
    listen(address).close()
    with listen(address) as listener, socket.socket(socket.AF_UNIX) as knocking:
        knocking.connect(str(address.path))
        listener.accept()[0].close()


def test_a_file_in_the_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    path.write_text("somebody's")
    with pytest.raises(OSError, match="in use"):
        listen(UnixAddress(path))
    assert path.read_text() == "somebody's"


def test_more_connections_than_it_has_places_for_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peer that opens them without end takes no thread each; a place comes back with its end."""
    monkeypatch.setattr("ca.signer.server._MOST_CONNECTIONS", 2)
    signer = make_signer(tmp_path / "signer", FakeClock())
    with serving(signer), _knocking(signer.folder) as one, _knocking(signer.folder) as two:
        assert _is_answered(one)
        assert _is_answered(two)
        with _knocking(signer.folder) as three:
            assert not _is_answered(three)
        one.shutdown(socket.SHUT_WR)
        # It gives back the place when it has seen the end, which nobody is told of.
        for _ in range(2_000):
            with _knocking(signer.folder) as four:
                if _is_answered(four):
                    break
            Event().wait(0.01)
        else:
            pytest.fail("no place came back")
        assert _is_answered(two)


def _knocking(folder: Path) -> socket.socket:
    knocking = socket.socket(socket.AF_UNIX)
    knocking.settimeout(30)
    knocking.connect(str(folder / "s.sock"))
    return knocking


def _is_answered(connection: socket.socket) -> bool:
    try:
        send_frame(connection, FindKey(key="issuing-0a").model_dump_json().encode(), b"")
        return receive_frame(connection, lambda _: _LONGEST_BODY) is not None
    except (OSError, NotUnderstood):
        return False
