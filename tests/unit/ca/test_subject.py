"""Subject names: identity exact, display names shortened, nothing that does not fit."""

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st

from ca.errors import SubjectRefused
from ca.names.subject import Subject

CREDIT_CODE = "91420100MA4KXYZ12X"


def value(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    (attribute,) = name.get_attributes_for_oid(oid)
    assert isinstance(attribute.value, str)
    return attribute.value


def test_a_unit_is_named_by_username_and_credit_code() -> None:
    name = Subject.of_unit(username="wh000123", name="长江贸易", credit_code=CREDIT_CODE).name()
    assert value(name, NameOID.USER_ID) == "wh000123"
    assert value(name, NameOID.ORGANIZATION_IDENTIFIER) == f"NTRCN-{CREDIT_CODE}"
    assert value(name, NameOID.ORGANIZATION_NAME) == "长江贸易"
    assert value(name, NameOID.COMMON_NAME) == "长江贸易 (wh000123)"


def test_a_person_has_no_organization() -> None:
    name = Subject.of_person(username="li.wei", name="李伟").name()
    assert {item.oid for item in name} == {NameOID.COMMON_NAME, NameOID.USER_ID}


@given(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=200))
def test_a_long_name_is_shortened_and_still_ends_in_the_username(unit_name: str) -> None:
    subject = Subject.of_unit(username="wh000123", name=unit_name, credit_code=CREDIT_CODE)
    name = subject.name()
    assert len(value(name, NameOID.COMMON_NAME).encode()) <= 64
    assert value(name, NameOID.COMMON_NAME).endswith("(wh000123)")
    assert len(value(name, NameOID.ORGANIZATION_NAME)) <= 64


@given(st.text(max_size=100))
@example("\x1b \x1b")
def test_no_registered_name_keeps_its_owner_from_a_certificate(name: str) -> None:
    Subject.of_unit(username="wh000123", name=name, credit_code=CREDIT_CODE).name()
    Subject.of_person(username="li.wei", name=name).name()


def test_spaces_become_plain_and_invisible_characters_go() -> None:
    subject = Subject.of_person(username="li.wei", name=" 李\u3000\u3000伟\u200b\n")
    assert value(subject.name(), NameOID.COMMON_NAME) == "李 伟 (li.wei)"


def test_defaults_come_first_and_own_values_win() -> None:
    defaults = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "default"),
    ]
    name = Subject("a name", organization="own").name(defaults)
    assert [item.value for item in name] == ["CN", "own", "a name"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 65, "长" * 22, "two\nlines", "nul\0", "bell\x07"])
def test_a_value_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(SubjectRefused) as refused:
        Subject(text).name()
    assert refused.value.fields[0].field == "commonName"
