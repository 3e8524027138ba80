"""What happens at the same moment, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates
from sqlalchemy import func, select

from enrollment.models import Unit
from enrollment.pickup.picked_up import PickedUp
from enrollment.slips.issued_slip import IssuedSlip
from foundation.errors import Conflict, Denied, Failure, Throttled
from tests.support.enrolling import OFFICER, SETTINGS, VISITOR, Counter

T = TypeVar("T")


def at_once(count: int, act: Callable[[], T]) -> list[T | Failure]:
    """Run `act` in so many threads that start together; a failure is a result."""
    barrier = Barrier(count)

    def run() -> T | Failure:
        barrier.wait()
        try:
            return act()
        except Failure as failure:
            return failure

    with ThreadPoolExecutor(count) as threads:
        return [future.result() for future in [threads.submit(run) for _ in range(count)]]


def key_in(picked_up: PickedUp, slip: IssuedSlip) -> bytes:
    key, _, _ = load_key_and_certificates(picked_up.pkcs12, slip.download_password.encode())
    assert key is not None
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_pickups_at_once_give_one_certificate_with_one_key(counter: Counter) -> None:
    slip = counter.register()

    def redeem() -> PickedUp:
        return counter.services.pickup.redeem(
            slip.serial_number, slip.download_password, "modern", VISITOR
        )

    results = at_once(3, redeem)
    picked_up = [result for result in results if isinstance(result, PickedUp)]
    assert all(isinstance(result, PickedUp | Throttled) for result in results), results
    # The throttle lets only a few through together.
    assert picked_up
    assert len({one.certificate.fingerprint(SHA256()) for one in picked_up}) == 1
    assert len({key_in(one, slip) for one in picked_up}) == 1


def test_pickups_by_ticket_at_once_give_one_certificate(counter: Counter) -> None:
    slip = counter.register()
    ticket = counter.services.pickup.open(
        slip.serial_number, slip.download_password, VISITOR
    ).ticket
    results = at_once(4, lambda: counter.services.pickup.redeem_ticket(ticket, "modern", VISITOR))
    fingerprints = {
        one.certificate.fingerprint(SHA256()) for one in results if isinstance(one, PickedUp)
    }
    assert len(fingerprints) == 1
    assert all(isinstance(one, PickedUp) for one in results), results


def test_the_same_unit_registered_twice_at_once_is_registered_once(counter: Counter) -> None:
    results = at_once(3, counter.register)
    slips = [result for result in results if isinstance(result, IssuedSlip)]
    conflicts = [result for result in results if isinstance(result, Conflict)]
    assert (len(slips), len(conflicts)) == (1, 2)
    assert {conflict.code for conflict in conflicts} == {"credit-code-taken"}
    with counter.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == 1


def test_guesses_sent_together_do_not_slip_past_the_limit(counter: Counter) -> None:
    slip = counter.register()
    limits = SETTINGS.throttling.serial

    def guess() -> PickedUp:
        return counter.services.pickup.redeem(
            slip.serial_number, "AAAA-BBBB-CCCC-DDDD", "modern", VISITOR
        )

    results = at_once(8, guess)
    looked_at = [result for result in results if isinstance(result, Denied)]
    assert len(looked_at) == limits.free_attempts
    assert sum(isinstance(result, Throttled) for result in results) == 8 - len(looked_at)


def test_reissues_at_once_leave_one_slip(counter: Counter) -> None:
    slip = counter.register()
    results = at_once(3, lambda: counter.reissue(slip))
    assert all(isinstance(result, IssuedSlip) for result in results), results
    states = {
        result.serial_number: counter.certificate_state(result.serial_number)
        for result in results
        if isinstance(result, IssuedSlip)
    }
    assert sorted(states.values()) == ["abandoned", "abandoned", "reserved"]


def test_two_administrators_cannot_dismiss_each_other(counter: Counter) -> None:
    for username in ("first.admin", "second.admin"):
        counter.appoint(username, "administrator")
    usernames = iter(["first.admin", "second.admin"])

    def dismiss() -> bool:
        username = next(usernames)
        with counter.database.writing() as session:
            counter.services.officers.revoke_role(session, username, "administrator", OFFICER)
        return True

    results = at_once(2, dismiss)
    assert sorted(str(result) for result in results) == ["True", "last-administrator"]
