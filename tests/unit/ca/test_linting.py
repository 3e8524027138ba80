"""Each lint rule refuses the content that breaks it, and for each some content only it refuses."""

import ipaddress
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from ca.errors import LintRefused
from ca.extensions import Keys
from ca.keys import generate_key
from ca.linting.lint import RULES, LintedTbs
from ca.profiles import Variant
from ca.subject import Subject
from tests.support import weak_rsa
from tests.support.certification import PKI_URL, SERVER_NAMES, make_profiles
from tests.support.drafts import (
    SERIAL_NUMBER,
    DraftContent,
    authority,
    draft_end_entity,
    draft_issuing,
    draft_root,
    draft_server,
)

pytestmark = pytest.mark.conformance

ROOT = authority("root")
ISSUING = authority("issuing")
OTHER_IDENTIFIER = x509.SubjectKeyIdentifier(b"0123456789ABCDEF0123")
_PERSON = Subject.of_person(username="li.wei", name="李伟")
_SHORT = "0123456789ABCDEF"

_UNIT_NAME = (
    ("country", NameOID.COUNTRY_NAME, "CN"),
    ("organization", NameOID.ORGANIZATION_NAME, "Example"),
    ("identifier", NameOID.ORGANIZATION_IDENTIFIER, "NTRCN-91420100MA4KXYZ12X"),
    ("common_name", NameOID.COMMON_NAME, "Example (wh000123)"),
    ("user_id", NameOID.USER_ID, "wh000123"),
)


def given(value: x509.ExtensionType, *, critical: bool | None = None) -> DraftContent:
    """A unit's draft with another value of an extension, which its profile asks for."""
    return draft_end_entity().but_extension(value, critical=critical).of_its_profile()


def key_usage(**bits: bool) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
        "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


