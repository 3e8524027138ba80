"""What every CA is asked: to certify a P-256 key, each time another one."""

from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

NAME = "unit.example.org"


def new_requests(
    name: x509.Name | None = None, *, alternative_names: bool = True
) -> Iterator[x509.CertificateSigningRequest]:
    """Yield requests without end, signed by P-256 keys that nobody keeps."""
    subject = name or x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if alternative_names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False
        )
    while True:
        yield builder.sign(ec.generate_private_key(ec.SECP256R1()), SHA256())


def http_post(host: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return the octets of a POST request."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
