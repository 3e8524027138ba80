"""The browser harness itself: the certificate that a page sees is the one in the NSS store."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from playwright.sync_api import Error

from tests.support.chromium import Browsers
from tests.support.openssl import openssl

pytestmark = pytest.mark.browser

PASSWORD = "23456-ABCDE-FGHJK"
EXTENSIONS = """
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
extendedKeyUsage = clientAuth
"""


class SayWho(http.server.BaseHTTPRequestHandler):
    """Answers with the common name of the certificate that the browser showed."""

    def do_GET(self) -> None:
        assert isinstance(self.connection, ssl.SSLSocket)
        certificate = self.connection.getpeercert(binary_form=True)
        body = f"<h1>{common_name(certificate) if certificate else 'nobody'}</h1>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def common_name(certificate: bytes) -> str:
    subject = x509.load_der_x509_certificate(certificate).subject
    return str(subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


@dataclass(frozen=True)
class SmallAuthority:
    """A root that issues with the openssl command."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> "SmallAuthority":
        authority = cls(folder)
        authority.file("openssl.cnf").write_text(EXTENSIONS)
        authority._key("root")
        openssl(
            *("req", "-x509", "-new", "-key", authority.file("root.key"), "-days", "2"),
            *("-subj", "/CN=Harness root", "-out", authority.file("root.pem")),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        )
        return authority

    def issue(self, kind: str, common_name: str) -> None:
        self._key(kind)
        request = openssl(
            *("req", "-new", "-utf8", "-key", self.file(f"{kind}.key")),
            *("-subj", f"/CN={common_name}"),
        )
        openssl(
            *("x509", "-req", "-CA", self.file("root.pem"), "-CAkey", self.file("root.key")),
            *("-extfile", self.file("openssl.cnf"), "-extensions", kind, "-days", "1"),
            *("-out", self.file(f"{kind}.pem")),
            stdin=request.output,
        )

    def pkcs12(self, kind: str) -> bytes:
        return openssl(
            *("pkcs12", "-export", "-inkey", self.file(f"{kind}.key"), "-name", kind),
            *("-in", self.file(f"{kind}.pem"), "-passout", f"pass:{PASSWORD}"),
        ).output

    def file(self, name: str) -> Path:
        return self.folder / name

    def _key(self, kind: str) -> None:
        openssl(
            *("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-out", self.file(f"{kind}.key")),
        )


@pytest.fixture
def authority(tmp_path: Path) -> SmallAuthority:
    folder = tmp_path / "authority"
    folder.mkdir()
    authority = SmallAuthority.create(folder)
    authority.issue("server", "localhost")
    return authority


@pytest.fixture
def site(authority: SmallAuthority) -> Iterator[str]:
    """The address of a TLS server that asks for a client certificate and does not insist."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.file("root.pem"))
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    tls.verify_mode = ssl.CERT_OPTIONAL
    tls.load_cert_chain(authority.file("server.pem"), authority.file("server.key"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), SayWho) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_page_sees_the_certificate_of_the_store(
    browsers: Browsers, authority: SmallAuthority, site: str
) -> None:
    authority.issue("client", "南山科技有限公司")
    store = browsers.certificate_store()
    store.trust_root(authority.file("root.pem").read_bytes())
    store.import_pkcs12(authority.pkcs12("client"), PASSWORD)

    page = browsers.open(store).new_page()
    page.goto(site)

    assert page.inner_text("h1") == "南山科技有限公司"


def test_page_sees_nobody_without_a_certificate(
    browsers: Browsers, authority: SmallAuthority, site: str
) -> None:
    store = browsers.certificate_store()
    store.trust_root(authority.file("root.pem").read_bytes())

    page = browsers.open(store).new_page()
    page.goto(site)

    assert page.inner_text("h1") == "nobody"


def test_an_unknown_root_is_refused(browsers: Browsers, site: str) -> None:
    page = browsers.open(browsers.certificate_store()).new_page()

    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(site)


def test_two_people_at_the_same_time_keep_their_own_certificates(
    browsers: Browsers, authority: SmallAuthority, site: str
) -> None:
    names = ["unit", "officer"]
    pages = []
    for name in names:
        authority.issue("client", name)
        store = browsers.certificate_store()
        store.trust_root(authority.file("root.pem").read_bytes())
        store.import_pkcs12(authority.pkcs12("client"), PASSWORD)
        pages.append(browsers.open(store).new_page())

    for page in pages:
        page.goto(site)

    assert [page.inner_text("h1") for page in pages] == names
