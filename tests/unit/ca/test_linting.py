"""Each lint rule refuses the content that breaks it, by its own name, and no other."""

import ipaddress
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from ca.errors import LintRefused
from ca.extensions import Keys
from ca.keys import generate_key
from ca.linting.lint import RULES, LintedTbs
from ca.subject import Subject
from tests.support.certification import make_profiles
from tests.support.drafts import (
    DraftContent,
    authority,
    draft_end_entity,
    draft_issuing,
    draft_root,
    draft_server,
)

pytestmark = pytest.mark.conformance


def without(kind: type[x509.ExtensionType]) -> DraftContent:
    return draft_end_entity().but_extensions(
        lambda value, critical: None if isinstance(value, kind) else (value, critical)
    )


def plus(draft: DraftContent, value: x509.ExtensionType) -> DraftContent:
    return draft.but(extensions=[*draft.content.extensions, (value, False)])


def of_profile(draft: DraftContent) -> DraftContent:
    """Make the profile itself ask for the draft's extensions: the rules must stand alone."""
    extensions = draft.content.extensions

    class Forgiving(type(draft.profile)):  # type: ignore[misc]
        def extensions(self, keys: Keys) -> list[tuple[x509.ExtensionType, bool]]:
            return extensions

    profile = Forgiving(draft.profile.name, draft.profile.name_defaults, draft.profile.templates)
    return DraftContent(draft.content, profile, draft.issuer, draft.issuer_private_key)


