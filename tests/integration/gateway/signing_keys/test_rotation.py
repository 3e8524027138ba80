"""Keys are announced before they sign and kept until what they signed has expired."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from foundation.audit import Actor, AuditEntry, AuditLog
from foundation.database import Database
from foundation.errors import Unavailable
from foundation.randomness import SystemRandomness
from gateway.signing_keys import KeyPurpose, KeyRotation, SigningKeyRecord, SigningKeys
from gateway.signing_keys.sealing import Sealing
from tests.support.at_once import each_at_once
from tests.support.clock import FakeClock

HOUR = timedelta(hours=1)
SECRETS = KeyPurpose("session-token", "HS256", signs_for=24 * HOUR, announced=HOUR,
                     accepted_after=timedelta(minutes=6))  # fmt: skip
PAIRS = KeyPurpose("assertion", "ES256", signs_for=240 * HOUR, announced=2 * HOUR,
                   accepted_after=timedelta(minutes=6))  # fmt: skip
RANDOMNESS = SystemRandomness()


class Node:
    """One node: memory of its own, the same database and the same sealing key."""

    def __init__(self, database: Database, clock: FakeClock, secret: bytes = b"s" * 32) -> None:
        self.database = database
        self.keys = SigningKeys(clock, lambda: Sealing(secret, RANDOMNESS))
        self.rotation = KeyRotation(
            database, AuditLog(clock), clock, RANDOMNESS, self.keys, (SECRETS, PAIRS)
        )

    def asked(self, question: Callable[..., Any], *of: KeyPurpose) -> Any:
        with self.database.reading() as session:
            return question(session, *of)

    def signing(self, purpose: KeyPurpose = SECRETS) -> str:
        return str(self.asked(self.keys.signing_key, purpose).kid)

    def accepted(self, purpose: KeyPurpose = SECRETS) -> list[str]:
        return [key.kid for key in self.asked(self.keys.accepted_keys, purpose)]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(database: Database, clock: FakeClock) -> Node:
    return Node(database, clock)


def test_without_a_rotation_nothing_signs(node: Node) -> None:
    with pytest.raises(Unavailable, match="signing-key-missing"):
        node.signing()
    assert node.accepted() == []


def test_a_key_is_announced_before_it_signs_and_believed_after(
    node: Node, clock: FakeClock
) -> None:
    node.rotation.rotate_due()
    first = node.signing()
    assert node.accepted() == [first]

    clock.advance(hours=23)
    node.rotation.rotate_due()
    assert node.signing() == first
    _, second = node.accepted()

    clock.advance(hours=1)
    assert node.signing() == second
    clock.advance(minutes=5, seconds=59)
    assert node.accepted() == [first, second]
    clock.advance(seconds=1)
    assert node.accepted() == [second]


def test_an_old_secret_is_destroyed_when_it_is_over(node: Node, clock: FakeClock) -> None:
    node.rotation.rotate_due()
    first = node.signing()
    clock.advance(hours=23)
    node.rotation.rotate_due()
    clock.advance(hours=2)
    node.rotation.rotate_due()
    with node.database.reading() as session:
        assert session.get(SigningKeyRecord, first) is None
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)))
    assert actions == ["signing_key.made"] * 3 + ["signing_key.destroyed"]


def test_a_rotation_that_comes_late_still_announces(node: Node, clock: FakeClock) -> None:
    """No edge meets a name that it has never heard, and no day is without a key."""
    node.rotation.rotate_due()
    first = node.signing()
    clock.advance(days=9)
    assert node.signing() == first
    node.rotation.rotate_due()
    assert node.signing() == first
    assert len(node.accepted()) == 2
    clock.advance(HOUR)
    assert node.signing() != first


def test_rotating_again_changes_nothing(node: Node) -> None:
    node.rotation.rotate_due()
    before = (node.accepted(SECRETS), node.accepted(PAIRS))
    node.rotation.rotate_due()
    assert (node.accepted(SECRETS), node.accepted(PAIRS)) == before


def test_nodes_that_rotate_at_once_make_one_key(database: Database, clock: FakeClock) -> None:
    nodes = [Node(database, clock) for _ in range(4)]
    each_at_once(*[one.rotation.rotate_due for one in nodes])
    assert len({one.signing() for one in nodes}) == 1
    assert len(nodes[0].accepted(SECRETS)) == len(nodes[0].accepted(PAIRS)) == 1


def test_after_a_loss_no_old_key_is_believed(node: Node, clock: FakeClock) -> None:
    """Also by a node that has lost the sealing key and cannot open the old ones."""
    node.rotation.rotate_due()
    old = node.accepted()
    other = Node(node.database, clock, secret=b"another key of 256 random bits..")
    with pytest.raises(Unavailable, match="signing-keys-sealed"):
        other.signing()
    other.rotation.replace_now(Actor.operator())
    assert other.signing() not in old
    assert len(other.accepted(SECRETS)) == len(other.accepted(PAIRS)) == 1


def test_the_secret_is_not_in_the_database(node: Node) -> None:
    node.rotation.rotate_due()
    key = node.asked(node.keys.signing_key, SECRETS)
    assert len(key.secret) == 43
    with node.database.reading() as session:
        sealed = session.get_one(SigningKeyRecord, key.kid).sealed
    assert key.secret.encode() not in sealed
    assert key.secret not in repr(key)


def test_the_jwk_set_has_public_parts_only(node: Node) -> None:
    """RFC 7517 section 9.2; a shared secret is in no set."""
    node.rotation.rotate_due()
    document = node.asked(node.keys.jwks, SECRETS, PAIRS)
    (key,) = document["keys"]
    assert key["kid"] == node.signing(PAIRS)
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "sig", "ES256")
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
