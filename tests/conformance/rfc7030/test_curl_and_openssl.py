"""RFC 7030 as its appendix A shows it, with curl on the wire and openssl reading the answers."""

import base64
import re
from pathlib import Path

import pytest

from tests.conformance.rfc7030.conftest import Gateway
from tests.support.est import parts_of
from tests.support.openssl import openssl, try_openssl
from tests.support.programs import Answer, run

pytestmark = pytest.mark.conformance

PKCS10 = "Content-Type: application/pkcs10"


def curl(gateway: Gateway, *arguments: str | Path) -> Answer:
    """Run curl, trusting our root alone; headers come first in the output."""
    return run(
        "curl", "curl", "--silent", "--show-error", "--include", "--cacert", gateway.root_file,
        *arguments,
    )  # fmt: skip


def split(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of what curl printed."""
    head, _, body = answer.output.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


def make_request(folder: Path, subject: str = "/CN=ignored") -> Path:
    """Make a key and a request by the openssl command; return the body for EST."""
    openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "new.key", "-subj", subject, "-outform", "DER", "-out", "request.der",
        folder=folder,
    )  # fmt: skip
    body = folder / "request.b64"
    body.write_bytes(base64.encodebytes((folder / "request.der").read_bytes()))
    return body


def certificates_of(body: bytes, folder: Path) -> Path:
    """Return the certificates of a certs-only body as PEM, as openssl reads them."""
    (folder / "answer.p7").write_bytes(base64.b64decode(body))
    pem = openssl(
        "pkcs7", "-inform", "DER", "-in", "answer.p7", "-print_certs", folder=folder
    ).output
    file = folder / "answer.pem"
    file.write_bytes(pem)
    return file


@pytest.fixture
def cas(gateway: Gateway, tmp_path: Path) -> Path:
    """The CA certificates as cacerts gave them (section 4.1, appendix A.1)."""
    folder = tmp_path / "cas"
    folder.mkdir()
    status, headers, body = split(curl(gateway, f"{gateway.public}/cacerts"))
    assert status == 200
    assert headers["content-type"].startswith("application/pkcs7-mime")
    return certificates_of(body, folder)


@pytest.mark.parametrize("door", ["public", "portal"])
def test_cacerts_leads_from_the_issuing_ca_to_the_root(
    gateway: Gateway, tmp_path: Path, door: str
) -> None:
    status, _, body = split(curl(gateway, f"{getattr(gateway, door)}/cacerts"))
    assert status == 200
    pem = certificates_of(body, tmp_path).read_text()
    assert pem.count("BEGIN CERTIFICATE") == 2
    openssl("verify", "-CAfile", gateway.root_file, "answer.pem", folder=tmp_path)


def test_csrattrs_is_a_sequence_of_attributes(gateway: Gateway) -> None:
    """Section 4.5.2."""
    status, headers, body = split(curl(gateway, f"{gateway.public}/csrattrs"))
    assert status == 200
    assert headers["content-type"] == "application/csrattrs"
    parsed = openssl("asn1parse", "-inform", "DER", stdin=base64.b64decode(body)).text
    objects = re.findall(r"OBJECT\s+:(\S+)", parsed)
    assert objects == ["id-ecPublicKey", "prime256v1", "ecdsa-with-SHA256"]


@pytest.mark.parametrize("door", ["public", "portal"])
def test_a_slip_enrols(gateway: Gateway, cas: Path, tmp_path: Path, door: str) -> None:
    """Section 4.2, appendix A.2."""
    slip, body = gateway.register(), make_request(tmp_path)
    status, headers, answer = split(
        curl(
            gateway,
            "--user", f"{slip.serial_number}:{slip.download_password}",
            "--header", PKCS10, "--data-binary", f"@{body}",
            f"{getattr(gateway, door)}/simpleenroll",
        )
    )  # fmt: skip
    assert status == 200
    assert headers["content-type"] == "application/pkcs7-mime; smime-type=certs-only"
    certificate = certificates_of(answer, tmp_path)
    assert certificate.read_text().count("BEGIN CERTIFICATE") == 1
    openssl("verify", "-purpose", "sslclient", "-CAfile", cas, certificate)
    wanted = openssl("pkey", "-in", "new.key", "-pubout", folder=tmp_path).text
    assert openssl("x509", "-in", certificate, "-noout", "-pubkey").text == wanted
    assert slip.serial_number in openssl("x509", "-in", certificate, "-noout", "-serial").text


def test_without_a_slip_the_server_asks_for_one(gateway: Gateway, tmp_path: Path) -> None:
    """Section 3.2.3."""
    body = make_request(tmp_path)
    status, headers, _ = split(
        curl(gateway, "--header", PKCS10, "--data-binary", f"@{body}",
             f"{gateway.public}/simpleenroll")
    )  # fmt: skip
    assert status == 401
    assert headers["www-authenticate"].startswith("basic realm=")


def test_the_present_certificate_renews_itself(gateway: Gateway, cas: Path, tmp_path: Path) -> None:
    """Section 4.2.2, appendix A.3: the names come from the present certificate."""
    certificate, key = gateway.settle().write(tmp_path)
    # openssl makes the request from the certificate, with a new key.
    make_request(tmp_path)
    openssl(
        "x509", "-in", certificate, "-x509toreq", "-signkey", key, "-out", "same-key.csr",
        folder=tmp_path,
    )  # fmt: skip
    subject = openssl(
        "req", "-in", "same-key.csr", "-noout", "-subject", "-nameopt", "RFC2253", folder=tmp_path
    ).text
    assert "UID=officer." in subject
    openssl("req", "-in", "same-key.csr", "-outform", "DER", "-out", "r.der", folder=tmp_path)
    body = tmp_path / "r.b64"
    body.write_bytes(base64.encodebytes((tmp_path / "r.der").read_bytes()))
    status, _, answer = split(
        curl(
            gateway, "--cert", certificate, "--key", key,
            "--header", PKCS10, "--data-binary", f"@{body}", f"{gateway.portal}/simplereenroll",
        )
    )  # fmt: skip
    assert status == 200, answer
    renewed = certificates_of(answer, tmp_path)
    openssl("verify", "-purpose", "sslclient", "-CAfile", cas, renewed)
    shown = ("-noout", "-subject", "-nameopt", "RFC2253")
    assert (
        openssl("x509", "-in", renewed, *shown).text
        == openssl("x509", "-in", certificate, *shown).text
    )
    serial = openssl("x509", "-in", renewed, "-noout", "-serial").text
    assert serial != openssl("x509", "-in", certificate, "-noout", "-serial").text


def test_a_request_with_other_names_is_told_why(gateway: Gateway, tmp_path: Path) -> None:
    """Sections 4.2.2 and 4.2.3: a 4xx and words for a person."""
    certificate, key = gateway.settle().write(tmp_path)
    body = make_request(tmp_path, "/CN=somebody else")
    status, headers, answer = split(
        curl(
            gateway, "--cert", certificate, "--key", key, "--header", "Accept-Language: en",
            "--header", PKCS10, "--data-binary", f"@{body}", f"{gateway.portal}/simplereenroll",
        )
    )  # fmt: skip
    assert status == 400
    assert headers["content-type"].startswith("text/plain")
    assert b"Subject" in answer


def test_the_server_makes_a_key(gateway: Gateway, cas: Path, tmp_path: Path) -> None:
    """Section 4.4, appendix A.4."""
    slip, body = gateway.register(), make_request(tmp_path)
    status, headers, answer = split(
        curl(
            gateway,
            "--user", f"{slip.serial_number}:{slip.download_password}",
            "--header", PKCS10, "--data-binary", f"@{body}",
            f"{gateway.public}/serverkeygen",
        )
    )  # fmt: skip
    assert status == 200
    key_part, certificate_part = parts_of(headers["content-type"], answer)
    assert key_part.media_type == "application/pkcs8"
    (tmp_path / "made.key").write_bytes(key_part.octets)
    made = openssl("pkey", "-inform", "DER", "-in", "made.key", "-pubout", folder=tmp_path).text
    certificate = certificates_of(base64.b64encode(certificate_part.octets), tmp_path)
    assert openssl("x509", "-in", certificate, "-noout", "-pubkey").text == made
    openssl("verify", "-purpose", "sslclient", "-CAfile", cas, certificate)
    offered = try_openssl("pkey", "-in", "new.key", "-pubout", folder=tmp_path).text
    assert offered != made
