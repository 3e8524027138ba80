"""Whatever stands in a request, it is compared or refused, and never a fault."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from enrollment.est.requests import require_names_of, require_plain_key_request
from foundation.errors import Invalid
from tests.support.renewing import new_key, request_for

KEY = new_key()
SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
        x509.NameAttribute(NameOID.COMMON_NAME, "武汉长江贸易有限公司 (wh000001)"),
        x509.NameAttribute(NameOID.USER_ID, "wh000001"),
    ]
)
NAMES = (x509.DNSName("unit.example"), x509.RFC822Name("caiwu@unit.example"))
CHALLENGE_PASSWORD = x509.ObjectIdentifier("1.2.840.113549.1.9.7")
CHANGE_SUBJECT_NAME = x509.ObjectIdentifier("1.3.6.1.5.5.7.7.36")  # RFC 6402 section 2.8
DECRYPT_KEY_IDENTIFIER = x509.ObjectIdentifier("1.2.840.113549.1.9.16.2.37")
CODES = {"est-request-unreadable", "est-names-differ", "est-key-encryption-unsupported"}


def a_certificate(*names: x509.GeneralName) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(SUBJECT)
        .issuer_name(SUBJECT)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2027, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2028, 1, 1, tzinfo=UTC))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(KEY, hashes.SHA256())


CERTIFICATE = a_certificate()
SEEDS = (
    request_for(KEY, SUBJECT),
    request_for(KEY, SUBJECT, alternative_names=NAMES),
    request_for(KEY, SUBJECT, attributes=((DECRYPT_KEY_IDENTIFIER, b"an identifier"),)),
)


def test_a_wish_for_another_name_is_refused_though_the_present_one_stands_in_the_request() -> None:
    """RFC 7030 section 4.2.2; nobody who says so himself may have another name."""
    wish = request_for(KEY, SUBJECT, attributes=((CHANGE_SUBJECT_NAME, b"CN=somebody else"),))
    with pytest.raises(Invalid) as refused:
        require_names_of(CERTIFICATE, wish)
    assert refused.value.code == "est-names-differ"


def test_the_same_names_are_accepted_whatever_the_string_type() -> None:
    """openssl writes PrintableString where the profile writes UTF8String."""
    printable = x509.NameAttribute(
        NameOID.USER_ID, "wh000001", _type=x509.name._ASN1Type.PrintableString
    )
    other_type = x509.Name([*list(SUBJECT)[:2], printable])
    assert other_type.public_bytes() != SUBJECT.public_bytes()
    require_names_of(CERTIFICATE, request_for(KEY, other_type))


def test_alternative_names_are_compared_as_a_set() -> None:
    named = a_certificate(*NAMES)
    require_names_of(named, request_for(KEY, SUBJECT, alternative_names=NAMES[::-1]))
    for names in ((), NAMES[:1], (*NAMES, x509.DNSName("other.example"))):
        with pytest.raises(Invalid, match="est-names-differ"):
            require_names_of(named, request_for(KEY, SUBJECT, alternative_names=names))


@pytest.mark.parametrize(
    "subject",
    [
        x509.Name([]),
        x509.Name(list(SUBJECT)[1:]),
        x509.Name(list(SUBJECT)[::-1]),
        x509.Name([*SUBJECT, x509.NameAttribute(NameOID.ORGANIZATION_NAME, "more")]),
        x509.Name([*list(SUBJECT)[:2], x509.NameAttribute(NameOID.USER_ID, "WH000001")]),
    ],
)
def test_any_other_subject_is_refused(subject: x509.Name) -> None:
    with pytest.raises(Invalid, match="est-names-differ"):
        require_names_of(CERTIFICATE, request_for(KEY, subject))


def test_other_attributes_do_not_matter() -> None:
    request = request_for(KEY, SUBJECT, attributes=((CHALLENGE_PASSWORD, b"anything"),))
    require_names_of(CERTIFICATE, request)
    require_plain_key_request(request)


@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=5),
    cut=st.integers(0, 20),
)
def test_a_damaged_request_is_read_or_refused(
    seed: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    damaged = bytearray(seed[: len(seed) - cut])
    for at, value in changes:
        damaged[at % len(damaged)] = value
    for verify in (require_plain_key_request, lambda der: require_names_of(CERTIFICATE, der)):
        try:
            verify(bytes(damaged))
        except Invalid as refused:
            assert refused.code in CODES  # noqa: PT017 - either outcome is right


@given(octets=st.binary(max_size=300))
def test_any_octets_are_refused(octets: bytes) -> None:
    with pytest.raises(Invalid, match="est-request-unreadable"):
        require_plain_key_request(octets)
