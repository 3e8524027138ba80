"""OCSP over HTTP by the routes (RFC 6960 appendix A, RFC 5019 section 5)."""

import base64
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus
from fastapi import FastAPI
from starlette.testclient import TestClient

from ca.ocsp import ocsp_router
from ca.ocsp.request import LONGEST_REQUEST
from foundation.web.middleware.head_requests import HeadRequests
from tests.support.revocation import RevocableCa, request_for


@pytest.fixture
def client(revocable: RevocableCa) -> Iterator[TestClient]:
    """Somebody at the PKI listener."""
    app = FastAPI()
    app.include_router(ocsp_router(revocable.responder))
    with TestClient(HeadRequests(app)) as client:
        yield client


def test_by_post(client: TestClient, revocable: RevocableCa) -> None:
    issued = revocable.issue()
    response = client.post("/ocsp", content=_request(revocable, issued.serial_number))
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    answer = ocsp.load_der_ocsp_response(response.content)
    assert answer.certificate_status is OCSPCertStatus.GOOD


def test_by_get_with_every_character_of_base64(client: TestClient, revocable: RevocableCa) -> None:
    """The appendix wants "/", "+" and "=" encoded; some clients send them as they are."""
    seen: set[str] = set()
    serial_number = 0x4141424344454647FF00
    while not {"/", "+"} <= seen:
        serial_number += 0x01010101
        der = _request(revocable, f"{serial_number:X}")
        text = base64.b64encode(der).decode("ascii")
        seen |= set(text)
        for path in (quote(text, safe=""), text):
            response = client.get(f"/ocsp/{path}")
            assert response.headers["content-type"] == "application/ocsp-response"
            answer = ocsp.load_der_ocsp_response(response.content)
            assert answer.certificate_status is OCSPCertStatus.UNKNOWN
            assert answer.serial_number == serial_number


def test_a_cache_asks_each_time_whether_an_answer_still_holds(
    client: TestClient, revocable: RevocableCa
) -> None:
    issued = revocable.issue()
    path = _path(_request(revocable, issued.serial_number))
    good = client.get(path)
    assert "max-age=0" in good.headers["cache-control"]
    known = {"If-None-Match": good.headers["etag"]}
    again = client.get(path, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == good.headers["etag"]

    revocable.revoke(issued.serial_number)
    changed = client.get(path, headers=known)
    assert changed.status_code == 200
    answer = ocsp.load_der_ocsp_response(changed.content)
    assert answer.certificate_status is OCSPCertStatus.REVOKED


def test_a_head_is_answered(client: TestClient, revocable: RevocableCa) -> None:
    path = _path(_request(revocable, revocable.issue().serial_number))
    asked, got = client.head(path), client.get(path)
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize(
    "path", ["/ocsp/", "/ocsp/%%%", "/ocsp/%E8%AF%81", "/ocsp/AAAA", "/ocsp/" + "A" * 9000]
)
def test_a_get_that_is_no_request_is_malformed(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    status = ocsp.load_der_ocsp_response(response.content).response_status
    assert status is OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("body", [b"", b"\x30\x00", b"x" * (LONGEST_REQUEST + 1), b"y" * 1_000_000])
def test_a_post_that_is_no_request_is_malformed(client: TestClient, body: bytes) -> None:
    response = client.post("/ocsp", content=body)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/ocsp-response"
    status = ocsp.load_der_ocsp_response(response.content).response_status
    assert status is OCSPResponseStatus.MALFORMED_REQUEST


def _request(revocable: RevocableCa, serial_number: str) -> bytes:
    return request_for(revocable.ca.hierarchy.issuing.certificate, serial_number)


def _path(der: bytes) -> str:
    return "/ocsp/" + quote(base64.b64encode(der), safe="")
