"""What the CA writes is, octet for octet, what the library would have built."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.encoding.tbs import TbsContent, encode_tbs
from ca.key_types import CaPrivateKey
from ca.keys import KeyAlgorithm, generate_key
from ca.names.subject import Subject
from tests.support.drafts import (
    DraftContent,
    draft_end_entity,
    draft_issuing,
    draft_root,
    draft_server,
)

P256 = ec.derive_private_key(7, ec.SECP256R1())
PLAIN = draft_end_entity()


def built_by_the_library(content: TbsContent, key: CaPrivateKey) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .serial_number(content.serial_number)
        .issuer_name(content.issuer)
        .subject_name(content.subject)
        .public_key(content.public_key)
        .not_valid_before(content.not_before)
        .not_valid_after(content.not_after)
    )
    for value, critical in content.extensions:
        builder = builder.add_extension(value, critical)
    signed = builder.sign(key, signature_algorithm_of(key.public_key()).hash)
    return signed.tbs_certificate_bytes


@pytest.mark.parametrize(
    "draft",
    [
        draft_root(),
        draft_issuing(),
        draft_server(),
        draft_end_entity(),
        draft_end_entity("officer"),
        draft_end_entity("person"),
        draft_end_entity("ocsp", subject=Subject("OCSP Responder")),
    ],
    ids=lambda draft: draft.profile.name,
)
def test_every_profile(draft: DraftContent) -> None:
    assert encode_tbs(draft.content, P256.public_key()) == built_by_the_library(draft.content, P256)


@pytest.mark.parametrize(
    "algorithm", ["ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519", "ml-dsa-65"]
)
def test_every_kind_of_key_for_subject_and_issuer(algorithm: KeyAlgorithm) -> None:
    key = generate_key(algorithm)
    content = PLAIN.with_key(key.public_key()).content
    assert encode_tbs(content, key.public_key()) == built_by_the_library(content, key)


def test_an_rsa_key_of_odd_size() -> None:
    key = rsa.generate_private_key(65537, 2056)
    content = PLAIN.with_key(key.public_key()).content
    assert encode_tbs(content, key.public_key()) == built_by_the_library(content, key)


_MOMENTS = st.datetimes(
    datetime(1950, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2110, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))


@given(
    serial_number=st.integers(min_value=1, max_value=(1 << 159) - 1),
    moments=st.tuples(_MOMENTS, _MOMENTS).map(sorted),
)
def test_every_number_and_every_time(serial_number: int, moments: list[datetime]) -> None:
    draft = PLAIN.but(serial_number=serial_number, not_before=moments[0], not_after=moments[1])
    assert encode_tbs(draft.content, P256.public_key()) == built_by_the_library(draft.content, P256)


@given(
    organization=st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=40),
    username=st.from_regex(r"[a-z]{2}[0-9]{6}", fullmatch=True),
)
def test_every_name(organization: str, username: str) -> None:
    subject = Subject.of_unit(
        username=username, name=organization, credit_code="91420100MA4KXYZ12X"
    )
    draft = PLAIN.but(subject=subject.name(PLAIN.profile.name_defaults))
    assert encode_tbs(draft.content, P256.public_key()) == built_by_the_library(draft.content, P256)
