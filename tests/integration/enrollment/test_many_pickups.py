"""The certificates of many slips at once, for keys of their subscribers' own (issue 3, ENR-09)."""

from collections.abc import Callable

import pytest

from ca.csr import accept_csr
from ca.errors import KeyCompromised, KeyOfAnother
from ca.issuance.bulk import issuing
from ca.key_types import EndEntityPublicKey
from ca.keys import generate_key
from ca.serial_numbers import serial_number_of
from enrollment.models import Slip
from enrollment.pickup.many import ManyPickups
from enrollment.pickup.wanted import WantedPickup
from enrollment.slips.issued_slip import IssuedSlip
from foundation.errors import Conflict, Denied, Failure, NotFound
from tests.support.enrolling import OFFICER, VISITOR, Counter
from tests.support.requests import der_request

USERNAMES = ("li.wei", "wang.fang", "zhang.min", "chen.jie", "liu.yang")


def pickups_of(counter: Counter) -> ManyPickups:
    return ManyPickups(
        database=counter.database,
        issuance=counter.certification.issuance,
        audit=counter.certification.audit,
        clock=counter.clock,
    )


def own_key() -> EndEntityPublicKey:
    return accept_csr(der_request(generate_key("ecdsa-p256"))).public_key


def judged(counter: Counter, username: str, key: EndEntityPublicKey) -> WantedPickup:
    with counter.database.reading() as session:
        return pickups_of(counter).judge(session, username, key)


def test_each_slip_yields_the_certificate_of_its_subscribers_key(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "BATCH", 2)
    slips = {name: counter.appoint(name) for name in USERNAMES}
    unit = counter.register()
    slips[unit.username] = unit
    keys = {name: own_key() for name in slips}
    wanted = [judged(counter, name.upper(), keys[name]) for name in slips]
    made = list(pickups_of(counter).make(wanted, OFFICER))
    assert [each.username for each, _ in made] == list(slips)
    for each, certificate in made:
        slip = slips[each.username]
        assert serial_number_of(certificate.serial_number) == slip.serial_number
        assert certificate.public_key() == keys[each.username]
        counter.log_in(slip)
    assert "91420100177590265L" in made[-1][1].subject.rfc4514_string()

    count = len(counter.audit())
    again = [judged(counter, name, keys[name]) for name in slips]
    assert {each.stage for each in again} == {"issued"}
    assert [one for _, one in pickups_of(counter).make(again, OFFICER)] == [one for _, one in made]
    assert len(counter.audit()) == count


def test_what_was_cut_off_is_finished(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "BATCH", 1)
    slips = [counter.appoint(name) for name in USERNAMES]
    keys = [own_key() for _ in slips]
    made = pickups_of(counter).make(
        [judged(counter, *each) for each in zip(USERNAMES, keys, strict=True)], OFFICER
    )
    next(made)
    made.close()  # type: ignore[attr-defined]
    again = [judged(counter, *each) for each in zip(USERNAMES, keys, strict=True)]
    assert "unfinished" in {each.stage for each in again}
    list(pickups_of(counter).make(again, OFFICER))
    assert {counter.certificate_state(slip.serial_number) for slip in slips} == {"good"}
    assert counter.actions("pickup.") == ["pickup.redeemed"] * len(slips)


def suspend(counter: Counter, slip: IssuedSlip) -> None:
    with counter.database.writing() as session:
        counter.services.standing.suspend(session, slip.username, OFFICER)


def pick_up(counter: Counter, slip: IssuedSlip) -> None:
    counter.services.pickup.redeem(slip.serial_number, slip.download_password, "modern", VISITOR)


def pick_up_with_another_key(counter: Counter, slip: IssuedSlip) -> None:
    request = der_request(generate_key("ecdsa-p256"))
    counter.services.pickup.redeem_csr(slip.serial_number, slip.download_password, request, VISITOR)


def pick_up_and_log_in(counter: Counter, slip: IssuedSlip) -> None:
    pick_up(counter, slip)
    counter.log_in(slip)


def revoke(counter: Counter, slip: IssuedSlip) -> None:
    with counter.database.writing() as session:
        counter.revocation.revoke(session, slip.serial_number, "unspecified", OFFICER)


BARRED: list[tuple[Callable[[Counter, IssuedSlip], None], str]] = [
    (suspend, "account-suspended"),
    (pick_up, "pickup-server-key"),
    (pick_up_with_another_key, "pickup-other-key"),
    (pick_up_and_log_in, "slip-not-open"),
    (revoke, "slip-not-open"),
]


@pytest.mark.parametrize(("act", "code"), BARRED)
def test_who_may_not_is_told_and_stops_a_batch_that_was_judged_before(
    counter: Counter, act: Callable[[Counter, IssuedSlip], None], code: str
) -> None:
    slip, other = counter.appoint("li.wei"), counter.appoint("wang.fang")
    early = [judged(counter, each.username, own_key()) for each in (other, slip)]
    act(counter, slip)
    with pytest.raises((Denied, Conflict), match=code):
        judged(counter, slip.username, own_key())
    with pytest.raises(Failure):
        list(pickups_of(counter).make(early, OFFICER))
    assert counter.certificate_state(other.serial_number) == "reserved"
    with counter.database.reading() as session:
        assert (
            session.query(Slip).filter_by(serial_number=other.serial_number).one().own_key_digest
            is None
        )


def test_nobody_unknown_and_no_key_of_another(counter: Counter) -> None:
    counter.appoint("li.wei")
    counter.appoint("wang.fang")
    key = own_key()
    for name in ("nobody", "", "x" * 400, "李伟"):
        with pytest.raises(NotFound, match="subscriber-not-found"):
            judged(counter, name, key)
    list(pickups_of(counter).make([judged(counter, "li.wei", key)], OFFICER))
    with pytest.raises(KeyOfAnother):
        judged(counter, "wang.fang", key)
    number = judged(counter, "li.wei", key).serial_number
    with counter.database.writing() as session:
        counter.revocation.revoke(session, number, "keyCompromise", OFFICER)
    with pytest.raises(KeyCompromised):
        judged(counter, "wang.fang", key)
