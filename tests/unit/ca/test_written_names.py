"""Names written here are the library's, octet for octet and letter for letter (RFC 5280, 4514)."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st

from ca.errors import SubjectRefused
from ca.names.subject import Subject
from ca.names.written_names import write_attribute, write_name
from tests.support.certification import make_profiles

DEFAULTS = make_profiles().get("unit").name_defaults
LONG = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "\u5b57" * 64)
_ANY = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60)


@given(value=_ANY)
@example(value="#begins with a number sign")
@example(value=" begins and ends with a space ")
@example(value='all of \\ " + , ; < > =')
def test_every_value(value: str) -> None:
    oids = (NameOID.USER_ID, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATION_IDENTIFIER)
    name = x509.Name([x509.NameAttribute(oid, value) for oid in oids])
    written = write_name([write_attribute(oid, value) for oid in oids])
    assert written.der == name.public_bytes()
    assert written.text == name.rfc4514_string()


@given(name=_ANY, username=st.from_regex(r"[a-z]{2}[0-9]{6}", fullmatch=True))
def test_every_subject(name: str, username: str) -> None:
    subject = Subject.of_unit(username=username, name=name, credit_code="91420100MA4KXYZ12X")
    written = subject.written(DEFAULTS)
    assert written.der == subject.name(DEFAULTS).public_bytes()
    assert written.text == subject.name(DEFAULTS).rfc4514_string()


def test_defaults_of_any_length_and_those_that_the_subject_has_itself() -> None:
    for subject in (Subject("somebody"), Subject("somebody", organization="of his own")):
        written = subject.written((*DEFAULTS, LONG))
        assert written.der == subject.name((*DEFAULTS, LONG)).public_bytes()
        assert written.text == subject.name((*DEFAULTS, LONG)).rfc4514_string()


@pytest.mark.parametrize("value", ["", " ", "x" * 65, "a\nb", "\u200b"])
def test_what_does_not_fit_is_refused_as_ever(value: str) -> None:
    with pytest.raises(SubjectRefused):
        Subject(value).written()
