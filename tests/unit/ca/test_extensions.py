"""Lines of a profile become exactly the extension they spell, or are refused."""

import ipaddress

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.errors import ProfileError
from ca.keys import generate_key
from ca.profiles.extensions import Keys, read_extension

KEYS = Keys(generate_key("ecdsa-p256").public_key(), None)


def made(name: str, value: str) -> x509.ExtensionType:
    return read_extension(name, value).make(KEYS)


def test_critical_is_what_the_line_says() -> None:
    assert read_extension("basicConstraints", "critical, CA:TRUE").critical
    assert not read_extension("basicConstraints", "CA:TRUE").critical


def test_basic_constraints() -> None:
    assert made("basicConstraints", "CA:TRUE, pathlen:0") == x509.BasicConstraints(True, 0)
    assert made("basicConstraints", "CA:FALSE") == x509.BasicConstraints(False, None)


def test_key_usage_sets_only_the_bits_named() -> None:
    usage = made("keyUsage", "critical, keyCertSign, cRLSign")
    assert isinstance(usage, x509.KeyUsage)
    assert usage.key_cert_sign
    assert usage.crl_sign
    assert not usage.digital_signature
    assert not usage.key_encipherment


def test_extended_key_usage() -> None:
    expected = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    assert made("extendedKeyUsage", "clientAuth") == expected


def test_names_of_a_server() -> None:
    names = made("subjectAltName", "DNS:portal.example.org, IP:127.0.0.1, IP:::1")
    assert isinstance(names, x509.SubjectAlternativeName)
    assert [name.value for name in names] == [
        "portal.example.org",
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]


def test_name_constraints_take_masks_as_openssl_does() -> None:
    value = "critical, permitted;IP:10.0.0.0/255.0.0.0, permitted;IP:fc00::/fe00::"
    constraints = made("nameConstraints", value)
    assert isinstance(constraints, x509.NameConstraints)
    assert constraints.permitted_subtrees is not None
    assert [str(tree.value) for tree in constraints.permitted_subtrees] == [
        "10.0.0.0/8",
        "fc00::/7",
    ]
    assert constraints.excluded_subtrees is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nsComment", "hello"),
        ("basicConstraints", "CA:MAYBE"),
        ("basicConstraints", "pathlen:0"),
        ("basicConstraints", "CA:TRUE, pathlen:many"),
        ("basicConstraints", "CA:TRUE, CA:FALSE"),
        ("basicConstraints", "critical"),
        ("keyUsage", "keyCertSing"),
        ("keyUsage", ""),
        ("keyUsage", "cRLSign,, keyCertSign"),
        ("extendedKeyUsage", "anyExtendedKeyUsage"),
        ("subjectKeyIdentifier", "none"),
        ("authorityKeyIdentifier", "issuer"),
        ("crlDistributionPoints", "http://pki.example.org/crl"),
        ("crlDistributionPoints", "DNS:pki.example.org"),
        ("authorityInfoAccess", "URI:http://pki.example.org/ocsp"),
        ("authorityInfoAccess", "OCSP;URI:"),
        ("subjectAltName", "email:someone@example.org"),
        ("subjectAltName", "IP:portal"),
        ("nameConstraints", "allowed;DNS:example.org"),
        ("nameConstraints", "permitted;IP:10.0.0.0/8"),
        ("nameConstraints", "permitted;IP:10.0.0.0/255.0.255.0"),
        ("nameConstraints", "permitted;IP:fc00::/ff0f::"),
        ("noCheck", "yes"),
    ],
)
def test_refuses_what_it_does_not_know(name: str, value: str) -> None:
    with pytest.raises(ProfileError):
        read_extension(name, value)