def of_key(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> DraftContent:
    return draft_end_entity().with_key(key)


def named(**changes: str | None) -> DraftContent:
    """A unit's draft whose subject has attributes changed, or left out for None."""
    attributes = [
        x509.NameAttribute(oid, value, _validate=False)
        for name, oid, usual in _UNIT_NAME
        if (value := changes.get(name, usual)) is not None
    ]
    return draft_end_entity().but(subject=x509.Name(attributes))


def with_attribute(attribute: x509.NameAttribute[str]) -> DraftContent:
    draft = named()
    return draft.but(subject=x509.Name([*draft.content.subject, attribute]))


def typed(kind: _ASN1Type, oid: x509.ObjectIdentifier, value: str) -> DraftContent:
    attributes = [
        x509.NameAttribute(one, value, _type=kind, _validate=False)
        if one == oid
        else x509.NameAttribute(one, other)
        for _, one, other in _UNIT_NAME
    ]
    return draft_end_entity().but(subject=x509.Name(attributes))


def served(*names: x509.GeneralName, common_name: str = SERVER_NAMES[0]) -> DraftContent:
    draft = draft_end_entity("server", subject=Subject(common_name))
    return draft.but_extension(x509.SubjectAlternativeName(names)).of_its_profile()


def pointing(url: str) -> DraftContent:
    access = x509.AuthorityInformationAccess(
        [
            _access(AuthorityInformationAccessOID.OCSP, url),
            _access(AuthorityInformationAccessOID.CA_ISSUERS, f"{PKI_URL}/ca/issuing.cer"),
        ]
    )
    return given(access)


def listed(*points: x509.DistributionPoint) -> DraftContent:
    return given(x509.CRLDistributionPoints(points))


def crl_at(path: str, **more: object) -> x509.DistributionPoint:
    name = x509.UniformResourceIdentifier(PKI_URL + path)
    fields = {"relative_name": None, "reasons": None, "crl_issuer": None, **more}
    return x509.DistributionPoint([name], **fields)  # type: ignore[arg-type]


def sharded() -> DraftContent:
    """A unit's draft in part 7 of the CRL that points at the full one."""
    draft = draft_end_entity()
    return replace(draft, profile=replace(draft.profile, variant=Variant("issuing", 7)))


def _access(method: x509.ObjectIdentifier, url: str) -> x509.AccessDescription:
    return x509.AccessDescription(method, x509.UniformResourceIdentifier(url))


def _key_of(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


# Content that one rule alone refuses: without the rule it would be signed.
BROKEN: list[tuple[str, Callable[[], DraftContent]]] = [
    ("serial_number_is_the_reserved_one", lambda: draft_end_entity().but(serial_number=1 << 79)),
    (
        "validity_is_inside_the_issuers",
        lambda: draft_end_entity().but(
            not_after=ISSUING.certificate.not_valid_after_utc + timedelta(seconds=1)
        ),
    ),
    (
        "validity_is_inside_the_issuers",
        lambda: draft_end_entity().but(
            not_before=ISSUING.certificate.not_valid_before_utc - timedelta(seconds=1)
        ),
    ),
    (
        "validity_is_inside_the_issuers",
        lambda: draft_root().but(not_after=draft_root().content.not_before),
    ),
    ("public_key_is_accepted", lambda: of_key(_generated(ec.SECP521R1()))),
    ("public_key_is_accepted", lambda: of_key(_generated(ec.SECP224R1()))),
    (
        "public_key_is_accepted",
        lambda: of_key(rsa.generate_private_key(65537, 1024).public_key()),  # noqa: S505 - to be refused
    ),
    ("public_key_is_strong", lambda: of_key(weak_rsa.roca().public_key())),
    ("public_key_is_strong", lambda: of_key(weak_rsa.close_primes().public_key())),
    ("public_key_is_strong", lambda: of_key(weak_rsa.shared_prime())),
    ("public_key_is_not_the_issuers", lambda: of_key(_key_of(ISSUING.certificate))),
    (
        "extensions_are_known",
        lambda: (
            draft_end_entity()
            .plus(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"))
            .of_its_profile()
        ),
    ),
    (
        "criticality_is_right",
        lambda: given(key_usage(digital_signature=True), critical=False),
    ),
    (
        "criticality_is_right",
        lambda: (
            draft_end_entity()
            .but_extensions(
                lambda value, critical: (
                    value,
                    critical or isinstance(value, x509.SubjectKeyIdentifier),
                )
            )
            .of_its_profile()
        ),
    ),
    ("basic_constraints_fit", lambda: given(x509.BasicConstraints(True, None))),
    (
        "basic_constraints_fit",
        lambda: draft_issuing().but_extension(x509.BasicConstraints(True, 1)).of_its_profile(),
    ),
    (
        "basic_constraints_fit",
        lambda: draft_issuing().but_extension(x509.BasicConstraints(True, None)).of_its_profile(),
    ),
    (
        "basic_constraints_fit",
        lambda: draft_root().but_extension(x509.BasicConstraints(False, None)).of_its_profile(),
    ),
    (
        "basic_constraints_fit",
        lambda: draft_end_entity().without(x509.BasicConstraints).of_its_profile(),
    ),
    ("key_usage_fits", lambda: given(key_usage(digital_signature=True, key_cert_sign=True))),
    ("key_usage_fits", lambda: given(key_usage(digital_signature=True, content_commitment=True))),
    ("key_usage_fits", lambda: given(key_usage(digital_signature=True, key_encipherment=True))),
    ("key_usage_fits", lambda: given(key_usage(key_agreement=True))),
    (
        "key_usage_fits",
        lambda: draft_root().but_extension(key_usage(key_cert_sign=True)).of_its_profile(),
    ),
    (
        "key_usage_fits",
        lambda: (
            draft_issuing()
            .but_extension(key_usage(key_cert_sign=True, crl_sign=True, digital_signature=True))
            .of_its_profile()
        ),
    ),
    ("key_usage_fits", lambda: draft_end_entity().without(x509.KeyUsage).of_its_profile()),
    (
        "extended_key_usage_is_the_one_purpose",
        lambda: given(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
            )
        ),
    ),
    (
        "extended_key_usage_is_the_one_purpose",
        lambda: given(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])),
    ),
    (
        "extended_key_usage_is_the_one_purpose",
        lambda: draft_end_entity().without(x509.ExtendedKeyUsage).of_its_profile(),
    ),
    (
        "extended_key_usage_is_the_one_purpose",
        lambda: (
            draft_issuing()
            .plus(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))
            .of_its_profile()
        ),
    ),
    ("subject_key_identifier_is_of_the_key", lambda: given(OTHER_IDENTIFIER)),
    (
        "subject_key_identifier_is_of_the_key",
        lambda: draft_end_entity().without(x509.SubjectKeyIdentifier).of_its_profile(),
    ),
    (
        "authority_key_identifier_is_the_issuers",
        lambda: given(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(OTHER_IDENTIFIER)
        ),
    ),
    (
        "authority_key_identifier_is_the_issuers",
        lambda: given(
            x509.AuthorityKeyIdentifier(
                _identifier_of(ISSUING.certificate),
                [x509.DirectoryName(ROOT.certificate.subject)],
                ISSUING.certificate.serial_number,
            )
        ),
    ),
    (
        "name_constraints_are_the_issuing_cas",
        lambda: (
            draft_end_entity()
            .plus(x509.NameConstraints([x509.DNSName("example.org")], None), critical=True)
            .of_its_profile()
        ),
    ),
    (
        "name_constraints_are_the_issuing_cas",
        lambda: draft_issuing().without(x509.NameConstraints).of_its_profile(),
    ),
    (
        "name_constraints_are_the_issuing_cas",
        lambda: (
            draft_issuing()
            .but_extension(x509.NameConstraints(None, [x509.DNSName("bank.example.com")]))
            .of_its_profile()
        ),
    ),
    (
        "revocation_can_be_asked",
        lambda: draft_end_entity().without(x509.CRLDistributionPoints).of_its_profile(),
    ),
    (
        "revocation_can_be_asked",
        lambda: draft_end_entity().plus(x509.OCSPNoCheck()).of_its_profile(),
    ),
    (
        "revocation_can_be_asked",
        lambda: (
            draft_end_entity("ocsp", subject=Subject("OCSP Responder"))
            .without(x509.OCSPNoCheck)
            .of_its_profile()
        ),
    ),
    (
        "one_whole_crl_is_named",
        lambda: listed(crl_at("/crl/issuing.crl"), crl_at("/other/crl/issuing.crl")),
    ),
    (
        "one_whole_crl_is_named",
        lambda: listed(
            crl_at("/crl/issuing.crl", reasons=frozenset({x509.ReasonFlags.key_compromise}))
        ),
    ),
    (
        "one_whole_crl_is_named",
        lambda: listed(
            crl_at("/crl/issuing.crl", crl_issuer=[x509.DirectoryName(ROOT.certificate.subject)])
        ),
    ),
    ("crl_is_the_shards", lambda: listed(crl_at("/crl/root.crl"))),
    ("crl_is_the_shards", lambda: listed(crl_at("/crl/issuing-2.crl"))),
    ("crl_is_the_shards", sharded),
    (
        "status_and_issuer_can_be_fetched",
        lambda: given(
            x509.AuthorityInformationAccess(
                [_access(AuthorityInformationAccessOID.OCSP, f"{PKI_URL}/ocsp")]
            )
        ),
    ),
    (
        "status_and_issuer_can_be_fetched",
        lambda: draft_end_entity().without(x509.AuthorityInformationAccess).of_its_profile(),
    ),
    ("pointers_are_plain_http", lambda: pointing("https://pki.example.org/ocsp")),
    ("pointers_are_plain_http", lambda: pointing("ldap://pki.example.org/ocsp")),
    ("pointers_are_plain_http", lambda: pointing("http:///ocsp")),
    ("pointers_are_plain_http", lambda: pointing("http://user:password@pki.example.org/ocsp")),
    ("pointers_are_plain_http", lambda: pointing("http://pki.example.org/ocsp?a=b")),
    ("pointers_are_plain_http", lambda: pointing("http://pki.example.org/ocsp#part")),
    ("pointers_are_plain_http", lambda: pointing("http://pki.example.org/a b\r\n")),
    ("issuer_is_the_authority", lambda: draft_end_entity().but(issuer=ROOT.certificate.subject)),
    ("subject_is_not_empty", lambda: draft_end_entity().but(subject=x509.Name([]))),
    ("subject_is_not_the_issuer", lambda: draft_issuing().but(subject=ROOT.certificate.subject)),
    ("subject_says_who_it_is", lambda: named(user_id=None)),
    ("subject_says_who_it_is", lambda: named(identifier=None)),
    ("subject_says_who_it_is", lambda: named(common_name=None)),
    (
        "subject_attributes_fit",
        lambda: with_attribute(x509.NameAttribute(NameOID.USER_ID, "somebody else")),
    ),
    ("subject_attributes_fit", lambda: named(user_id="x" * 257)),
    ("subject_attributes_fit", lambda: named(user_id="")),
    ("subject_attributes_fit", lambda: named(organization="一" * 65)),
    ("subject_attributes_fit", lambda: named(country="cn")),
    ("subject_attributes_fit", lambda: named(country="CHN")),
    (
        "subject_attributes_fit",
        lambda: with_attribute(x509.NameAttribute(NameOID.SURNAME, "unknown attribute")),
    ),
    (
        "subject_strings_are_of_today",
        lambda: typed(_ASN1Type.BMPString, NameOID.ORGANIZATION_NAME, "Example"),
    ),
    (
        "subject_strings_are_of_today",
        lambda: typed(_ASN1Type.T61String, NameOID.COMMON_NAME, "Example (wh000123)"),
    ),
    (
        "subject_strings_are_of_today",
        lambda: typed(_ASN1Type.UTF8String, NameOID.COUNTRY_NAME, "CN"),
    ),
    ("subject_shows_what_it_is", lambda: named(common_name="unit\u202ecod.exe")),
    ("subject_shows_what_it_is", lambda: named(common_name="unit\x00.example")),
    ("subject_shows_what_it_is", lambda: named(organization="Exam\u200bple")),
    ("subject_shows_what_it_is", lambda: named(organization="Example\u3000Two")),
    ("subject_shows_what_it_is", lambda: named(user_id=" wh000123")),
    ("subject_shows_what_it_is", lambda: named(organization="Two  spaces")),
    ("common_name_is_not_a_host_name", lambda: named(common_name="bank.example.com")),
    (
        "only_servers_have_alternative_names",
        lambda: (
            draft_end_entity()
            .plus(x509.SubjectAlternativeName([x509.DNSName(SERVER_NAMES[0])]))
            .of_its_profile()
        ),
    ),
    (
        "only_servers_have_alternative_names",
        lambda: draft_server().without(x509.SubjectAlternativeName).of_its_profile(),
    ),
    ("server_names_are_names", lambda: _served_also("*.portal.example.org")),
    ("server_names_are_names", lambda: _served_also("a..portal.example.org")),
    ("server_names_are_names", lambda: _served_also("under_score.portal.example.org")),
    ("server_names_are_names", lambda: _served_also(SERVER_NAMES[0])),
    ("server_names_are_permitted", lambda: _served_also("bank.example.com")),
    ("server_names_are_permitted", lambda: _served_also("notportal.example.org")),
    (
        "server_names_are_permitted",
        lambda: served(
            x509.DNSName(SERVER_NAMES[0]), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))
        ),
    ),
    (
        "server_common_name_is_one_of_its_names",
        lambda: served(x509.DNSName(SERVER_NAMES[0]), common_name="Somebody"),
    ),
    (
        "extensions_are_the_profiles",
        lambda: draft_end_entity().plus(x509.TLSFeature([x509.TLSFeatureType.status_request])),
    ),
    (
        "extensions_are_the_profiles",
        lambda: replace(
            pointing("http://evil.example.org/ocsp"), profile=draft_end_entity().profile
        ),
    ),
    (
        "extensions_are_the_profiles",
        lambda: _reversed(draft_end_entity()),
    ),
]

