"""A successor with a key of the server's comes as a PKCS#12 whose password is shown once."""

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from sqlalchemy import select

from ca.serial_numbers import serial_number_of
from enrollment.models import Renewal
from enrollment.slips.issued_slip import IssuedSlip
from foundation.errors import Conflict, Invalid, NotFound, Unavailable
from tests.support.enrolling import SETTINGS, VISITOR, Counter
from tests.support.renewing import enter_window, log_in_with, new_key, settle


@pytest.fixture
def unit(counter: Counter) -> IssuedSlip:
    slip = settle(counter)
    enter_window(counter)
    return slip


@pytest.mark.parametrize("form", ["modern", "compatible"])
def test_the_file_opens_with_the_password_and_logs_in(
    counter: Counter, unit: IssuedSlip, form: str
) -> None:
    files = counter.services.renewal.files
    made = files.make(unit.serial_number, form, VISITOR)
    taken = files.take(unit.serial_number, VISITOR)
    assert made.file_name == taken.file_name == f"certgate-{unit.username}.p12"

    bundle = load_pkcs12(taken.pkcs12, made.download_password.encode())
    assert bundle.cert is not None
    assert bundle.key is not None
    certificate = bundle.cert.certificate
    assert certificate.public_key() == bundle.key.public_key()
    assert [each.certificate.subject for each in bundle.additional_certs] == [certificate.issuer]
    name = (bundle.cert.friendly_name or b"").decode()
    assert unit.username in name
    assert f"{certificate.not_valid_after_utc:%Y-%m-%d}" in name

    log_in_with(counter, unit.username, serial_number_of(certificate.serial_number))
    with pytest.raises(NotFound, match="renewal-file-gone"):
        files.take(unit.serial_number, VISITOR)


def test_the_password_has_eighty_bits_and_stands_nowhere(
    counter: Counter, unit: IssuedSlip
) -> None:
    made = counter.services.renewal.files.make(unit.serial_number, "modern", VISITOR)
    shape = SETTINGS.slips.download_password
    assert len(made.download_password.replace("-", "")) == shape.length
    assert made.download_password not in repr(made)
    with counter.database.reading() as session:
        (sealed,) = session.scalars(select(Renewal.sealed_pkcs12)).all()
    assert sealed is not None
    assert made.download_password.encode() not in sealed
    for entry in counter.audit():
        assert made.download_password not in entry.facts
    with pytest.raises(ValueError, match=r"(?i)password"):
        load_pkcs12(sealed, b"AAAA-BBBB-CCCC-DDDD")


def test_a_discarded_file_is_erased(counter: Counter, unit: IssuedSlip) -> None:
    counter.services.renewal.files.make(unit.serial_number, "modern", VISITOR)
    counter.services.renewal.renewals.discard(unit.serial_number, VISITOR)
    with counter.database.reading() as session:
        assert session.scalars(select(Renewal.sealed_pkcs12)).all() == [None]


def test_an_expired_file_is_erased(counter: Counter, unit: IssuedSlip) -> None:
    counter.services.renewal.files.make(unit.serial_number, "modern", VISITOR)
    counter.clock.advance(SETTINGS.renewal_unused)
    assert counter.services.renewal.expiry.expire_due() == 1
    with counter.database.reading() as session:
        assert session.scalars(select(Renewal.sealed_pkcs12)).all() == [None]


def test_a_second_file_is_refused_while_the_first_waits(counter: Counter, unit: IssuedSlip) -> None:
    files = counter.services.renewal.files
    made = files.make(unit.serial_number, "modern", VISITOR)
    with pytest.raises(Conflict, match="renewal-pending"):
        files.make(unit.serial_number, "modern", VISITOR)
    taken = files.take(unit.serial_number, VISITOR)
    assert load_pkcs12(taken.pkcs12, made.download_password.encode()).key is not None


def test_a_file_that_was_never_stored_leaves_a_way_out(
    counter: Counter, unit: IssuedSlip, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of an interrupted attempt is nowhere: it is discarded and made anew."""
    files, renewal = counter.services.renewal.files, counter.services.renewal

    def silent(*_: object, **__: object) -> None:
        raise Unavailable("key-unavailable", key_name="issuing")

    with monkeypatch.context() as patch:
        patch.setattr(counter.certification.issuance, "complete", silent)
        with pytest.raises(Unavailable, match="certificate-pending"):
            files.make(unit.serial_number, "modern", VISITOR)
    with counter.database.reading() as session:
        pending = renewal.statuses.get(session, unit.serial_number).pending
    assert pending is not None
    assert (pending.way, pending.has_file) == ("file", False)
    renewal.renewals.discard(unit.serial_number, VISITOR)
    assert counter.certificate_state(pending.new_serial_number) == "abandoned"
    assert files.make(unit.serial_number, "modern", VISITOR).download_password


def test_there_is_no_file_for_a_key_of_the_subscribers_own(
    counter: Counter, unit: IssuedSlip
) -> None:
    counter.services.renewal.renewals.renew(
        unit.serial_number, new_key().public_key(), "request", VISITOR
    )
    with pytest.raises(NotFound, match="renewal-file-gone"):
        counter.services.renewal.files.take(unit.serial_number, VISITOR)


def test_an_unknown_form_is_refused_before_anything_is_made(
    counter: Counter, unit: IssuedSlip
) -> None:
    with pytest.raises(Invalid, match="pickup-format-unknown"):
        counter.services.renewal.files.make(unit.serial_number, "ancient", VISITOR)
    with counter.database.reading() as session:
        assert session.scalars(select(Renewal)).all() == []
