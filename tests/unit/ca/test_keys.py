"""Keys at rest: encrypted, private to their owner, never overwritten."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ca.errors import KeyUnavailable, PassphraseUnavailable, PublicKeyRefused
from ca.keys import (
    EncryptedFileKeys,
    KeyAlgorithm,
    generate_key,
    load_or_create_passphrase,
)
from ca.keys.algorithms import accept_authority_key, accept_public_key
from ca.keys.passphrase import load_passphrase
from ca.keys.private_files import find_exposed
from tests.support.randomness import FakeRandomness

ALGORITHMS: list[KeyAlgorithm] = ["ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519"]
NAME = "root-41424344"


@pytest.fixture
def keys(tmp_path: Path) -> EncryptedFileKeys:
    return EncryptedFileKeys(tmp_path / "keys", b"passphrase")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_comes_back_as_it_was_made(keys: EncryptedFileKeys, algorithm: KeyAlgorithm) -> None:
    made = keys.create(NAME, algorithm)
    assert keys.get(NAME).public_key() == made.public_key()


def test_a_key_file_is_encrypted_and_private(keys: EncryptedFileKeys) -> None:
    keys.create(NAME, "ecdsa-p256")
    path = keys.path_of(NAME)
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    with pytest.raises(TypeError):
        load_pem_private_key(path.read_bytes(), None)


def test_a_key_is_never_overwritten(keys: EncryptedFileKeys) -> None:
    made = keys.create(NAME, "ecdsa-p256")
    with pytest.raises(FileExistsError):
        keys.create(NAME, "ecdsa-p256")
    assert keys.get(NAME).public_key() == made.public_key()


def test_a_link_in_a_keys_place_is_not_followed(keys: EncryptedFileKeys, tmp_path: Path) -> None:
    path = keys.path_of(NAME)
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        keys.create(NAME, "ecdsa-p256")
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_that_is_not_here_is_not_found(keys: EncryptedFileKeys) -> None:
    assert keys.find(NAME) is None
    with pytest.raises(KeyUnavailable):
        keys.get(NAME)


def test_another_passphrase_opens_nothing(keys: EncryptedFileKeys) -> None:
    path = keys.path_of(NAME)
    keys.create(NAME, "ecdsa-p256")
    with pytest.raises(KeyUnavailable):
        EncryptedFileKeys(path.parent, b"another").find(NAME)


def test_a_damaged_file_is_unavailable(keys: EncryptedFileKeys) -> None:
    keys.create(NAME, "ecdsa-p256")
    keys.path_of(NAME).write_bytes(b"-----BEGIN NOTHING-----")
    with pytest.raises(KeyUnavailable):
        keys.get(NAME)


def test_a_file_that_cannot_be_read_is_no_missing_key(keys: EncryptedFileKeys) -> None:
    """Else a new key would be made in its place."""
    keys.path_of(NAME).mkdir(parents=True)
    with pytest.raises(KeyUnavailable):
        keys.find(NAME)


@pytest.mark.parametrize(
    ("key", "encryption"),
    [
        (ec.generate_private_key(ec.SECP256R1()), NoEncryption()),
        (x25519.X25519PrivateKey.generate(), BestAvailableEncryption(b"passphrase")),
    ],
    ids=["not encrypted", "no key that signs"],
)
def test_a_key_that_was_not_made_here_is_unavailable(
    keys: EncryptedFileKeys,
    key: ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey,
    encryption: KeySerializationEncryption,
) -> None:
    keys.create(NAME, "ecdsa-p256")
    keys.path_of(NAME).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    with pytest.raises(KeyUnavailable):
        keys.find(NAME)


@pytest.mark.parametrize("name", ["", "../root", "a/b", "Root", "root.pem", "a" * 64, "root\n"])
def test_a_name_cannot_lead_out_of_the_folder(keys: EncryptedFileKeys, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a key"):
        keys.path_of(name)


def test_a_folder_open_to_others_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o755)
    EncryptedFileKeys(folder, b"passphrase").create(NAME, "ecdsa-p256")
    assert list(find_exposed(folder)) == []


def test_what_others_may_read_is_found(keys: EncryptedFileKeys) -> None:
    keys.create(NAME, "ecdsa-p256")
    keys.path_of(NAME).chmod(0o640)
    assert list(find_exposed(keys.path_of(NAME).parent)) == [keys.path_of(NAME)]


def test_the_passphrase_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "passphrase"
    made = load_or_create_passphrase(path, FakeRandomness("first"))
    assert load_or_create_passphrase(path, FakeRandomness("second")) == made
    assert load_passphrase(path) == made
    assert len(made) >= 43
    assert mode(path) == 0o600


def test_two_first_starts_at_once_agree_on_the_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "passphrase"

    def load(seed: str) -> bytes:
        return load_or_create_passphrase(path, FakeRandomness(seed))

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(load, "abcd"))) == 1
    assert [entry.name for entry in path.parent.iterdir()] == ["passphrase"]


def test_no_new_passphrase_is_made_beside_keys_that_have_one(
    keys: EncryptedFileKeys,
) -> None:
    """A restored folder without its passphrase says so; a random one would open nothing."""
    keys.create(NAME, "ecdsa-p256")
    path = keys.path_of(NAME).with_name("passphrase")
    with pytest.raises(PassphraseUnavailable):
        load_or_create_passphrase(path, FakeRandomness("another"))
    assert not path.exists()


@pytest.mark.parametrize("content", [None, b"", b" \n"])
def test_a_missing_or_empty_passphrase_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "passphrase"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KeyUnavailable):
        load_passphrase(path)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_keys_the_ca_makes_may_be_certified(algorithm: KeyAlgorithm) -> None:
    key = generate_key(algorithm).public_key()
    assert accept_public_key(key) is key


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.SECP521R1()),
        rsa.generate_private_key(65537, 1024),  # noqa: S505 - to be refused
        rsa.generate_private_key(3, 2048),
        dsa.generate_private_key(2048),
    ],
    ids=["secp256k1", "p521", "rsa-1024", "rsa-e3", "dsa"],
)
def test_other_kinds_and_sizes_are_refused(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | dsa.DSAPrivateKey,
) -> None:
    with pytest.raises(PublicKeyRefused):
        accept_public_key(key.public_key())
    with pytest.raises(PublicKeyRefused):
        accept_authority_key(key.public_key())


@pytest.mark.parametrize("bits", [2047, 4097])
def test_sizes_beyond_the_bounds_are_refused(bits: int) -> None:
    key = rsa.RSAPublicNumbers(65537, (1 << bits) - 1).public_key()
    with pytest.raises(PublicKeyRefused):
        accept_public_key(key)