# Rules that it takes octets to break, which no builder writes.
_SHA384 = (bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040303"))
_POINT = bytes.fromhex("06082a8648ce3d030107")
_DIGITAL_SIGNATURE = (bytes.fromhex("040403020780"), bytes.fromhex("040403020080"))
_OCTETS: list[tuple[str, Callable[[bytes], bytes]]] = [
    # ecdsa-with-SHA384 where the key signs with SHA-256.
    ("signature_algorithm_is_the_issuers", lambda tbs: tbs.replace(*_SHA384, 1)),
    # BIT STRING digitalSignature that claims no unused bits (X.690 section 11.2).
    ("extensions_are_written_canonically", lambda tbs: tbs.replace(*_DIGITAL_SIGNATURE)),
]


def _generated(curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey:
    return ec.generate_private_key(curve).public_key()


def _identifier_of(certificate: x509.Certificate) -> bytes:
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest


def _reversed(draft: DraftContent) -> DraftContent:
    return draft.but(extensions=list(reversed(draft.content.extensions)))


def _served_also(name: str) -> DraftContent:
    return served(x509.DNSName(SERVER_NAMES[0]), x509.DNSName(name))


# The library's parser warns of a country of three letters.
@pytest.mark.filterwarnings("ignore:Attribute's length:UserWarning")
@pytest.mark.parametrize(("rule", "make"), BROKEN)
def test_content_that_breaks_one_rule_is_refused_by_it_alone(
    rule: str, make: Callable[[], DraftContent]
) -> None:
    draft = make()
    assert draft.broken_rules() == {rule}
    with pytest.raises(LintRefused) as refused:
        draft.lint()
    assert refused.value.params["rule"] == rule


@pytest.mark.parametrize(("rule", "spoil"), _OCTETS)
def test_octets_that_break_one_rule_are_refused_by_it_alone(
    rule: str, spoil: Callable[[bytes], bytes]
) -> None:
    draft = draft_end_entity()
    spoilt = spoil(draft.tbs())
    assert spoilt != draft.tbs()
    assert draft.broken_rules(spoilt) == {rule}


def test_a_short_serial_number_is_refused_though_it_was_reserved() -> None:
    draft = draft_end_entity().but(serial_number=int(_SHORT, 16))
    assert draft.broken_rules(serial_number=_SHORT.lstrip("0")) == {"serial_number_is_long_enough"}


def test_years_from_2050_are_written_in_full() -> None:
    """RFC 5280 section 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050."""
    for year in (2049, 2050):
        draft = draft_root().but(not_after=datetime(year, 6, 1, tzinfo=UTC))
        assert draft.broken_rules() == set()
        other = f"{year}0601000000Z".encode()
        short, full = b"\x17\x0d" + other[2:], b"\x18\x0f" + other
        spoilt = _resized(draft.tbs(), *((short, full) if year < 2050 else (full, short)))
        if year < 2050:
            assert draft.broken_rules(spoilt) == {"times_are_written_by_their_year"}
        else:
            # 50 is 1950 in a UTCTime: the parser reads another year.
            assert "validity_is_inside_the_issuers" in draft.broken_rules(spoilt)


def test_every_rule_has_content_that_it_alone_refuses() -> None:
    shown = {rule for rule, _ in BROKEN} | {rule for rule, _ in _OCTETS}
    elsewhere = {
        "serial_number_is_long_enough", "times_are_written_by_their_year",
        "public_key_is_written_canonically", "serial_number_is_bounded",
    }  # fmt: skip
    # The parser of the library reads version 3 or nothing with extensions.
    assert {rule.__name__ for rule in RULES} == shown | elsewhere | {"version_is_v3"}


# The library's parser warns of a negative number.
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@pytest.mark.parametrize("number", [-(1 << 78), 1 << 159, 1 << 170])
def test_a_serial_number_out_of_bounds_is_refused(number: int) -> None:
    draft = draft_end_entity().but(serial_number=number)
    with pytest.raises(LintRefused) as refused:
        draft.lint(f"{number:X}")
    assert refused.value.params["rule"] in {"serial_number_is_bounded", "well_formed"}


def test_a_key_written_with_a_compressed_point_is_refused() -> None:
    """RFC 5480 section 2.2: uncompressed is what everybody reads."""
    draft = draft_end_entity()
    key = draft.content.public_key
    assert isinstance(key, ec.EllipticCurvePublicKey)
    numbers = key.public_numbers()
    full = b"\x03\x42\x00\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    short = b"\x03\x22\x00" + bytes([2 + numbers.y % 2]) + numbers.x.to_bytes(32, "big")
    spoilt = _resized(draft.tbs(), full, short)
    assert "public_key_is_written_canonically" in draft.broken_rules(spoilt)


@pytest.mark.parametrize("authority_key", [True, False])
def test_ml_dsa_is_for_authorities_alone(authority_key: bool) -> None:
    """RFC 9881; experimental, and no client logs in with it."""
    key = mldsa.MLDSA65PrivateKey.generate().public_key()
    draft = draft_issuing() if authority_key else draft_end_entity()
    assert draft.with_key(key).broken_rules() == (
        set() if authority_key else {"public_key_is_accepted"}
    )


def test_ed25519_is_for_everybody() -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    assert draft_end_entity().with_key(key).broken_rules() == set()


def test_every_rule_cites_its_standard() -> None:
    for rule in RULES:
        assert rule.__doc__ is not None
        assert any(character.isdigit() for character in rule.__doc__), rule.__name__


@pytest.mark.parametrize(
    "make",
    [
        draft_root,
        draft_issuing,
        draft_end_entity,
        draft_server,
        named,
        lambda: draft_end_entity("officer", subject=_PERSON),
        lambda: draft_end_entity("person", subject=_PERSON),
        lambda: draft_end_entity("ocsp", subject=Subject("OCSP Responder")),
        lambda: _served_also("a.portal.example.org"),
        lambda: served(
            x509.DNSName(SERVER_NAMES[0]), x509.IPAddress(ipaddress.ip_address("10.1.2.3"))
        ),
    ],
)
def test_right_content_passes(make: Callable[[], DraftContent]) -> None:
    make().lint()


def test_a_shard_and_an_issuer_of_their_own_pass() -> None:
    profile = make_profiles().for_certificate("unit", issuer="issuing", crl_shard=7)
    draft = draft_end_entity()
    extensions = profile.extensions(Keys(draft.content.public_key, draft.issuer))
    sharded_draft = replace(draft.but(extensions=extensions), profile=profile)
    assert sharded_draft.broken_rules() == set()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tbs: tbs[:-1],
        lambda tbs: tbs + b"\x00",
        lambda tbs: b"",
        lambda tbs: b"\x30\x80" + tbs[4:] + b"\x00\x00",
        lambda tbs: b"\x31" + tbs[1:],
    ],
)
def test_what_is_no_certificate_is_refused_as_such(spoil: Callable[[bytes], bytes]) -> None:
    draft = draft_end_entity()
    with pytest.raises(LintRefused) as refused:
        draft.lint_of(spoil(draft.tbs()))
    assert refused.value.params["rule"] == "well_formed"


