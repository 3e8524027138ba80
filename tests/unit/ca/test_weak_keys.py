"""Keys that others can compute or have are never certified."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ca.keys import KeyAlgorithm, generate_key
from ca.weak_keys import Blocklist, WeakPublicKey, find_weakness, verify_strength
from tests.support import weak_rsa

DEBIAN = weak_rsa.debian_weak()
# RFC 8032 section 7.1, test 1: everybody has its private half.
PUBLISHED = ed25519.Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
).public_key()
GENERATOR = ec.derive_private_key(1, ec.SECP256R1()).public_key()


def listing(*numbers: int) -> Blocklist:
    records = sorted(_digest(number) + b"\x07" for number in numbers)
    return Blocklist(b"".join(records), {7: "debianssl"})


def _digest(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes((number.bit_length() + 7) // 8, "big")).digest()[:15]


@pytest.mark.parametrize(
    "algorithm", ["ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519", "ml-dsa-65"]
)
def test_a_fresh_key_is_strong(algorithm: KeyAlgorithm) -> None:
    verify_strength(generate_key(algorithm).public_key(), listing(1, 2, 3))


@pytest.mark.parametrize("bits", [2048, 2056, 3072])
def test_usual_rsa_keys_are_strong(bits: int) -> None:
    assert find_weakness(rsa.generate_private_key(65537, bits).public_key()) is None


@pytest.mark.parametrize(
    ("make", "finding"),
    [
        (lambda: weak_rsa.close_primes().public_key(), "fermat"),
        (lambda: weak_rsa.roca().public_key(), "roca"),
        (lambda: weak_rsa.small_factor().public_key(), "small-factors"),
        (lambda: weak_rsa.polynomial().public_key(), "polynomial"),
        (weak_rsa.shared_prime, "shared-primes"),
    ],
)
def test_a_weak_modulus_is_named(make: Callable[[], rsa.RSAPublicKey], finding: str) -> None:
    with pytest.raises(WeakPublicKey) as refused:
        verify_strength(make())
    assert refused.value.params == {"finding": finding}


@pytest.mark.parametrize(
    "encoded",
    [
        "01" + "00" * 31,
        "00" * 32,
        "00" * 31 + "80",
        "ec" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    ],
)
def test_points_of_small_order_are_named_however_they_are_encoded(encoded: str) -> None:
    key = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(encoded))
    assert find_weakness(key) == "small-order"


def test_points_of_small_order_are_just_those() -> None:
    """Eight times each listed y is the neutral point, by the curve's own law of addition."""
    for y in (1, 0, -1 % _P, *_ORDER_EIGHT):
        point = _point(y)
        for _ in range(3):
            point = _double(point)
        assert point == (0, 1)


@pytest.mark.parametrize(
    ("key", "number"),
    [
        (DEBIAN, DEBIAN.public_numbers().n),
        (PUBLISHED, int.from_bytes(PUBLISHED.public_bytes_raw(), "big")),
        (GENERATOR, GENERATOR.public_numbers().x),
    ],
)
def test_a_listed_key_is_named_after_its_list(
    key: rsa.RSAPublicKey | ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey, number: int
) -> None:
    assert find_weakness(key) is None
    assert find_weakness(key, listing(*range(1, 100), number)) == "blocklist-debianssl"
    assert find_weakness(key, listing(*range(1, 100))) is None


def test_a_list_without_a_name_goes_by_its_number() -> None:
    unnamed = Blocklist(_digest(5) + b"\x2a", {})
    assert unnamed.find(5) == "blocklist-42"


def test_an_empty_list_lists_nothing() -> None:
    assert Blocklist(b"", {}).find(5) is None


def test_the_files_of_an_operator_are_read(tmp_path: Path) -> None:
    described = {"blocklists": [{"id": 7, "name": "debianssl"}]}
    (tmp_path / "badkeysdata.json").write_text(json.dumps(described))
    records = sorted(_digest(number) + b"\x07" for number in range(1, 50))
    (tmp_path / "blocklist.dat").write_bytes(b"".join(records))
    found = Blocklist.find_in(tmp_path)
    assert found is not None
    assert all(found.find(number) == "blocklist-debianssl" for number in range(1, 50))
    assert not any(found.find(number) for number in range(50, 100))


def test_no_folder_is_no_list(tmp_path: Path) -> None:
    assert Blocklist.find_in(tmp_path / "missing") is None


@pytest.mark.parametrize(
    ("described", "records"),
    [("{", b""), ('{"blocklists": []}', b"x" * 17), ('{"blocklists": []}', b"")],
)
def test_a_list_that_cannot_be_read_stops_the_start(
    tmp_path: Path, described: str, records: bytes
) -> None:
    """An operator who put a list there relies on it."""
    (tmp_path / "badkeysdata.json").write_text(described)
    (tmp_path / "blocklist.dat").write_bytes(records)
    with pytest.raises(ValueError):  # noqa: PT011 - three readers' own
        Blocklist.find_in(tmp_path)


_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ORDER_EIGHT = tuple(
    int.from_bytes(bytes.fromhex(text), "little")
    for text in (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    )
)


def _point(y: int) -> tuple[int, int]:
    """RFC 8032 section 5.1.3."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    assert (x * x - square) % _P == 0
    return x, y


def _double(point: tuple[int, int]) -> tuple[int, int]:
    x, y = point
    product = _D * x * x * y * y % _P
    return (
        2 * x * y * pow(1 + product, -1, _P) % _P,
        (y * y + x * x) * pow(1 - product, -1, _P) % _P,
    )
