"""A letter as RFC 5322 wants it, from parts that may come from anybody.

Names and addresses are typed by people. The library's own policy encodes them
and refuses line breaks in headers, so no text can add a header or a recipient.
"""

from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from foundation.errors import Invalid


@dataclass(frozen=True)
class Letter:
    """One letter in plain text; `key` makes the same letter recognisable when it comes twice."""

    recipient: str
    subject: str
    text: str
    key: str


def build_message(letter: Letter, sender: str, sent_at: datetime) -> EmailMessage:
    """Return the message; raises `Invalid` ("mail-address-invalid").

    The Message-ID follows from the letter's key: a mail system that gets the
    same letter again after a crash shows it once. RFC 3834 section 5 keeps
    automatic answers away.
    """
    sender_address, recipient = _address(sender), _address(letter.recipient)
    message = EmailMessage(policy=SMTP)
    message["From"] = sender_address
    message["To"] = recipient
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = f"<{letter.key}@{sender_address.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    # Base64 keeps every line short, whatever the text (RFC 5322 section 2.1.1).
    message.set_content(letter.text, charset="utf-8", cte="base64")
    return message


def _address(unverified_address: str) -> Address:
    try:
        address = Address(addr_spec=unverified_address)
    except (ValueError, IndexError, HeaderParseError) as fault:
        raise Invalid("mail-address-invalid") from fault
    # Anything else needs SMTPUTF8 (RFC 6531), which few servers between here and there speak.
    if not address.addr_spec.isascii() or not address.addr_spec.isprintable():
        raise Invalid("mail-address-invalid")
    if not address.username or not address.domain:
        raise Invalid("mail-address-invalid")
    return address
