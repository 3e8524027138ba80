"""Secrets in the database are worth nothing without the nodes' own key."""

from pathlib import Path

import pytest

from ca.errors import KeyUnavailable
from ca.keys import EncryptedFileKeys
from foundation.errors import Unavailable
from foundation.randomness import SystemRandomness
from gateway.signing_keys.sealing import Sealing, open_sealing

RANDOMNESS = SystemRandomness()
PLACE = "session-token HS256 0a1b"


def sealing(secret: bytes = b"s" * 32) -> Sealing:
    return Sealing(secret, RANDOMNESS)


def test_what_is_sealed_opens_and_does_not_show() -> None:
    sealed = sealing().seal(b"a secret", PLACE)
    assert b"a secret" not in sealed
    assert sealing().open(sealed, PLACE) == b"a secret"


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    assert sealing().seal(b"a secret", PLACE) != sealing().seal(b"a secret", PLACE)


@pytest.mark.parametrize("at", [0, 11, 12, 19, -1])
def test_what_was_changed_does_not_open(at: int) -> None:
    sealed = bytearray(sealing().seal(b"a secret", PLACE))
    sealed[at] ^= 1
    with pytest.raises(Unavailable, match="signing-keys-sealed"):
        sealing().open(bytes(sealed), PLACE)


@pytest.mark.parametrize("sealed", [b"", b"short", b"n" * 12])
def test_what_is_cut_short_does_not_open(sealed: bytes) -> None:
    with pytest.raises(Unavailable, match="signing-keys-sealed"):
        sealing().open(sealed, PLACE)


def test_a_key_does_not_open_in_the_place_of_another() -> None:
    """Whoever writes the database could make an old key sign for another purpose."""
    sealed = sealing().seal(b"a secret", PLACE)
    with pytest.raises(Unavailable, match="signing-keys-sealed"):
        sealing().open(sealed, "assertion ES256 0a1b")


def test_another_sealing_key_opens_nothing() -> None:
    with pytest.raises(Unavailable, match="signing-keys-sealed"):
        sealing(b"t" * 32).open(sealing().seal(b"a secret", PLACE), PLACE)


def test_the_key_of_the_key_store_is_made_once(tmp_path: Path) -> None:
    def opened() -> Sealing:
        return open_sealing(lambda: EncryptedFileKeys(tmp_path, b"pass"), None, RANDOMNESS)

    sealed = opened().seal(b"a secret", PLACE)
    assert opened().open(sealed, PLACE) == b"a secret"


def test_nodes_that_share_a_file_open_what_the_other_sealed(tmp_path: Path) -> None:
    file = tmp_path / "shared"
    file.write_bytes(b"0123456789abcdef0123456789abcdef\n")

    def opened(folder: str) -> Sealing:
        keys = EncryptedFileKeys(tmp_path / folder, b"pass")
        return open_sealing(lambda: keys, file, RANDOMNESS)

    sealed = opened("node-1").seal(b"a secret", PLACE)
    assert opened("node-2").open(sealed, PLACE) == b"a secret"
    assert not (tmp_path / "node-1").exists()


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "shared"
    file.write_bytes(b"changeme\n")
    with pytest.raises(KeyUnavailable):
        open_sealing(lambda: EncryptedFileKeys(tmp_path, b"pass"), file, RANDOMNESS)
