"""Subjects read here say what the library says of them, and nothing is read that it refuses."""

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from ca.encoding.signature_algorithms import assemble_signed
from ca.linting.subjects import find_plain_attributes
from tests.support.drafts import draft_end_entity

DRAFT = draft_end_entity()
NAME = DRAFT.content.subject
OCTETS = NAME.public_bytes()
_OIDS = (NameOID.COMMON_NAME, NameOID.USER_ID, NameOID.ORGANIZATION_NAME, NameOID.SURNAME)
_KINDS = (
    _ASN1Type.UTF8String,
    _ASN1Type.PrintableString,
    _ASN1Type.BMPString,
    _ASN1Type.IA5String,
)
_ATTRIBUTES = st.builds(
    lambda oid, value, kind: x509.NameAttribute(oid, value, kind, _validate=False),
    st.sampled_from(_OIDS),
    st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=140),
    st.sampled_from(_KINDS),
)


def said(name: x509.Name) -> list[tuple[x509.ObjectIdentifier, str | bytes, _ASN1Type]]:
    return [(item.oid, item.value, item._type) for item in name]


def library_reads(octets: bytes) -> x509.Name:
    """Return the subject of a certificate that has these octets for its subject."""
    tbs = DRAFT.tbs().replace(OCTETS, octets)
    key = DRAFT.issuer_private_key.public_key()
    return x509.load_der_x509_certificate(assemble_signed(tbs, key, b"")).subject


def test_the_usual_subject_is_read_here() -> None:
    assert find_plain_attributes(OCTETS) == said(NAME)


@given(st.lists(st.lists(_ATTRIBUTES, min_size=1, max_size=2), max_size=4))
def test_what_is_read_here_is_what_the_library_says(
    rdns: list[list[x509.NameAttribute[str]]],
) -> None:
    unlike = [list(dict.fromkeys(rdn)) for rdn in rdns]
    name = x509.Name([x509.RelativeDistinguishedName(rdn) for rdn in unlike])
    plain = find_plain_attributes(name.public_bytes())
    assert plain == (said(name) if all(map(_is_plain, unlike)) else None)


def _is_plain(rdn: list[x509.NameAttribute[str]]) -> bool:
    attribute = rdn[0]
    return (
        len(rdn) == 1
        and attribute.oid != NameOID.SURNAME
        and attribute._type in (_ASN1Type.UTF8String, _ASN1Type.PrintableString)
        # The longest RDN whose length takes one octet, inside a name whose length takes two.
        and len(x509.Name(rdn).public_bytes()) <= 3 + 2 + 0x7F
    )


@given(place=st.integers(0, len(OCTETS) - 1), octet=st.integers(0, 255))
def test_one_octet_changed_is_read_as_the_library_reads_it(place: int, octet: int) -> None:
    changed = OCTETS[:place] + bytes([octet]) + OCTETS[place + 1 :]
    if place < 3:
        return  # tag and length of the whole are `ca.linting.octets`' to check
    plain = find_plain_attributes(changed)
    if plain is not None:
        assert plain == said(library_reads(changed))


@pytest.mark.parametrize("end", range(2, len(OCTETS)))
def test_what_is_cut_off_is_not_read(end: int) -> None:
    cut = find_plain_attributes(OCTETS[:end])
    # The end of an RDN may be the end of a name: then it is a shorter one.
    assert cut is None or cut == said(NAME)[: len(cut)]
