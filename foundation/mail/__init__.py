"""Sending letters by SMTP."""

from foundation.mail.letter import Letter, build_message
from foundation.mail.smtp import Mailer, MailRefused, MailUnavailable, SmtpMailer, SmtpServer

__all__ = [
    "Letter",
    "MailRefused",
    "MailUnavailable",
    "Mailer",
    "SmtpMailer",
    "SmtpServer",
    "build_message",
]
