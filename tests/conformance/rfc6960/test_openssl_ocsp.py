"""The openssl command as an OCSP client: its requests are answered, our answers verify."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI

from ca.ocsp import ocsp_router
from tests.support.openssl import openssl
from tests.support.revocation import RevocableCa

pytestmark = pytest.mark.conformance

# The CA lives at its own time; the command's "is this recent" looks at the machine's.
_ANY_AGE = ["-validity_period", str(20 * 365 * 86400)]

Make = Callable[[RevocableCa], x509.Certificate]


def _good(revocable: RevocableCa) -> x509.Certificate:
    return revocable.issue().certificate


def _revoked(revocable: RevocableCa) -> x509.Certificate:
    issued = revocable.issue()
    revocable.revoke(issued.serial_number, "superseded")
    return issued.certificate


def _held(revocable: RevocableCa) -> x509.Certificate:
    issued = revocable.issue()
    revocable.hold(issued.serial_number)
    return issued.certificate


CASES = [
    pytest.param(_good, ["leaf.pem: good"], id="good"),
    pytest.param(_revoked, ["leaf.pem: revoked", "Reason: superseded"], id="revoked"),
    pytest.param(_held, ["leaf.pem: revoked", "Reason: certificateHold"], id="held"),
]


@pytest.mark.parametrize("digest", ["-sha1", "-sha256"])
@pytest.mark.parametrize(("make", "expected"), CASES)
def test_the_command_reads_our_answers(
    revocable: RevocableCa, tmp_path: Path, make: Make, expected: list[str], digest: str
) -> None:
    _write_files(revocable, tmp_path, make(revocable))
    openssl(
        "ocsp", digest, "-issuer", "issuing.pem", "-cert", "leaf.pem", "-reqout", "request.der",
        "-no_nonce", folder=tmp_path,
    )  # fmt: skip
    response = revocable.responder.respond((tmp_path / "request.der").read_bytes())
    (tmp_path / "response.der").write_bytes(response)
    answer = openssl(
        "ocsp", digest, "-issuer", "issuing.pem", "-cert", "leaf.pem", "-no_nonce",
        "-respin", "response.der", *_trust(revocable), folder=tmp_path,
    )  # fmt: skip
    assert "Response verify OK" in answer.errors
    for words in expected:
        assert words in answer.text


@pytest.fixture(scope="module")
def pki_url(revocable: RevocableCa) -> Iterator[str]:
    """The routes behind a real socket."""
    app = FastAPI()
    app.include_router(ocsp_router(revocable.responder))
    config = uvicorn.Config(app, port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    with config.bind_socket() as socket:
        port = socket.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


def test_the_command_asks_over_http_with_a_nonce(
    revocable: RevocableCa, pki_url: str, tmp_path: Path
) -> None:
    _write_files(revocable, tmp_path, _good(revocable))
    answer = openssl(
        "ocsp", "-issuer", "issuing.pem", "-cert", "leaf.pem", "-url", f"{pki_url}/ocsp",
        "-nonce", *_trust(revocable), folder=tmp_path,
    )  # fmt: skip
    assert "leaf.pem: good" in answer.text
    assert "Response verify OK" in answer.errors
    # Says so when the nonce is missing or another one.
    assert "nonce" not in answer.errors.lower()


def _trust(revocable: RevocableCa) -> list[str]:
    moment = str(int(revocable.ca.clock.now().timestamp()))
    return ["-CAfile", "root.pem", "-verify_other", "issuing.pem", "-attime", moment, *_ANY_AGE]


def _write_files(revocable: RevocableCa, folder: Path, leaf: x509.Certificate) -> None:
    for name, certificate in (
        ("root.pem", revocable.ca.hierarchy.root.certificate),
        ("issuing.pem", revocable.ca.hierarchy.issuing.certificate),
        ("leaf.pem", leaf),
    ):
        (folder / name).write_bytes(certificate.public_bytes(Encoding.PEM))
