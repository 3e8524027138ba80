"""EST clients: one inside the process, and what their answers carry."""

import base64
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7
from starlette.testclient import TestClient

from enrollment.slips.issued_slip import IssuedSlip
from tests.support.bureau import Bureau

EST = "/.well-known/est"
PKCS10 = "application/pkcs10"
PUBLIC = "https://localhost:8443"


class EstClient:
    """Sends what an EST client sends; `client` says through which door."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, operation: str) -> Any:
        """Return the answer to a GET."""
        return self.client.get(f"{EST}/{operation}")

    def post(
        self,
        operation: str,
        der: bytes,
        slip: tuple[str, str] | IssuedSlip | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return the answer to a request in base64; `slip` goes into HTTP Basic."""
        return self.post_body(operation, base64.b64encode(der), slip, headers)

    def post_body(
        self,
        operation: str,
        body: bytes,
        slip: tuple[str, str] | IssuedSlip | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return the answer to a body as it is."""
        if isinstance(slip, IssuedSlip):
            slip = (slip.serial_number, slip.download_password)
        return self.client.post(
            f"{EST}/{operation}",
            content=body,
            auth=slip,
            headers={"content-type": PKCS10, "accept-language": "en", **(headers or {})},
        )


def public_client(bureau: Bureau) -> EstClient:
    """Return a client at the listener that asks for no certificate."""
    return EstClient(TestClient(bureau.public, base_url=PUBLIC, follow_redirects=False))


def portal_client(bureau: Bureau, chain: tuple[bytes, ...] = ()) -> EstClient:
    """Return a client at the portal that presents `chain`."""
    return EstClient(bureau.visitor(chain))


def certificates_in(body: bytes) -> list[x509.Certificate]:
    """Return the certificates of a certs-only message in base64."""
    return pkcs7.load_der_pkcs7_certificates(base64.b64decode(body))


def the_certificate_in(answer: Any) -> x509.Certificate:
    """Return the one certificate of a successful answer."""
    assert answer.status_code == 200, answer.text
    (certificate,) = certificates_in(answer.content)
    return certificate


@dataclass(frozen=True)
class Part:
    """One part of a multipart answer, its transfer encoding taken off."""

    media_type: str
    transfer_encoding: str
    octets: bytes


def parts_of(content_type: str, body: bytes) -> list[Part]:
    """Return the parts of a multipart body."""
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    assert not message.defects
    parts: list[Part] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        octets = part.get_payload(decode=True)
        assert isinstance(octets, bytes)
        assert not part.defects
        parts.append(Part(part["content-type"], part["content-transfer-encoding"], octets))
    return parts