def test_an_extension_that_stands_twice_is_refused() -> None:
    """RFC 5280 section 4.2: each at most once."""
    draft = draft_end_entity()
    with pytest.raises(LintRefused) as refused:
        draft.plus(*draft.content.extensions[0][:1]).lint()
    assert refused.value.params["rule"] == "well_formed"


def test_a_token_is_good_for_one_signature() -> None:
    linted = draft_end_entity().lint()
    linted.take_for(ISSUING.signer.public_key)
    with pytest.raises(ValueError, match="signed already"):
        linted.take_for(ISSUING.signer.public_key)


def test_a_token_is_good_for_one_issuer() -> None:
    linted = draft_end_entity().lint()
    with pytest.raises(ValueError, match="another issuer"):
        linted.take_for(generate_key("ecdsa-p256").public_key())


def test_nobody_but_the_linter_makes_a_token() -> None:
    with pytest.raises(TypeError):
        LintedTbs(
            b"anything",
            ISSUING.signer.public_key,
            serial_number=SERIAL_NUMBER,
            profile=make_profiles().get("unit"),
            seal=object(),
        )


def _resized(tbs: bytes, old: bytes, new: bytes) -> bytes:
    """Return the octets with one element replaced by one of another length, lengths repaired."""
    start = tbs.index(old)
    return _rewrap(tbs, start, old, new)


def _rewrap(octets: bytes, start: int, old: bytes, new: bytes) -> bytes:
    """Replace `old` at `start` inside one element, and write that element's length anew."""
    tag, length = octets[0], octets[1]
    header = 2 + (length & 0x7F if length >= 0x80 else 0)
    content, position = octets[header:], 0
    place = start - header
    if content[place : place + len(old)] == old and _begins_element(content, place):
        return _element(tag, content[:place] + new + content[place + len(old) :])
    while True:
        size = _size(content, position)
        if position <= place < position + size:
            inner = _rewrap(content[position : position + size], place - position, old, new)
            return _element(tag, content[:position] + inner + content[position + size :])
        position += size


def _begins_element(content: bytes, place: int) -> bool:
    position = 0
    while position < place:
        position += _size(content, position)
    return position == place


def _size(content: bytes, position: int) -> int:
    length = content[position + 1]
    if length < 0x80:
        return 2 + length
    count = length & 0x7F
    return 2 + count + int.from_bytes(content[position + 2 : position + 2 + count], "big")


def _element(tag: int, content: bytes) -> bytes:
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    octets = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content
