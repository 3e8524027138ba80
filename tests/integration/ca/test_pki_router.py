"""What the PKI listener serves, and how (contract, HTTP; RFC 2585, RFC 6960 appendix A)."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI
from starlette.testclient import TestClient

from ca.crl import CrlPublication
from ca.pki_router import pki_router
from foundation.errors import NotFound
from tests.support.revocation import RevocableCa


@pytest.fixture
def client(revocable: RevocableCa) -> Iterator[TestClient]:
    """Somebody at the PKI listener."""
    app = FastAPI()
    app.include_router(
        pki_router(
            database=revocable.database,
            hierarchy=revocable.ca.hierarchy,
            responder=revocable.responder,
        )
    )
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("name", ["root", "issuing"])
def test_certificates_in_der(client: TestClient, revocable: RevocableCa, name: str) -> None:
    response = client.get(f"/ca/{name}.cer")
    assert response.headers["content-type"] == "application/pkix-cert"
    expected = getattr(revocable.ca.hierarchy, name).certificate
    assert x509.load_der_x509_certificate(response.content) == expected


@pytest.mark.parametrize("name", ["root", "issuing"])
def test_crls_in_der_with_their_times(
    client: TestClient, revocable: RevocableCa, name: str
) -> None:
    response = client.get(f"/crl/{name}.crl")
    assert response.headers["content-type"] == "application/pkix-crl"
    crl = x509.load_der_x509_crl(response.content)
    assert crl.issuer == getattr(revocable.ca.hierarchy, name).certificate.subject
    assert parsedate_to_datetime(response.headers["last-modified"]) == crl.last_update_utc
    assert parsedate_to_datetime(response.headers["expires"]) == crl.next_update_utc
    assert "must-revalidate" in response.headers["cache-control"]


def test_a_crl_is_fetched_again_only_when_there_is_a_new_one(
    client: TestClient, revocable: RevocableCa
) -> None:
    etag = client.get("/crl/issuing.crl").headers["etag"]
    unchanged = client.get("/crl/issuing.crl", headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == etag

    issued = revocable.issue()
    revocable.revoke(issued.serial_number)
    changed = client.get("/crl/issuing.crl", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    crl = x509.load_der_x509_crl(changed.content)
    assert crl.get_revoked_certificate_by_serial_number(issued.certificate.serial_number)


def test_asking_for_a_crl_never_builds_one(
    client: TestClient, revocable: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("built by a GET")

    monkeypatch.setattr(CrlPublication, "publish", refuse)
    revocable.ca.clock.advance(days=365)
    assert client.get("/crl/issuing.crl").status_code == 200


def test_before_the_first_crl_there_is_none(
    client: TestClient, revocable: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ca.pki_router.find_crl", lambda *_: None)
    with pytest.raises(NotFound):
        client.get("/crl/root.crl")


@pytest.mark.parametrize("path", ["/ca/root.cer", "/crl/root.crl", "/healthz"])
def test_heads_are_answered(client: TestClient, path: str) -> None:
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_published_documents_are_the_stored_ones(
    client: TestClient, revocable: RevocableCa
) -> None:
    assert client.get("/crl/issuing.crl").content == revocable.crl().public_bytes(Encoding.DER)
