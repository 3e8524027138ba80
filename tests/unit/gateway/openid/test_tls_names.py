"""Which certificates have a registered name (RFC 8705 section 2.1.2)."""

import ipaddress
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.openid.registration.tls_names import has_name, read_tls_name

NAME = "CN=payroll,OU=Wages\\, Wuhan,O=CertGate,C=CN"


@pytest.fixture(scope="module")
def certificate() -> x509.Certificate:
    return made(
        x509.DNSName("payroll.example"),
        x509.UniformResourceIdentifier("spiffe://house/payroll"),
        x509.IPAddress(ipaddress.ip_address("10.0.0.9")),
        x509.RFC822Name("payroll@house.example"),
    )


def made(*names: x509.GeneralName) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name.from_rfc4514_string(NAME)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2027, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2028, 1, 1, tzinfo=UTC))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256())


@pytest.mark.parametrize(
    ("field", "value", "has"),
    [
        ("subject_dn", NAME, True),
        ("subject_dn", "CN=payroll,OU=Wages\\2c Wuhan,O=CertGate,C=CN", True),
        ("subject_dn", "C=CN,O=CertGate,OU=Wages\\, Wuhan,CN=payroll", False),
        ("subject_dn", "CN=payroll,O=CertGate,C=CN", False),
        ("subject_dn", "CN=Payroll,OU=Wages\\, Wuhan,O=CertGate,C=CN", False),
        ("subject_dn", "CN=payroll", False),
        ("subject_dn", f"UID=x,{NAME}", False),
        ("san_dns", "payroll.example", True),
        ("san_dns", "example", False),
        ("san_dns", "*.example", False),
        ("san_uri", "spiffe://house/payroll", True),
        ("san_uri", "spiffe://house/payroll/", False),
        ("san_uri", "payroll.example", False),
        ("san_ip", "10.0.0.9", True),
        ("san_ip", "10.0.0.90", False),
        ("san_email", "payroll@house.example", True),
        ("san_email", "house.example", False),
    ],
)
def test_one_name_is_compared_whole(
    certificate: x509.Certificate, field: str, value: str, has: bool
) -> None:
    assert has_name(certificate, read_tls_name(field, value)) is has


def test_a_certificate_without_alternative_names_has_none() -> None:
    assert not has_name(made(), read_tls_name("san_dns", "payroll.example"))
