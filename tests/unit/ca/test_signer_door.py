"""The signer's door: what a peer makes it wait for and keep, and whose the socket is."""

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from ca.signer.address import UnixAddress, listen
from ca.signer.frames import receive_frame, send_frame
from ca.signer.messages import NotUnderstood

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
