"""Each lint rule refuses the content that breaks it, and for each some content only it refuses."""

import ipaddress
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from ca.errors import LintRefused
from ca.linting.lint import RULES
from ca.names.subject import Subject
from tests.support import weak_rsa
from tests.support.certification import PKI_URL, SERVER_NAMES
from tests.support.draft_changes import (
    ISSUING,
    ROOT,
    access,
    crl_at,
    generated,
    given,
    identifier_of,
    key_in,
    key_usage,
    listed,
    named,
    of_key,
    pointing,
    reversed_extensions,
    served,
    served_also,
    sharded,
    typed,
    with_attribute,
)
from tests.support.drafts import (
    DraftContent,
    draft_end_entity,
    draft_issuing,
    draft_root,
    draft_server,
)

pytestmark = pytest.mark.conformance

OTHER_IDENTIFIER = x509.SubjectKeyIdentifier(b"0123456789ABCDEF0123")


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
    ("public_key_is_accepted", lambda: of_key(generated(ec.SECP521R1()))),
    ("public_key_is_accepted", lambda: of_key(generated(ec.SECP224R1()))),
    (
        "public_key_is_accepted",
        lambda: of_key(rsa.generate_private_key(65537, 1024).public_key()),  # noqa: S505 - to be refused
    ),
    ("public_key_is_strong", lambda: of_key(weak_rsa.roca().public_key())),
    ("public_key_is_strong", lambda: of_key(weak_rsa.close_primes().public_key())),
    ("public_key_is_strong", lambda: of_key(weak_rsa.shared_prime())),
    ("public_key_is_not_the_issuers", lambda: of_key(key_in(ISSUING.certificate))),
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
                identifier_of(ISSUING.certificate),
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
                [access(AuthorityInformationAccessOID.OCSP, f"{PKI_URL}/ocsp")]
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
    ("server_names_are_names", lambda: served_also("*.portal.example.org")),
    ("server_names_are_names", lambda: served_also("a..portal.example.org")),
    ("server_names_are_names", lambda: served_also("under_score.portal.example.org")),
    ("server_names_are_names", lambda: served_also(SERVER_NAMES[0])),
    ("server_names_are_permitted", lambda: served_also("bank.example.com")),
    ("server_names_are_permitted", lambda: served_also("notportal.example.org")),
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
        lambda: reversed_extensions(draft_end_entity()),
    ),
]


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


def test_every_rule_has_content_that_it_alone_refuses() -> None:
    shown = {rule for rule, _ in BROKEN}
    # In test_linting_octets.py.
    elsewhere = {
        "serial_number_is_long_enough", "times_are_written_by_their_year",
        "public_key_is_written_canonically", "serial_number_is_bounded",
        "signature_algorithm_is_the_issuers", "extensions_are_written_canonically",
    }  # fmt: skip
    # The parser of the library reads version 3 or nothing with extensions.
    assert {rule.__name__ for rule in RULES} == shown | elsewhere | {"version_is_v3"}


def test_every_rule_cites_its_standard() -> None:
    for rule in RULES:
        assert rule.__doc__ is not None
        assert any(character.isdigit() for character in rule.__doc__), rule.__name__
