"""A unit is written to in time, once for each number of days, and nobody else is."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from ca.models import CertificateRecord
from enrollment.models import ExpiryNotice, Unit
from enrollment.notices.letters import NoticeLetters
from enrollment.notices.sending import ExpiryNotices
from enrollment.slips.issued_slip import IssuedSlip
from foundation.errors import Invalid
from foundation.i18n import Catalogues
from foundation.mail import Letter, MailRefused, MailUnavailable, SmtpMailer, SmtpServer
from tests.support.at_once import at_once
from tests.support.enrolling import ANOTHER_CREDIT_CODE, OFFICER, VISITOR, Counter
from tests.support.mail import MailerDouble, running_mail_server
from tests.support.renewing import new_key, settle

DAYS = (60, 30, 14, 7, 1)
RENEWAL_URL = "https://portal.example.org:9443/renewal"
EMAIL = "caiwu@changjiang.example"


@pytest.fixture(scope="module")
def catalogues() -> Catalogues:
    return Catalogues.load(["foundation", "enrollment"], strict=True)


@pytest.fixture
def mailer() -> MailerDouble:
    return MailerDouble()


@pytest.fixture
def notices(counter: Counter, mailer: MailerDouble, catalogues: Catalogues) -> ExpiryNotices:
    return notices_by(counter, mailer, catalogues)


@pytest.fixture
def unit(counter: Counter) -> IssuedSlip:
    slip = settle(counter)
    give_address(counter, EMAIL)
    return slip


def notices_by(
    counter: Counter, mailer: MailerDouble | SmtpMailer | None, catalogues: Catalogues
) -> ExpiryNotices:
    return ExpiryNotices(
        database=counter.database,
        mailer=mailer,
        letters=NoticeLetters(catalogues, ZoneInfo("Asia/Shanghai"), RENEWAL_URL),
        days=DAYS,
        audit=counter.certification.audit,
        clock=counter.clock,
    )


def give_address(counter: Counter, email: str) -> None:
    with counter.database.writing() as session:
        session.execute(update(Unit).values(contact_email=email))


def suspend(counter: Counter, slip: IssuedSlip) -> None:
    with counter.database.writing() as session:
        counter.services.standing.suspend(session, slip.username, OFFICER)


def hold(counter: Counter, slip: IssuedSlip) -> None:
    with counter.database.writing() as session:
        counter.revocation.hold(session, slip.serial_number, OFFICER)


def revoke(counter: Counter, slip: IssuedSlip) -> None:
    with counter.database.writing() as session:
        counter.revocation.revoke(session, slip.serial_number, "keyCompromise", OFFICER)


def leave(counter: Counter, slip: IssuedSlip, left: timedelta) -> None:
    """Go to the moment at which so much is left of the certificate."""
    with counter.database.reading() as session:
        record = session.get_one(CertificateRecord, slip.serial_number)
        assert record.not_after is not None
        counter.clock.set(record.not_after - left)


def states(counter: Counter) -> dict[int, str]:
    with counter.database.reading() as session:
        return {each.days: each.state for each in session.scalars(select(ExpiryNotice))}


def test_each_notice_goes_out_once_when_its_day_comes(
    counter: Counter, notices: ExpiryNotices, mailer: MailerDouble, unit: IssuedSlip
) -> None:
    for number, days in enumerate(DAYS, start=1):
        leave(counter, unit, timedelta(days=days, seconds=1))
        assert notices.send_due() == 0
        leave(counter, unit, timedelta(days=days))
        assert notices.send_due() == 1
        assert notices.send_due() == 0
        assert len(mailer.letters) == number
    assert states(counter) == dict.fromkeys(DAYS, "sent")
    assert counter.actions("notice.") == ["notice.sent"] * len(DAYS)


def test_what_was_missed_is_not_made_up_for(
    counter: Counter, notices: ExpiryNotices, mailer: MailerDouble, unit: IssuedSlip
) -> None:
    """A mail server that is set up late does not write five letters at once."""
    leave(counter, unit, timedelta(days=10))
    assert notices.send_due() == 1
    assert states(counter) == {14: "sent"}
    assert "10 days left" in mailer.letters[0].subject


def test_after_the_end_nothing_is_sent(
    counter: Counter, notices: ExpiryNotices, unit: IssuedSlip
) -> None:
    leave(counter, unit, timedelta(0))
    assert notices.send_due() == 0


def test_the_letter_says_what_to_do_in_both_languages(
    counter: Counter, notices: ExpiryNotices, mailer: MailerDouble, unit: IssuedSlip
) -> None:
    leave(counter, unit, timedelta(days=30))
    notices.send_due()
    (letter,) = mailer.letters
    local = (counter.clock.now() + timedelta(days=30)).astimezone(ZoneInfo("Asia/Shanghai"))
    assert letter.recipient == EMAIL
    assert letter.text.index("数字证书") < letter.text.index("digital certificate")
    assert letter.text.count(RENEWAL_URL) == 2
    assert letter.text.count(local.date().isoformat()) == 2
    assert letter.text.count(unit.username) == 2
    # The whole number is one half of what a pickup asks for.
    assert unit.serial_number not in letter.text
    assert unit.serial_number[-6:] in letter.text


@pytest.mark.parametrize(
    "change",
    [
        lambda counter, _: give_address(counter, ""),
        suspend,
        hold,
        revoke,
    ],
    ids=["no address", "suspended", "on hold", "revoked"],
)
def test_who_cannot_renew_is_not_told_to(
    counter: Counter,
    notices: ExpiryNotices,
    unit: IssuedSlip,
    change: Callable[[Counter, IssuedSlip], None],
) -> None:
    leave(counter, unit, timedelta(days=30))
    change(counter, unit)
    assert notices.send_due() == 0


def test_a_certificate_nobody_has_used_is_the_slips_matter(
    counter: Counter, notices: ExpiryNotices
) -> None:
    slip = counter.register()
    counter.services.pickup.redeem(slip.serial_number, slip.download_password, "modern", VISITOR)
    give_address(counter, EMAIL)
    leave(counter, slip, timedelta(days=30))
    assert notices.send_due() == 0


def test_a_successor_is_not_written_about(
    counter: Counter, notices: ExpiryNotices, mailer: MailerDouble, unit: IssuedSlip
) -> None:
    leave(counter, unit, timedelta(days=30))
    counter.services.renewal.renewals.renew(
        unit.serial_number, new_key().public_key(), "request", VISITOR
    )
    assert notices.send_due() == 1
    assert unit.serial_number[-6:] in mailer.letters[0].text


def test_a_server_that_is_away_is_tried_again_later(
    counter: Counter, notices: ExpiryNotices, mailer: MailerDouble, unit: IssuedSlip
) -> None:
    leave(counter, unit, timedelta(days=30))
    mailer.failure = MailUnavailable()
    assert notices.send_due() == 0
    assert states(counter) == {30: "claimed"}
    mailer.failure = None
    # Another run may be at it just now.
    assert notices.send_due() == 0
    counter.clock.advance(minutes=30)
    assert notices.send_due() == 1
    assert states(counter) == {30: "sent"}


def test_a_crash_after_the_letter_sends_the_same_letter_again(
    counter: Counter, notices: ExpiryNotices, mailer: MailerDouble, unit: IssuedSlip
) -> None:
    """At least once; the same key makes the same Message-ID."""

    class Killed(BaseException):
        pass

    def delivered_then_killed(letter: Letter) -> None:
        mailer.letters.append(letter)
        raise Killed

    leave(counter, unit, timedelta(days=30))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mailer, "send", delivered_then_killed)
        with pytest.raises(Killed):
            notices.send_due()
    counter.clock.advance(minutes=30)
    assert notices.send_due() == 1
    first, second = mailer.letters
    assert first.key == second.key
    assert notices.send_due() == 0


def test_an_address_that_is_refused_is_not_tried_again(
    counter: Counter, notices: ExpiryNotices, mailer: MailerDouble, unit: IssuedSlip
) -> None:
    other = settle(counter, ANOTHER_CREDIT_CODE)
    give_address(counter, EMAIL)
    leave(counter, unit, timedelta(days=30))
    for failure in (MailRefused(), Invalid("mail-address-invalid")):
        mailer.failure = failure
        notices.send_due()
    mailer.failure = None
    counter.clock.advance(hours=1)
    assert notices.send_due() == 0
    refused = [entry for entry in counter.audit() if entry.action == "notice.refused"]
    assert {entry.subject for entry in refused} == {
        f"unit:{unit.username}",
        f"unit:{other.username}",
    }
    assert all(EMAIL not in entry.facts for entry in refused)


def test_runs_at_once_send_one_letter(
    counter: Counter, notices: ExpiryNotices, mailer: MailerDouble, unit: IssuedSlip
) -> None:
    leave(counter, unit, timedelta(days=30))
    results = at_once(3, notices.send_due)
    assert sorted(results, key=str) == [0, 0, 1]
    assert len(mailer.letters) == 1


def test_without_a_mail_server_nothing_is_claimed(
    counter: Counter, catalogues: Catalogues, unit: IssuedSlip
) -> None:
    leave(counter, unit, timedelta(days=30))
    assert notices_by(counter, None, catalogues).send_due() == 0
    assert states(counter) == {}


def test_a_real_mail_server_gets_the_letter(
    counter: Counter, catalogues: Catalogues, unit: IssuedSlip
) -> None:
    leave(counter, unit, timedelta(days=7))
    with running_mail_server() as server:
        smtp = SmtpServer("127.0.0.1", server.port, "noreply@shebao.example")
        assert notices_by(counter, SmtpMailer(smtp, counter.clock), catalogues).send_due() == 1
    (delivered,) = server.delivered
    assert delivered.recipients == (EMAIL,)
    assert "7 days left" in delivered.message["subject"]
    assert unit.serial_number.lower() not in delivered.message.as_string().lower()
