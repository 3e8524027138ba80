"""Passwords, binding and the forced reset (LOGIN-01 to LOGIN-05, AMB-02, AMB-03)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from enrollment.models import PasswordAuthenticator, Slip
from foundation.audit import Actor
from foundation.database import Database
from foundation.errors import Conflict, Denied, Invalid, Throttled
from policies.credentials import Argon2Parameters
from tests.support.enrolling import NEW_PASSWORD, OFFICER, SETTINGS, VISITOR, Counter


def code_of_login(counter: Counter, username: str, password: str, by: Actor = VISITOR) -> str:
    with pytest.raises(Denied) as refused:
        counter.services.authenticators.verify_password(username, password, by)
    return refused.value.code


def change(counter: Counter, username: str, old: str, new: str = NEW_PASSWORD) -> None:
    prepared = counter.services.authenticators.prepare_change(username, old, new, VISITOR)
    with counter.database.writing() as session:
        counter.services.authenticators.apply_change(session, prepared, VISITOR)


def test_the_initial_password_logs_in_and_must_be_changed(counter: Counter) -> None:
    slip = counter.register()
    typed = slip.initial_password.lower().replace("-", " ")
    verified = counter.services.authenticators.verify_password(slip.username, typed, VISITOR)
    assert verified.must_change
    assert verified.kind == "unit"
    with counter.database.reading() as session:
        assert counter.services.authenticators.must_change(session, slip.username)

    change(counter, slip.username, slip.initial_password)
    with counter.database.reading() as session:
        assert not counter.services.authenticators.must_change(session, slip.username)
    assert code_of_login(counter, slip.username, slip.initial_password) == "credentials-wrong"
    verified = counter.services.authenticators.verify_password(
        slip.username.upper(), NEW_PASSWORD, VISITOR
    )
    assert not verified.must_change


def test_wrong_password_and_unknown_username_read_the_same(counter: Counter) -> None:
    slip = counter.register()
    assert code_of_login(counter, slip.username, "wrong") == "credentials-wrong"
    assert code_of_login(counter, "wh999999", "wrong") == "credentials-wrong"
    assert code_of_login(counter, "no such name!", slip.initial_password) == "credentials-wrong"


def test_failures_slow_down_and_lock_the_account_and_survive_a_restart(counter: Counter) -> None:
    slip = counter.register()
    limits = SETTINGS.throttling.account
    for number in range(limits.lock_after):
        code_of_login(counter, slip.username, "wrong", Actor.anonymous(f"203.0.113.{number}"))
        counter.clock.advance(limits.longest_backoff)
    restarted = Database(counter.database.url)
    counter.services.authenticators._passwords._verification._database = restarted
    with pytest.raises(Throttled, match="login-throttled"):
        counter.services.authenticators.verify_password(
            slip.username, slip.initial_password, VISITOR
        )
    restarted.dispose()
    counter.clock.advance(limits.lock_duration)
    counter.services.authenticators._passwords._verification._database = counter.database
    counter.services.authenticators.verify_password(slip.username, slip.initial_password, VISITOR)


def test_a_right_password_forgives_earlier_failures(counter: Counter) -> None:
    slip = counter.register()
    for _ in range(4):
        code_of_login(counter, slip.username, "wrong")
        code_of_login(counter, slip.username, "wrong")
        counter.services.authenticators.verify_password(
            slip.username, slip.initial_password, VISITOR
        )


def test_the_first_login_binds_the_certificate_and_erases_the_key(counter: Counter) -> None:
    slip = counter.register()
    counter.services.pickup.redeem(slip.serial_number, slip.download_password, "modern", VISITOR)
    with counter.database.reading() as session:
        assert session.scalar(select(Slip.sealed_private_key)) is not None
    counter.log_in(slip)
    with counter.database.reading() as session:
        assert session.scalar(select(Slip.sealed_private_key)) is None
        assert session.scalar(select(Slip.download_password_hash)) is None
        owner = counter.services.authenticators.certificate_owner(session, slip.serial_number)
    assert owner is not None
    assert (owner.username, owner.bound_at) == (slip.username, counter.clock.now())
    counter.log_in(slip)
    assert counter.actions("certificate.bound") == ["certificate.bound"]


def test_a_certificate_of_somebody_else_does_not_let_in(counter: Counter) -> None:
    own, other = counter.register(), counter.appoint()
    verified = counter.services.authenticators.verify_password(
        own.username, own.initial_password, VISITOR
    )
    for serial_number in (other.serial_number, "00"):
        with (
            pytest.raises(Denied, match="certificate-mismatch"),
            counter.database.writing() as session,
        ):
            counter.services.authenticators.bind_certificate(
                session, verified, serial_number, VISITOR
            )


def test_a_password_that_was_replaced_meanwhile_does_not_let_in(counter: Counter) -> None:
    slip = counter.register()
    verified = counter.services.authenticators.verify_password(
        slip.username, slip.initial_password, VISITOR
    )
    counter.reissue(slip)
    with (
        pytest.raises(Denied, match="credentials-wrong"),
        counter.database.writing() as session,
    ):
        counter.services.authenticators.bind_certificate(
            session, verified, slip.serial_number, VISITOR
        )


def test_suspension_is_told_to_those_who_know_the_password_only(counter: Counter) -> None:
    slip = counter.register()
    with counter.database.writing() as session:
        counter.services.standing.suspend(session, slip.username, OFFICER)
    assert code_of_login(counter, slip.username, "wrong") == "credentials-wrong"
    assert code_of_login(counter, slip.username, slip.initial_password) == "account-suspended"


def test_the_initial_password_ends_with_the_slip(counter: Counter) -> None:
    slip = counter.register()
    counter.clock.advance(slip.expires_at - counter.clock.now() - timedelta(seconds=1))
    counter.services.authenticators.verify_password(slip.username, slip.initial_password, VISITOR)
    counter.clock.advance(seconds=1)
    assert code_of_login(counter, slip.username, slip.initial_password) == "credentials-wrong"


@pytest.mark.parametrize(
    ("old", "new", "confirmation", "code", "field"),
    [
        ("wrong", NEW_PASSWORD, None, "old-password-wrong", "old_password"),
        (None, "short", None, "password-too-short", "new_password"),
        (None, NEW_PASSWORD, "another", "passwords-differ", "confirmation"),
        (None, None, None, "password-same", "new_password"),
    ],
)
def test_a_change_is_refused_with_the_field_at_fault(
    counter: Counter,
    old: str | None,
    new: str | None,
    confirmation: str | None,
    code: str,
    field: str,
) -> None:
    slip = counter.register()
    initial = slip.initial_password
    with pytest.raises(Invalid) as refused:
        counter.services.authenticators.prepare_change(
            slip.username, old or initial, new or initial, VISITOR, confirmation
        )
    assert (field, code) in {(error.field, error.code) for error in refused.value.fields}


def test_the_initial_password_written_otherwise_is_not_a_new_one(counter: Counter) -> None:
    slip = counter.register()
    with pytest.raises(Invalid, match="password-refused"):
        counter.services.authenticators.prepare_change(
            slip.username, slip.initial_password.lower(), slip.initial_password, VISITOR
        )


def test_one_proof_changes_one_password(counter: Counter) -> None:
    slip = counter.register()
    first, second = (
        counter.services.authenticators.prepare_change(
            slip.username, slip.initial_password, NEW_PASSWORD + digit, VISITOR
        )
        for digit in "12"
    )
    with counter.database.writing() as session:
        counter.services.authenticators.apply_change(session, first, VISITOR)
    with (
        pytest.raises(Conflict, match="password-changed-meanwhile"),
        counter.database.writing() as session,
    ):
        counter.services.authenticators.apply_change(session, second, VISITOR)


def test_a_hash_of_other_parameters_is_renewed_at_the_next_login(counter: Counter) -> None:
    slip = counter.register()
    hasher = counter.services.authenticators._passwords._hasher
    stronger = type(hasher)(
        Argon2Parameters(time_cost=3, memory_cost=19_456, parallelism=1), hasher._randomness
    )
    counter.services.authenticators._passwords._hasher = stronger
    counter.services.authenticators.verify_password(slip.username, slip.initial_password, VISITOR)
    with counter.database.reading() as session:
        stored = session.scalar(select(PasswordAuthenticator.hash))
    assert stored is not None
    assert "t=3" in stored
    counter.services.authenticators.verify_password(slip.username, slip.initial_password, VISITOR)
