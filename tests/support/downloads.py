"""What a running server hands out to a program that has the standard library and no more."""

import json
import ssl
from collections.abc import Mapping
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from tests.support.server import Server


def fetch(url: str) -> bytes:
    """Return what is at `url`."""
    with urlopen(url) as answer:
        octets: bytes = answer.read()
    return octets


def pick_up(server: Server, slip: Mapping[str, str]) -> bytes:
    """Return the PKCS#12 that a slip yields; raises `HTTPError` when it yields none."""
    pair = {name: slip[name] for name in ("serial_number", "download_password")}
    request = Request(
        f"{server.public}/api/v1/pickup",
        json.dumps(pair).encode(),
        {"content-type": "application/json"},
    )
    root = ssl.DER_cert_to_PEM_cert(fetch(f"{server.pki}/ca/root.cer"))
    with urlopen(request, context=ssl.create_default_context(cadata=root)) as answer:
        assert answer.headers["content-type"] == "application/x-pkcs12"
        octets: bytes = answer.read()
    return octets


def certificate_of(server: Server, slip: Mapping[str, str]) -> x509.Certificate:
    """Return the certificate that a slip yields."""
    bundle = load_pkcs12(pick_up(server, slip), slip["download_password"].encode())
    assert bundle.cert is not None
    return bundle.cert.certificate


def sample_slips(server: Server) -> list[dict[str, str]]:
    """Return the slips of the subscribers that ``--demo`` has made."""
    slips: list[dict[str, str]] = json.loads((server.data / "demo-slips.json").read_text("utf-8"))
    return slips


def sample_slip(server: Server, name: str) -> dict[str, str]:
    """Return the slip of one of them by the unit's or the officer's name."""
    return next(slip for slip in sample_slips(server) if slip["name"] == name)
