"""Files that are carried to and from a root ceremony: its document, a request, a bundle.

The first octet says which. Each has one refusal of its own.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony.bundle import Bundle, read_bundle, read_pem_certificate
from ca.ceremony.document import parse_document
from ca.ceremony.errors import BundleRefused, DocumentRefused, RequestRefused
from ca.ceremony.records import CertifiedIssuing
from ca.ceremony.request import read_request
from tests.fuzzing.target import Target

_DOCUMENT = """version = 1
title = "Root ceremony"
organization = "武汉市"
algorithm = "ecdsa-p256"
pki_url = "http://pki.example.org"
server_names = ["portal.example.org"]
crl_shards = 64
issuing_key = "server"
participants = [{name = "a", role = "b"}, {name = "c", role = "d"}]
[days]
root = 7300
"""


def examine(data: bytes) -> None:
    kind, content = data[:1], data[1:]
    if kind == b"d":
        _document(content)
    elif kind == b"c":
        _certificate(content)
    else:
        with tempfile.TemporaryDirectory(prefix="certgate-fuzz-") as folder:
            path = Path(folder, "x")
            path.write_bytes(content)
            (_request if kind == b"r" else _bundle)(path)


def _document(content: bytes) -> None:
    try:
        read = parse_document(content)
    except DocumentRefused:
        return
    assert read.octets == content
    assert len(read.content.participants) >= 2


def _request(path: Path) -> None:
    try:
        read = read_request(path)
    except RequestRefused:
        return
    assert "/" not in read.key_name


def _bundle(path: Path) -> None:
    try:
        read = read_bundle(path)
    except BundleRefused:
        return
    path.write_bytes(read.octets())
    assert read_bundle(path) == read
    _certificate(read.root_certificate.encode("utf-8", "replace"))


def _certificate(content: bytes) -> None:
    try:
        read_pem_certificate(content.decode("utf-8", "replace"))
    except BundleRefused:
        return


def seeds() -> Iterator[bytes]:
    yield b"d" + _DOCUMENT.encode()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuing-2-0123456789abcdef")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    yield b"r" + request.public_bytes(Encoding.PEM)
    issuing = CertifiedIssuing(name="issuing", key_name="k", serial_number="41", certificate="x")
    bundle = Bundle(
        pki_url="http://pki.example.org", crl_shards=64, root_certificate="x", root_key_name="k",
        issuing=issuing, root_crl="x", record_sha256="0" * 64,
    )  # fmt: skip
    yield b"b" + bundle.octets()
    yield b"c" + request.public_bytes(Encoding.PEM).replace(b" REQUEST", b"")


TARGET = Target(
    examine,
    seeds,
    words=(
        b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE REQUEST-----", b"[days]", b" = ",
        b'"""', b"1979-05-27T07:32:00Z", b"inf", b"0x", b'"root_crl":', b"\\ud800",
    ),
)  # fmt: skip
