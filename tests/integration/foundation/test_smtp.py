"""Letters to a real mail server: nothing leaves without TLS, and every answer is understood."""

import ssl
from pathlib import Path

import pytest

from foundation.mail import Letter, MailRefused, MailUnavailable, SmtpMailer, SmtpServer
from tests.support.clock import FakeClock
from tests.support.mail import ELSEWHERE, PASSWORD, USERNAME, make_tls, running_mail_server

LETTER = Letter("li.li@unit.example", "数字证书将到期", "您好\n\n再见", "certgate-expiry-ab-30")
SENDER = "noreply@shebao.example"


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "smtp-password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return file


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    return make_tls(tmp_path, ELSEWHERE)


def mailer(port: int, host: str = "127.0.0.1", **options: Path | str) -> SmtpMailer:
    return SmtpMailer(SmtpServer(host, port, SENDER, **options), FakeClock())  # type: ignore[arg-type]


def test_a_letter_arrives_whole() -> None:
    with running_mail_server() as server:
        mailer(server.port).send(LETTER)
    (delivered,) = server.delivered
    assert delivered.sender == SENDER
    assert delivered.recipients == (LETTER.recipient,)
    assert delivered.message["subject"] == LETTER.subject
    assert delivered.message.get_content().splitlines() == LETTER.text.splitlines()


def test_to_another_machine_a_letter_goes_under_tls_with_the_password_in_it(
    tls: tuple[ssl.SSLContext, Path], password_file: Path
) -> None:
    context, ca_file = tls
    with running_mail_server(context, wants_login=True) as server:
        mailer(
            server.port, ELSEWHERE, ca_file=ca_file, username=USERNAME, password_file=password_file
        ).send(LETTER)
    (delivered,) = server.delivered
    assert (delivered.over_tls, delivered.logged_in) == (True, True)


def test_a_server_without_starttls_gets_nothing(password_file: Path) -> None:
    """Somebody in between may have taken the offer out of the greeting."""
    with running_mail_server() as server, pytest.raises(MailUnavailable):
        mailer(server.port, ELSEWHERE, username=USERNAME, password_file=password_file).send(LETTER)
    assert server.delivered == []


def test_a_named_ca_demands_tls_on_this_machine_as_well(
    tls: tuple[ssl.SSLContext, Path],
) -> None:
    with running_mail_server() as server, pytest.raises(MailUnavailable):
        mailer(server.port, ca_file=tls[1]).send(LETTER)
    assert server.delivered == []


def test_a_server_nobody_vouches_for_gets_nothing(tls: tuple[ssl.SSLContext, Path]) -> None:
    with running_mail_server(tls[0]) as server, pytest.raises(MailUnavailable):
        mailer(server.port, ELSEWHERE).send(LETTER)
    assert server.delivered == []


def test_a_server_of_another_name_gets_nothing(tmp_path: Path) -> None:
    context, ca_file = make_tls(tmp_path, "mail.example.org")
    with running_mail_server(context) as server, pytest.raises(MailUnavailable):
        mailer(server.port, ELSEWHERE, ca_file=ca_file).send(LETTER)
    assert server.delivered == []


def test_a_wrong_password_is_not_told(
    tls: tuple[ssl.SSLContext, Path], password_file: Path
) -> None:
    password_file.write_text("the wrong one", encoding="utf-8")
    with (
        running_mail_server(tls[0], wants_login=True) as server,
        pytest.raises(MailUnavailable) as refused,
    ):
        mailer(
            server.port, ELSEWHERE, ca_file=tls[1], username=USERNAME, password_file=password_file
        ).send(LETTER)
    assert "the wrong one" not in repr(refused.value)
    assert server.delivered == []


@pytest.mark.parametrize("step", ["recipient_answer", "data_answer"])
def test_never_and_not_now_are_told_apart(step: str) -> None:
    """RFC 5321 section 4.2.1: 5yz is for good, 4yz may pass."""
    with running_mail_server() as server:
        setattr(server, step, "550 no such unit")
        with pytest.raises(MailRefused):
            mailer(server.port).send(LETTER)
        setattr(server, step, "450 come back later")
        with pytest.raises(MailUnavailable):
            mailer(server.port).send(LETTER)
    assert server.delivered == []


def test_where_nobody_listens_it_is_unavailable() -> None:
    with running_mail_server() as server:
        pass
    with pytest.raises(MailUnavailable):
        mailer(server.port).send(LETTER)


def test_a_missing_password_file_is_unavailable(tmp_path: Path) -> None:
    with running_mail_server() as server, pytest.raises(MailUnavailable):
        mailer(server.port, username=USERNAME, password_file=tmp_path / "gone").send(LETTER)
    assert server.delivered == []
