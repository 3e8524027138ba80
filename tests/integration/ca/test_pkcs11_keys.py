"""Keys on a token (issue 3, part 3): made there, used there, never seen here."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pkcs11
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pkcs11 import Attribute, ObjectClass

from ca.encoding.signature_algorithms import sign_raw
from ca.errors import KeyUnavailable
from ca.key_types import EndEntityPrivateKey
from ca.keys import EndEntityKeyAlgorithm
from ca.keys.pkcs11 import (
    AlgorithmNotOnToken,
    PinRefused,
    Pkcs11Keys,
    TokenAccess,
    TokenUnavailable,
)
from ca.signing.proof import verify_signature
from tests.support.softhsm import PIN, SoftToken, new_token

ALGORITHMS: list[EndEntityKeyAlgorithm] = [
    "ecdsa-p256",
    "ecdsa-p384",
    "rsa-3072",
    "rsa-4096",
    "ed25519",
]
NAME = "issuing-41424344"


@pytest.fixture
def token() -> SoftToken:
    return new_token()


@pytest.fixture
def keys(token: SoftToken) -> Iterator[Pkcs11Keys]:
    keys = Pkcs11Keys(token.access)
    yield keys
    keys.close()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_signs_what_its_public_half_verifies(
    keys: Pkcs11Keys, algorithm: EndEntityKeyAlgorithm
) -> None:
    made = keys.create(NAME, algorithm)
    found = keys.get(NAME)
    assert found.public_key() == made.public_key()
    for content in (b"", b"x" * 100_000):
        verify_signature(made.public_key(), sign_raw(found, content), content)


def test_a_key_is_sensitive_and_never_leaves_its_token(keys: Pkcs11Keys, token: SoftToken) -> None:
    keys.create(NAME, "ecdsa-p256")
    keys.close()
    with (
        pkcs11.lib(str(token.access.module))
        .get_token(token_label=token.access.label)
        .open(user_pin=PIN) as session
    ):
        stored = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=NAME)
        assert stored[Attribute.SENSITIVE]
        assert stored[Attribute.ALWAYS_SENSITIVE]
        assert stored[Attribute.NEVER_EXTRACTABLE]
        assert not stored[Attribute.EXTRACTABLE]
        assert not stored[Attribute.DERIVE]
        with pytest.raises(pkcs11.AttributeSensitive):
            _ = stored[Attribute.VALUE]


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "rsa-3072", "ed25519"])
def test_nothing_but_signing_is_done(keys: Pkcs11Keys, algorithm: EndEntityKeyAlgorithm) -> None:
    key = keys.create(NAME, algorithm)
    with pytest.raises(UnsupportedAlgorithm):
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        with pytest.raises(UnsupportedAlgorithm):
            key.exchange(ec.ECDH(), ec.generate_private_key(ec.SECP256R1()).public_key())
    if isinstance(key, rsa.RSAPrivateKey):
        with pytest.raises(UnsupportedAlgorithm):
            key.decrypt(b"x" * 384, padding.PKCS1v15())
        with pytest.raises(UnsupportedAlgorithm):
            key.sign(b"x", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())


def test_a_name_is_used_once(keys: Pkcs11Keys) -> None:
    made = keys.create(NAME, "ecdsa-p256")
    with pytest.raises(FileExistsError):
        keys.create(NAME, "ecdsa-p256")
    assert keys.get(NAME).public_key() == made.public_key()


def test_two_keys_of_one_name_are_both_refused(keys: Pkcs11Keys, token: SoftToken) -> None:
    """Somebody with the PIN put a second one beside it: which one is ours is not guessed."""
    keys.create(NAME, "ecdsa-p256")
    keys.create("another", "ecdsa-p256")
    keys.close()
    library = pkcs11.lib(str(token.access.module))
    with library.get_token(token_label=token.access.label).open(rw=True, user_pin=PIN) as session:
        for stored in session.get_objects({Attribute.LABEL: "another"}):
            stored[Attribute.LABEL] = NAME
    with pytest.raises(KeyUnavailable):
        keys.find(NAME)


def test_what_is_not_there_is_not_found(keys: Pkcs11Keys) -> None:
    assert keys.find(NAME) is None
    with pytest.raises(KeyUnavailable):
        keys.get(NAME)
    keys.discard(NAME)


def test_a_discarded_key_is_gone(keys: Pkcs11Keys) -> None:
    key = keys.create(NAME, "ecdsa-p256")
    keys.discard(NAME)
    assert keys.find(NAME) is None
    with pytest.raises(KeyUnavailable):
        sign_raw(key, b"content")


@pytest.mark.parametrize("name", ["", "../root", "Root", "root\n"])
def test_names_are_those_of_every_key_store(keys: Pkcs11Keys, name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a key"):
        keys.find(name)


def test_many_threads_sign_at_once(keys: Pkcs11Keys) -> None:
    """A PKCS#11 session has room for one operation; each thread gets its own answer."""
    key = keys.create(NAME, "ecdsa-p256")
    contents = [str(number).encode() for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(lambda content: sign_raw(key, content), contents))
    for content, signature in zip(contents, signatures, strict=True):
        verify_signature(key.public_key(), signature, content)


