"""strongSwan's EST client, a program of other people from end to end, TLS included.

Its parser (5.9.8) cannot read name constraints on addresses, which our issuing
CA has (RFC 5280 section 4.2.1.10), so the doors here show a server certificate
of another CA. What goes over them is the same.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.listeners.tls_context import TlsContext
from tests.conformance.rfc7030.conftest import Gateway
from tests.integration.gateway.listeners.credentials import our_root, server
from tests.integration.gateway.listeners.doors import open_door, public_tls
from tests.support.programs import run
from tests.support.renewing import new_key, request_for

pytestmark = pytest.mark.conformance


def pki(*arguments: str | Path, folder: Path, stdin: bytes = b"") -> bytes:
    """Run strongSwan's `pki` and return what it printed."""
    if shutil.which("pki") is None:
        pytest.skip("pki is not installed (apt-get install strongswan-pki)")
    # The portal speaks TLS 1.3 alone, which strongSwan does when it is told to.
    settings = folder / "strongswan.conf"
    settings.write_text("libtls {\n  version_max = 1.3\n}\n", encoding="ascii")
    return run(
        "env", "coreutils", f"STRONGSWAN_CONF={settings}", "pki", *arguments,
        folder=folder, stdin=stdin,
    ).output  # fmt: skip


@pytest.fixture
def doors(gateway: Gateway) -> Iterator[tuple[str, str]]:
    """The addresses of a public and a portal door with another server certificate."""
    bureau, shown = gateway.bureau, server()
    issuing = bureau.house.certification.hierarchy.issuing.certificate
    asking = TlsContext(shown.chain, shown.private_key, ask_for_certificate_of=[issuing])
    with (
        open_door(bureau.public, public_tls()) as public,
        open_door(bureau.portal, asking) as portal,
    ):
        yield f"https://localhost:{public.port}", f"https://localhost:{portal.port}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The root of the other CA."""
    file = tmp_path / "root.der"
    file.write_bytes(our_root().certificate.public_bytes(Encoding.DER))
    return file


def test_it_fetches_the_ca_certificates(
    gateway: Gateway, doors: tuple[str, str], root: Path, tmp_path: Path
) -> None:
    """RFC 7030 section 4.1."""
    pki(
        "--estca", "--url", doors[0], "--cacert", root, "--caout", "ca.pem", "--outform", "pem",
        folder=tmp_path,
    )  # fmt: skip
    fetched = {
        x509.load_pem_x509_certificate(file.read_bytes()) for file in tmp_path.glob("ca*.pem")
    }
    # It leaves out the issuing CA, for the reason above.
    assert fetched == {gateway.bureau.house.certification.hierarchy.root.certificate}


def test_it_enrols_with_a_slip(
    gateway: Gateway, doors: tuple[str, str], root: Path, tmp_path: Path
) -> None:
    """RFC 7030 sections 3.2.3 and 4.2.1."""
    slip, key = gateway.register(), new_key()
    printed = pki(
        "--est", "--url", doors[0], "--cacert", root,
        "--userpass", f"{slip.serial_number}:{slip.download_password}",
        folder=tmp_path, stdin=request_for(key),
    )  # fmt: skip
    certificate = x509.load_der_x509_certificate(printed)
    assert certificate.public_key() == key.public_key()


def test_it_renews_with_the_present_certificate(
    gateway: Gateway, doors: tuple[str, str], root: Path, tmp_path: Path
) -> None:
    """RFC 7030 section 4.2.2."""
    present, key = gateway.settle(), new_key()
    (tmp_path / "old.der").write_bytes(present.certificate.public_bytes(Encoding.DER))
    (tmp_path / "old.key").write_bytes(
        present.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    printed = pki(
        "--est", "--url", doors[1], "--cacert", root,
        "--cert", "old.der", "--key", "old.key",
        folder=tmp_path, stdin=request_for(key, present.certificate.subject),
    )  # fmt: skip
    renewed = x509.load_der_x509_certificate(printed)
    assert renewed.public_key() == key.public_key()
    assert renewed.subject == present.certificate.subject
