"""Which mail server the settings mean, and that without one nobody is written to."""

from pathlib import Path

import pytest

from foundation.mail import SmtpServer
from foundation.settings import Settings
from gateway.composition import notices
from gateway.composition.ground import lay_ground
from tests.support.clock import FakeClock


@pytest.mark.parametrize("with_server", [True, False])
def test_the_settings_say_where_letters_are_handed_in(tmp_path: Path, with_server: bool) -> None:
    mail = Settings(
        data=tmp_path,
        smtp_host="mail.example.org",
        smtp_sender="noreply@shebao.example",
        smtp_username="certgate",
        smtp_password_file=tmp_path / "password",
        smtp_ca_file=tmp_path / "ca.pem",
    )
    settings = mail if with_server else Settings(data=tmp_path)
    expected = SmtpServer(
        "mail.example.org",
        587,
        "noreply@shebao.example",
        "certgate",
        tmp_path / "password",
        tmp_path / "ca.pem",
    )
    assert notices._server(settings) == (expected if with_server else None)


def test_without_a_mail_server_the_job_does_nothing(tmp_path: Path) -> None:
    ground = lay_ground(Settings(data=tmp_path), clock=FakeClock())
    # It does not even look: this database has no tables.
    assert notices.expiry_notices(ground).send_due() == 0
    ground.database.dispose()
