"""The JSON twin of "I made my own key": problems that say what is wrong, and no more."""

import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from enrollment.slips.issued_slip import IssuedSlip
from foundation.errors import Unavailable
from tests.support.bureau import Bureau
from tests.support.est import public_client
from tests.support.renewing import new_key, request_for


def pem(der: bytes) -> str:
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM).decode()


def post(bureau: Bureau, slip: IssuedSlip, csr: str, **changed: str) -> Any:
    """Ask for the certificate; keywords replace what the slip says."""
    pair = {
        "serial_number": slip.serial_number,
        "download_password": slip.download_password,
        "csr": csr,
    }
    # Escaped, so that a lone surrogate can be sent as well.
    return public_client(bureau).client.post(
        "/api/v1/pickup/csr",
        content=json.dumps({**pair, **changed}),
        headers={"content-type": "application/json"},
    )


def test_every_refusal_is_a_problem(bureau: Bureau) -> None:
    slip, csr = bureau.register_unit(), pem(request_for(new_key()))
    refused = [
        (post(bureau, slip, "nonsense"), 422, "csr-malformed"),
        (post(bureau, slip, "\ud800"), 422, "input-invalid"),
        (post(bureau, slip, csr, download_password="AAAA-BBBB-CCCC-DDDD"), 403, "pickup-refused"),
        (post(bureau, slip, csr, serial_number="FF" * 10), 403, "pickup-refused"),
        (post(bureau, slip, "A" * 20_000), 422, "input-invalid"),
    ]
    assert post(bureau, slip, csr).status_code == 200
    refused.append((post(bureau, slip, pem(request_for(new_key()))), 409, "pickup-other-key"))
    for answer, status, code in refused:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].endswith(f"/{code}")


def test_what_cannot_be_signed_now_says_when_to_come_again(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip, csr = bureau.register_unit(), pem(request_for(new_key()))

    def silent(*_: object, **__: object) -> None:
        raise Unavailable("key-unavailable", key_name="issuing")

    with monkeypatch.context() as patch:
        patch.setattr(bureau.house.certification.issuance, "complete", silent)
        waiting = post(bureau, slip, csr)
    assert waiting.status_code == 503
    assert waiting.json()["type"].endswith("/certificate-pending")
    assert int(waiting.headers["retry-after"]) >= 1
    assert post(bureau, slip, csr).status_code == 200
