"""Expiry notices of this installation, by mail when a server is set."""

from enrollment.notices.letters import NoticeLetters
from enrollment.notices.sending import ExpiryNotices
from foundation.mail import Mailer, SmtpMailer, SmtpServer
from foundation.settings import Settings
from gateway.composition.ground import Ground


def expiry_notices(ground: Ground) -> ExpiryNotices:
    """Return the job that writes to units."""
    return ExpiryNotices(
        database=ground.database,
        mailer=_mailer(ground),
        letters=NoticeLetters(
            ground.catalogues, ground.zone, f"{ground.settings.portal_url}/renewal"
        ),
        days=ground.parameters.certificates.notice_days,
        audit=ground.audit,
        clock=ground.clock,
    )


def _mailer(ground: Ground) -> Mailer | None:
    server = _server(ground.settings)
    return None if server is None else SmtpMailer(server, ground.clock)


def _server(settings: Settings) -> SmtpServer | None:
    if settings.smtp_host is None or settings.smtp_sender is None:
        return None
    return SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_sender,
        username=settings.smtp_username,
        password_file=settings.smtp_password_file,
        ca_file=settings.smtp_ca_file,
    )
