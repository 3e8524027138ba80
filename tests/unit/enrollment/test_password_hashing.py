"""Argon2id: right, wrong, malformed, and always at the same cost."""

import pytest

from enrollment.authenticators.password_hashing import PasswordHasher, PasswordMismatch
from policies.credentials import Argon2Parameters
from tests.support.randomness import FakeRandomness

PARAMETERS = Argon2Parameters(time_cost=2, memory_cost=19_456, parallelism=1)


@pytest.fixture(scope="module")
def hasher() -> PasswordHasher:
    return PasswordHasher(PARAMETERS, FakeRandomness())


def test_a_hash_is_argon2id_with_its_parameters_and_a_fresh_salt(hasher: PasswordHasher) -> None:
    first, second = hasher.hash("secret"), hasher.hash("secret")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    hasher.verify(first, "secret")


def test_other_forms_of_the_same_characters_are_the_same_password(hasher: PasswordHasher) -> None:
    hasher.verify(hasher.hash("ｐａｓｓ é"), "pass e\u0301")


@pytest.mark.parametrize("typed", ["", "Secret", "secret ", None, "x" * 2000, "\ud800"])
def test_anything_else_is_a_mismatch(hasher: PasswordHasher, typed: str | None) -> None:
    with pytest.raises(PasswordMismatch):
        hasher.verify(hasher.hash("secret"), typed)


@pytest.mark.parametrize("stored", ["", "secret", "$argon2id$v=19$broken", "$2b$12$abc", None])
def test_a_malformed_or_missing_hash_is_a_mismatch(
    hasher: PasswordHasher, stored: str | None
) -> None:
    with pytest.raises(PasswordMismatch):
        hasher.verify(stored, "secret")


@pytest.mark.parametrize(
    ("stored", "typed"), [(None, "secret"), ("$broken", "secret"), (None, None), ("", "x" * 2000)]
)
def test_the_work_is_done_even_when_there_is_nothing_to_compare(
    hasher: PasswordHasher, monkeypatch: pytest.MonkeyPatch, stored: str | None, typed: str | None
) -> None:
    worked: list[str] = []
    real = hasher._verify

    def count(stored_hash: str, unverified_password: str) -> None:
        if stored_hash.startswith("$argon2id"):
            worked.append(stored_hash)
        real(stored_hash, unverified_password)

    monkeypatch.setattr(hasher, "_verify", count)
    with pytest.raises(PasswordMismatch):
        hasher.verify(stored, typed)
    assert worked == [hasher._dummy_hash]


def test_other_parameters_ask_for_a_new_hash(hasher: PasswordHasher) -> None:
    stronger = PasswordHasher(PARAMETERS.model_copy(update={"time_cost": 3}), FakeRandomness())
    assert stronger.needs_rehash(hasher.hash("secret"))
    assert not hasher.needs_rehash(hasher.hash("secret"))
