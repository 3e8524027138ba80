"""Pickup with a real CA (DL-07 to DL-12, AMB-04)."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs12

from enrollment.slips.issued_slip import IssuedSlip
from foundation.audit import Actor
from foundation.errors import Denied, Invalid, Throttled
from tests.support.enrolling import ANOTHER_CREDIT_CODE, OFFICER, SETTINGS, VISITOR, Counter
from tests.support.openssl import openssl, try_openssl

WRONG = "AAAA-BBBB-CCCC-DDDD"


def redeem(counter: Counter, slip: IssuedSlip, form: str = "modern") -> bytes:
    picked_up = counter.services.pickup.redeem(
        slip.serial_number, slip.download_password, form, VISITOR
    )
    return picked_up.pkcs12


def certificate_in(container: bytes, slip: IssuedSlip) -> bytes:
    _, certificate, _ = pkcs12.load_key_and_certificates(container, slip.download_password.encode())
    assert certificate is not None
    return certificate.fingerprint(SHA256())


def refuse(counter: Counter, serial_number: str, password: str, by: Actor = VISITOR) -> str:
    with pytest.raises(Denied) as refused:
        counter.services.pickup.redeem(serial_number, password, "modern", by)
    return refused.value.code


def test_the_certificate_has_the_serial_number_of_the_slip(counter: Counter) -> None:
    slip = counter.register()
    picked_up = counter.services.pickup.redeem(
        slip.serial_number, slip.download_password, "modern", VISITOR
    )
    assert f"{picked_up.certificate.serial_number:X}" == slip.serial_number
    assert picked_up.file_name == f"certgate-{slip.username}.p12"
    assert counter.certificate_state(slip.serial_number) == "good"


@pytest.mark.parametrize(
    ("form", "cipher", "digest"),
    [("modern", "AES-256-CBC", "sha256"), ("compatible", "3-KeyTripleDES", "sha1")],
)
def test_the_openssl_command_opens_both_forms_with_the_download_password(
    counter: Counter, tmp_path: Path, form: str, cipher: str, digest: str
) -> None:
    slip = counter.register()
    file = tmp_path / "certificate.p12"
    file.write_bytes(redeem(counter, slip, form))
    opened = openssl(
        "pkcs12", "-in", file, "-passin", f"pass:{slip.download_password}",
        "-info", "-noenc",
    )  # fmt: skip
    assert b"BEGIN PRIVATE KEY" in opened.output
    assert opened.output.count(b"BEGIN CERTIFICATE") == 2
    assert cipher.lower() in opened.errors.lower()
    assert f"mac: {digest}" in opened.errors.lower()
    other = try_openssl("pkcs12", "-in", file, "-passin", f"pass:{WRONG}", "-noenc")
    assert other.status != 0


def test_what_was_typed_may_differ_in_case_spaces_and_hyphens(counter: Counter) -> None:
    slip = counter.register()
    serial = " ".join(slip.serial_number[i : i + 4] for i in range(0, 40, 4)).lower()
    password = slip.download_password.replace("-", " ").lower()
    picked_up = counter.services.pickup.redeem(serial, password, "modern", VISITOR)
    assert pkcs12.load_pkcs12(picked_up.pkcs12, slip.download_password.encode()).key is not None


def test_repeats_give_the_same_certificate_until_the_first_login(counter: Counter) -> None:
    slip = counter.register()
    first, second = redeem(counter, slip), redeem(counter, slip, "compatible")
    assert certificate_in(first, slip) == certificate_in(second, slip)
    with counter.database.reading() as session:
        view = counter.services.slips.find(session, slip.serial_number)
    assert view is not None
    assert (view.state, view.pickup_count) == ("picked_up", 2)

    counter.log_in(slip)
    assert refuse(counter, slip.serial_number, slip.download_password) == "pickup-refused"
    with counter.database.reading() as session:
        view = counter.services.slips.find(session, slip.serial_number)
    assert view is not None
    assert view.state == "used"


def unlike(serial_number: str) -> str:
    """Return a serial number that differs in its last digit."""
    return serial_number[:-1] + ("1" if serial_number.endswith("0") else "0")


def test_every_refusal_reads_the_same_and_only_the_audit_log_knows_why(counter: Counter) -> None:
    slip = counter.register()
    expired = counter.register(ANOTHER_CREDIT_CODE)
    counter.clock.advance(SETTINGS.slips.validity)
    codes = {
        refuse(counter, unlike(slip.serial_number), slip.download_password),
        refuse(counter, "not a serial number", slip.download_password),
        refuse(counter, expired.serial_number, WRONG),
        refuse(counter, expired.serial_number, expired.download_password),
    }
    assert codes == {"pickup-refused"}
    refusals = [entry for entry in counter.audit() if entry.action == "pickup.refused"]
    assert all(entry.outcome == "refused" for entry in refusals)
    assert [entry.subject for entry in refusals] == [
        "slip:unknown",
        "slip:unknown",
        f"unit:{expired.username}",
        f"unit:{expired.username}",
    ]


def test_an_unknown_form_is_refused_before_anything_is_looked_at(counter: Counter) -> None:
    with pytest.raises(Invalid, match="pickup-format-unknown"):
        counter.services.pickup.redeem("00", WRONG, "ancient", VISITOR)
    assert not counter.actions("pickup.")


def test_wrong_passwords_slow_down_then_lock_the_serial_number(counter: Counter) -> None:
    slip = counter.register()
    limits = SETTINGS.throttling.serial
    for number in range(limits.lock_after):
        address = Actor.anonymous(f"203.0.113.{number}")
        assert refuse(counter, slip.serial_number, WRONG, address) == "pickup-refused"
        counter.clock.advance(limits.longest_backoff)
    with pytest.raises(Throttled) as locked:
        redeem(counter, slip)
    assert locked.value.code == "pickup-throttled"
    assert locked.value.retry_after == limits.lock_duration - limits.longest_backoff

    counter.clock.advance(limits.lock_duration)
    assert redeem(counter, slip)
    assert any('"throttled"' in entry.facts for entry in counter.audit())


def test_one_address_cannot_try_many_serial_numbers(counter: Counter) -> None:
    limits = SETTINGS.throttling.address
    for number in range(limits.free_attempts):
        refuse(counter, f"{number + 1:X}", WRONG)
    with pytest.raises(Throttled):
        counter.services.pickup.redeem("FFFF", WRONG, "modern", VISITOR)


def test_the_page_hands_out_with_a_ticket_and_without_the_password(counter: Counter) -> None:
    slip = counter.register()
    pickup = counter.services.pickup
    opened = pickup.open(slip.serial_number, slip.download_password, VISITOR)
    assert opened.username == slip.username
    shown = pickup.for_ticket(opened.ticket)
    assert shown == opened
    picked_up = pickup.redeem_ticket(opened.ticket, "modern", VISITOR)
    assert pkcs12.load_pkcs12(picked_up.pkcs12, slip.download_password.encode()).key is not None

    counter.clock.advance(timedelta(minutes=10))
    assert pickup.for_ticket(opened.ticket) is None
    with pytest.raises(Denied, match="pickup-ticket-ended"):
        pickup.redeem_ticket(opened.ticket, "modern", VISITOR)


@pytest.mark.parametrize("ticket", ["", "x", "AAAA", "ü" * 44, "A" * 43 + "="])
def test_a_ticket_nobody_issued_is_over(counter: Counter, ticket: str) -> None:
    assert counter.services.pickup.for_ticket(ticket) is None


def test_a_ticket_ends_with_the_slip(counter: Counter) -> None:
    slip = counter.register()
    opened = counter.services.pickup.open(slip.serial_number, slip.download_password, VISITOR)
    counter.services.pickup.redeem_ticket(opened.ticket, "modern", VISITOR)
    counter.log_in(slip)
    assert counter.services.pickup.for_ticket(opened.ticket) is None
    with pytest.raises(Denied):
        counter.services.pickup.redeem_ticket(opened.ticket, "modern", VISITOR)


def test_nothing_is_handed_out_to_a_suspended_subscriber(counter: Counter) -> None:
    slip = counter.register()
    with counter.database.writing() as session:
        counter.services.standing.suspend(session, slip.username, OFFICER)
    assert refuse(counter, slip.serial_number, slip.download_password) == "pickup-refused"


def test_nothing_is_handed_out_after_the_certificate_was_revoked(counter: Counter) -> None:
    slip = counter.register()
    redeem(counter, slip)
    with counter.database.writing() as session:
        counter.revocation.revoke(session, slip.serial_number, "keyCompromise", OFFICER)
    assert refuse(counter, slip.serial_number, slip.download_password) == "pickup-refused"


def test_a_pickup_goes_on_where_a_crash_stopped_it(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = counter.register()

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(counter.services.pickup._certificates._issuance, "complete", crash)
        with pytest.raises(KeyboardInterrupt):
            redeem(counter, slip)
    assert counter.certificate_state(slip.serial_number) == "prepared"
    assert certificate_in(redeem(counter, slip), slip)
    assert counter.certificate_state(slip.serial_number) == "good"