def key_usage(**bits: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


def with_key(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> DraftContent:
    draft = draft_end_entity()
    identifier = x509.SubjectKeyIdentifier.from_public_key(key)
    return draft.but(public_key=key).but_extension(identifier)


def named(*attributes: tuple[x509.ObjectIdentifier, str]) -> DraftContent:
    return draft_end_entity().but(
        subject=x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
    )


def served(*names: x509.GeneralName) -> DraftContent:
    return draft_server().but_extension(x509.SubjectAlternativeName(names))


def pointing(url: str) -> DraftContent:
    location = x509.UniformResourceIdentifier(url)
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)
    return draft_end_entity().but_extension(x509.AuthorityInformationAccess([access]))


ROOT = authority("root")
ISSUING = authority("issuing")
OTHER_IDENTIFIER = x509.SubjectKeyIdentifier(b"0123456789ABCDEF0123")

BROKEN: list[tuple[str, Callable[[], DraftContent]]] = [
    ("serial_number_is_the_reserved_one", lambda: draft_end_entity().but(serial_number=7)),
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
        "public_key_is_accepted",
        lambda: with_key(ec.generate_private_key(ec.SECP521R1()).public_key()),
    ),
    (
        "public_key_is_accepted",
        lambda: with_key(rsa.generate_private_key(65537, 1024).public_key()),  # noqa: S505 - to be refused
    ),
    ("public_key_is_not_the_issuers", lambda: with_key(_p256(ISSUING.certificate))),
    ("extensions_are_the_profiles", lambda: without(x509.ExtendedKeyUsage)),
    (
        "extensions_are_the_profiles",
        lambda: plus(draft_end_entity(), x509.OCSPNoCheck()),
    ),
    (
        "extensions_are_the_profiles",
        lambda: draft_end_entity().but_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=False
        ),
    ),
    (
        "criticality_is_right",
        lambda: of_profile(
            draft_end_entity().but_extension(key_usage(digital_signature=True), critical=False)
        ),
    ),
    (
        "criticality_is_right",
        lambda: of_profile(
            draft_end_entity().but_extension(
                x509.SubjectKeyIdentifier.from_public_key(ROOT.signer.public_key),
                critical=True,
            )
        ),
    ),
    (
        "basic_constraints_fit",
        lambda: draft_end_entity().but_extension(x509.BasicConstraints(True, None)),
    ),
    (
        "basic_constraints_fit",
        lambda: draft_issuing().but_extension(x509.BasicConstraints(True, 1)),
    ),
    (
        "basic_constraints_fit",
        lambda: draft_root().but_extension(x509.BasicConstraints(False, None)),
    ),
    ("basic_constraints_fit", lambda: of_profile(without(x509.BasicConstraints))),
    (
        "key_usage_fits",
        lambda: draft_end_entity().but_extension(
            key_usage(digital_signature=True, key_cert_sign=True)
        ),
    ),
    (
        "key_usage_fits",
        lambda: draft_end_entity().but_extension(key_usage(key_agreement=True)),
    ),
    ("key_usage_fits", lambda: draft_root().but_extension(key_usage(key_cert_sign=True))),
    ("key_usage_fits", lambda: of_profile(without(x509.KeyUsage))),
    (
        "extended_key_usage_is_the_one_purpose",
        lambda: draft_end_entity().but_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
            )
        ),
    ),
    (
        "extended_key_usage_is_the_one_purpose",
        lambda: draft_end_entity().but_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
        ),
    ),
    (
        "extended_key_usage_is_the_one_purpose",
        lambda: of_profile(without(x509.ExtendedKeyUsage)),
    ),
    (
        "subject_key_identifier_is_of_the_key",
        lambda: draft_end_entity().but_extension(OTHER_IDENTIFIER),
    ),
    (
        "authority_key_identifier_is_the_issuers",
        lambda: draft_end_entity().but_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(OTHER_IDENTIFIER)
        ),
    ),
    ("revocation_can_be_asked", lambda: of_profile(without(x509.CRLDistributionPoints))),
    (
        "revocation_can_be_asked",
        lambda: of_profile(plus(draft_end_entity(), x509.OCSPNoCheck())),
    ),
    ("pointers_are_plain_http", lambda: pointing("https://pki.example.org/ocsp")),
    ("pointers_are_plain_http", lambda: pointing("ldap://pki.example.org/ocsp")),
    (
        "issuer_is_the_authority",
        lambda: draft_end_entity().but(issuer=ROOT.certificate.subject),
    ),
    ("subject_is_not_empty", lambda: draft_end_entity().but(subject=x509.Name([]))),
    (
        "subject_is_not_the_issuer",
        lambda: draft_end_entity().but(subject=ISSUING.certificate.subject),
    ),
    (
        "subject_attributes_fit",
        lambda: named((NameOID.USER_ID, "a"), (NameOID.USER_ID, "b")),
    ),
    ("subject_attributes_fit", lambda: named((NameOID.USER_ID, "x" * 257))),
    ("subject_attributes_fit", lambda: named((NameOID.SURNAME, "unknown attribute"))),
    ("server_names_are_names", lambda: served(x509.DNSName("*.example.org"))),
    ("server_names_are_names", lambda: served(x509.DNSName("a..example.org"))),
    ("server_names_are_names", lambda: served(x509.DNSName("under_score.example.org"))),
    ("server_names_are_permitted", lambda: served(x509.DNSName("bank.example.com"))),
    (
        "server_names_are_permitted",
        lambda: served(x509.DNSName("notportal.example.org")),
    ),
    (
        "server_names_are_permitted",
        lambda: served(x509.IPAddress(ipaddress.ip_address("192.0.2.1"))),
    ),
    (
        "server_names_are_permitted",
        lambda: served(x509.RFC822Name("someone@portal.example.org")),
    ),
    (
        "common_name_is_not_a_host_name",
        lambda: draft_end_entity(subject=Subject("bank.example.com")),
    ),
]


def _p256(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


@pytest.mark.parametrize(("rule", "make"), BROKEN)
def test_content_that_breaks_a_rule_is_refused(rule: str, make: Callable[[], DraftContent]) -> None:
    with pytest.raises(LintRefused) as refused:
        make().lint()
    assert refused.value.params["rule"] == rule


def test_every_rule_has_a_test() -> None:
    # The first two guard against what the library itself refuses to build.
    unreachable = {"version_is_v3", "serial_number_is_bounded"}
    assert {rule.__name__ for rule in RULES} == {rule for rule, _ in BROKEN} | unreachable


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
        lambda: draft_end_entity("officer"),
        lambda: draft_end_entity("person"),
        lambda: draft_end_entity("ocsp", subject=Subject("OCSP Responder")),
        lambda: served(x509.DNSName("a.portal.example.org")),
        lambda: served(x509.IPAddress(ipaddress.ip_address("10.1.2.3"))),
    ],
)
def test_right_content_passes(make: Callable[[], DraftContent]) -> None:
    make().lint()


def test_what_is_no_certificate_is_refused_as_such() -> None:
    draft = draft_end_entity()
    with pytest.raises(LintRefused) as refused:
        draft.lint_of(draft.tbs()[:-1])
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
            serial_number="1",
            profile=make_profiles().get("unit"),
            seal=object(),
        )
