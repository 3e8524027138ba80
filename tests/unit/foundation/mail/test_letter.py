"""No text, wherever it comes from, adds a header or a recipient to a letter."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Invalid
from foundation.mail import Letter, build_message
from tests.support.clock import NEW_YEAR

SENDER = "noreply@shebao.example"
HEADERS = {
    "from", "to", "subject", "date", "message-id", "auto-submitted", "content-type",
    "content-transfer-encoding", "mime-version",
}  # fmt: skip


def a_letter(**parts: str) -> Letter:
    letter = {
        "recipient": "li.li@unit.example",
        "subject": "数字证书将到期",
        "text": "您好",
        "key": "certgate-expiry-ab-30",
    }
    return Letter(**{**letter, **parts})


def parsed(letter: Letter) -> EmailMessage:
    """Return the letter as a mail server reads it from the wire."""
    message = message_from_bytes(
        build_message(letter, SENDER, NEW_YEAR).as_bytes(), policy=policy.SMTP
    )
    assert isinstance(message, EmailMessage)
    return message


def test_a_letter_says_who_to_whom_about_what() -> None:
    message = parsed(a_letter())
    assert message["from"] == SENDER
    assert message["to"] == "li.li@unit.example"
    assert message["subject"] == "数字证书将到期"
    assert message["message-id"] == "<certgate-expiry-ab-30@shebao.example>"
    assert message["auto-submitted"] == "auto-generated"
    assert message["date"].datetime == NEW_YEAR
    assert message.get_content().strip() == "您好"


def test_the_same_letter_has_the_same_identifier() -> None:
    assert parsed(a_letter())["message-id"] == parsed(a_letter(text="later"))["message-id"]


@given(
    subject=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=500),
)
def test_whatever_the_text_the_headers_stay(subject: str, text: str) -> None:
    message = parsed(a_letter(subject=subject, text=text))
    assert {name.lower() for name in message} == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert message.get_all("to") == ["li.li@unit.example"]


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "nobody",
        "@unit.example",
        "li.li@",
        "li.li@unit.example\r\nBcc: everybody@example.org",
        "li.li@unit.example\nBcc: everybody@example.org",
        "li.li@unit.example, everybody@example.org",
        "li li@unit.example",
        "<li.li@unit.example>",
        "李丽@unit.example",
        "li.li@unit.example\x00",
    ],
)
def test_what_is_not_one_plain_address_is_refused(recipient: str) -> None:
    with pytest.raises(Invalid, match="mail-address-invalid"):
        build_message(a_letter(recipient=recipient), SENDER, NEW_YEAR)


@given(recipient=st.text(max_size=60))
def test_any_text_as_an_address_is_refused_or_is_the_one_recipient(recipient: str) -> None:
    try:
        message = parsed(a_letter(recipient=recipient))
    except Invalid:
        return
    (address,) = message["to"].addresses
    assert address.addr_spec == recipient
    assert {name.lower() for name in message} == HEADERS


@given(user=st.text(st.characters(codec="ascii"), max_size=20))
def test_any_text_before_the_at_sign_is_refused_or_kept(user: str) -> None:
    try:
        message = parsed(a_letter(recipient=f"{user}@unit.example"))
    except Invalid:
        return
    assert len(message["to"].addresses) == 1
    assert {name.lower() for name in message} == HEADERS