def test_a_wrong_pin_is_tried_once_and_never_shown(keys: Pkcs11Keys, token: SoftToken) -> None:
    """Three wrong PINs lock a token; a server that retries by itself would do that."""
    keys.create(NAME, "ecdsa-p256")
    keys.close()
    wrong = Pkcs11Keys(TokenAccess(token.access.module, token.access.label, "not this one"))
    for _ in range(10):
        with pytest.raises(PinRefused) as refused:
            wrong.get(NAME)
    told = repr(refused.value) + str(refused.value.params) + repr(refused.value.__cause__)
    assert "not this one" not in told
    assert "not this one" not in repr(TokenAccess(token.access.module, "x", "not this one"))
    assert keys.find(NAME) is not None


def test_a_token_that_comes_back_signs_again(keys: Pkcs11Keys, token: SoftToken) -> None:
    key = keys.create(NAME, "ecdsa-p256")
    sign_raw(key, b"before")
    token.unplug()
    try:
        with pytest.raises(TokenUnavailable):
            sign_raw(key, b"meanwhile")
        with pytest.raises(TokenUnavailable):
            keys.find(NAME)
    finally:
        token.plug_in()
    verify_signature(key.public_key(), sign_raw(key, b"after"), b"after")


def test_a_token_pulled_out_is_not_an_empty_token(keys: Pkcs11Keys, token: SoftToken) -> None:
    """An empty answer would look as if the root's key were offline, or make new OCSP keys."""
    keys.create(NAME, "ecdsa-p256")
    token.unplug()
    try:
        with pytest.raises(TokenUnavailable):
            keys.find("another")
    finally:
        token.plug_in()
    assert keys.find(NAME) is not None


def test_a_session_that_was_ended_is_opened_again(keys: Pkcs11Keys, token: SoftToken) -> None:
    key = keys.create(NAME, "ecdsa-p256")
    pkcs11.lib(str(token.access.module)).reinitialize()
    verify_signature(key.public_key(), sign_raw(key, b"after"), b"after")


def test_a_module_that_is_missing_is_told(token: SoftToken) -> None:
    keys = Pkcs11Keys(TokenAccess(token.access.module.with_name("none.so"), "x", PIN))
    with pytest.raises(TokenUnavailable):
        keys.find(NAME)


def test_a_token_that_does_not_exist_is_told(token: SoftToken) -> None:
    keys = Pkcs11Keys(TokenAccess(token.access.module, "nowhere", PIN))
    with pytest.raises(TokenUnavailable):
        keys.find(NAME)


def test_ml_dsa_is_for_files(keys: Pkcs11Keys) -> None:
    with pytest.raises(AlgorithmNotOnToken):
        keys.create(NAME, "ml-dsa-65")


def test_keys_of_the_library_and_of_the_token_are_of_one_kind(keys: Pkcs11Keys) -> None:
    assert isinstance(keys.create(NAME, "ed25519"), EndEntityPrivateKey)
