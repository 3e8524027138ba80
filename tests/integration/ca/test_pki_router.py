"""What the PKI listener serves, and how (contract, HTTP; RFC 2585, RFC 6960 appendix A)."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI
from starlette.testclient import TestClient

from ca.crl import CrlPublication
from ca.crl.shards import DEFAULT_SHARDS
from ca.crl.storing import withdraw_crls
from ca.pki_router import pki_router
from foundation.errors import NotFound
from foundation.web.middleware.head_requests import HeadRequests
from tests.support.revocation import RevocableCa


@pytest.fixture
def client(revocable: RevocableCa) -> Iterator[TestClient]:
    """Somebody at the PKI listener."""
    app = FastAPI()
    app.include_router(
        pki_router(
            database=revocable.database,
            responder=revocable.responder,
        )
    )
    with TestClient(HeadRequests(app)) as client:
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


def test_before_the_first_crl_there_is_none(client: TestClient, revocable: RevocableCa) -> None:
    with revocable.database.writing() as session:
        withdraw_crls(session, "root")
    with pytest.raises(NotFound):
        client.get("/crl/root.crl")


@pytest.mark.parametrize(
    "path",
    [
        f"/crl/issuing/{DEFAULT_SHARDS}.crl",
        "/crl/issuing/07.crl",
        "/crl/issuing/-1.crl",
        "/crl/issuing/\u0663.crl",
        "/crl/issuing/full.crl",
        "/crl/issuing/delta.crl",
        "/crl/root/0.crl",
        "/crl/issuing-delta.crl",
        "/crl/issuing-9.crl",
        "/crl/ISSUING.crl",
        "/crl/%2e%2e%2fissuing.crl",
        "/crl/issuing%00.crl",
        "/crl/" + "a" * 5000 + ".crl",
        "/ca/nobody.cer",
        "/ca/..%2froot.cer",
        "/ca/Root.cer",
    ],
)
def test_other_names_are_nothing(client: TestClient, path: str) -> None:
    try:
        status = client.get(path).status_code
    except NotFound:
        return
    assert status == 404


def test_each_shard_is_where_its_certificates_point(
    client: TestClient, revocable: RevocableCa
) -> None:
    issued = revocable.issue()
    revocable.revoke(issued.serial_number)
    points = issued.certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints)
    (name,) = points.value[0].full_name or []
    crl = x509.load_der_x509_crl(client.get(urlsplit(name.value).path).content)
    assert crl.get_revoked_certificate_by_serial_number(issued.certificate.serial_number)
    own = crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert (own.critical, own.value.full_name) == (True, [name])


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("{bare}", 200),
    ],
)
def test_entity_tags_are_compared_weakly(client: TestClient, header: str, status: int) -> None:
    etag = client.get("/crl/issuing/3.crl").headers["etag"]
    asked = header.format(etag=etag, bare=etag.strip('"'))
    answer = client.get("/crl/issuing/3.crl", headers={"If-None-Match": asked})
    assert answer.status_code == status


def test_a_head_reads_no_octets(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    length = str(len(client.get("/crl/issuing.crl").content))

    def refuse(*_: object) -> None:
        raise AssertionError("read for a HEAD")

    monkeypatch.setattr("ca.crl.serving.find_part", refuse)
    head = client.head("/crl/issuing.crl")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == length


def test_a_long_crl_is_stored_and_sent_in_parts(
    client: TestClient, revocable: RevocableCa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ca.crl.storing.PART_OCTETS", 100)
    issued = revocable.issue()
    revocable.revoke(issued.serial_number)
    answer = client.get("/crl/issuing.crl")
    assert x509.load_der_x509_crl(answer.content) == revocable.crl()
    assert int(answer.headers["content-length"]) == len(answer.content) > 100


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
