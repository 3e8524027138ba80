"""An SMTP client that hands letters to one mail server (RFC 5321, STARTTLS RFC 3207).

Letters name units and dates, and the login is a password: without TLS nothing
is sent, except to a server on this very machine for which no CA was named. A man
in the middle who strips STARTTLS from the greeting gets no letter.
"""

import smtplib
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

from foundation.clock import Clock
from foundation.errors import Invalid, Unavailable
from foundation.mail.letter import Letter, build_message

_SECONDS = 20
_PERMANENT = 500


class MailUnavailable(Unavailable):
    """The mail server cannot be reached, trusted or logged in to; later it may."""

    def __init__(self) -> None:
        super().__init__("mail-unavailable")


class MailRefused(Invalid):
    """The mail server will not take this letter, now or later."""

    def __init__(self) -> None:
        super().__init__("mail-refused")


class Mailer(Protocol):
    """Whatever sends letters."""

    def send(self, letter: Letter) -> None:
        """Send one letter; raises `MailRefused`, `MailUnavailable` and `Invalid` for an address."""
        ...


@dataclass(frozen=True)
class SmtpServer:
    """Where letters are handed in.

    `password_file` holds the password alone; it is read at each use, so that a
    change needs no restart. `ca_file` names the CA of the server's certificate
    when it is not one that this machine trusts anyway.
    """

    host: str
    port: int
    sender: str
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None


class SmtpMailer:
    """Sends each letter over a connection of its own; safe for many threads."""

    def __init__(self, server: SmtpServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    def send(self, letter: Letter) -> None:
        """Hand one letter to the server, which then answers for it (RFC 5321 section 4.2.5).

        Raises `MailRefused` when the server says never (5xx), `MailUnavailable`
        for everything that may pass, and `Invalid` ("mail-address-invalid").
        """
        message = build_message(letter, self._server.sender, self._clock.now())
        try:
            with smtplib.SMTP(self._server.host, self._server.port, timeout=_SECONDS) as client:
                self._secure(client)
                self._log_in(client)
                client.send_message(message)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as refused:
            raise _judged(refused) from refused
        except (smtplib.SMTPException, OSError) as failure:
            raise MailUnavailable from failure

    def _secure(self, client: smtplib.SMTP) -> None:
        # What Debian's mail servers show on their own machine nobody has signed.
        if _is_loopback(self._server.host) and self._server.ca_file is None:
            return
        # Raises when the server does not offer it or its certificate is not good.
        client.starttls(context=ssl.create_default_context(cafile=self._server.ca_file))

    def _log_in(self, client: smtplib.SMTP) -> None:
        if self._server.username is None or self._server.password_file is None:
            return
        password = self._server.password_file.read_text(encoding="utf-8", errors="replace")
        client.login(self._server.username, password.strip())


def _judged(
    refused: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError,
) -> MailRefused | MailUnavailable:
    if isinstance(refused, smtplib.SMTPDataError):
        codes = [refused.smtp_code]
    else:
        codes = [code for code, _ in refused.recipients.values()]
    return MailRefused() if min(codes) >= _PERMANENT else MailUnavailable()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
