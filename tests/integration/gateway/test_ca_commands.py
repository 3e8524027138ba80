"""``certgate ca`` as operators run it: a folder without a server, a server without a root.

Issue 3, part 3. One test runs every command as a process of its own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509

from foundation.settings import Settings
from gateway.composition.signing import open_signer
from tests.support.command import Desk
from tests.support.server import running_server
from tests.support.softhsm import new_token

PASSPHRASE = "a sentence for the root's key"


@dataclass
class Site:
    """A server and the folder of its root, which share nothing but carried files."""

    server: Desk
    offline: Desk
    root: Path
    passphrase: Path
    document: Path

    def authorities(self) -> dict[str, tuple[str, str]]:
        """Return standing and place of the key of each authority."""
        items = self.server.json("ca", "list")["items"]
        return {each["name"]: (each["standing"], each["key"]) for each in items}

    def key(self) -> tuple[str | Path, ...]:
        """Return the options that open the root."""
        return "--passphrase-file", self.passphrase

    def fingerprint(self) -> str:
        """Return the root's fingerprint as the records tell it."""
        found: str = self.offline.json("ca", "verify-records", self.root)["root_fingerprint_sha256"]
        return found

    def certify(self, name: str) -> Path:
        """Ask on the server, sign offline; return the bundle."""
        request = self.root.parent / f"{name}.pem"
        self.server.run("ca", "request", "--out", request)
        self.offline.run("ca", "sign-issuing", request, "--ceremony", self.root, *self.key())
        return self.root / "public" / f"bundle-{name}.json"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A server with its document filled in, and nothing made yet."""
    server = Desk(tmp_path / "server")
    document = tmp_path / "ceremony.toml"
    text = server.run("ca", "document")
    document.write_text(text.replace('"...."', '"李伟"').replace('"..."', '"周明"'))
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE)
    return Site(server, Desk(tmp_path / "nowhere"), tmp_path / "root", passphrase, document)


@pytest.fixture
def installed(site: Site) -> Iterator[Site]:
    """The same after the ceremony."""
    yield _install(site)
    assert not site.offline.data.exists(), "what is done offline needs no data folder"


def _install(site: Site) -> Site:
    site.offline.run("ca", "ceremony", site.document, "--out", site.root, *site.key())
    bundle = site.certify("issuing")
    site.server.run("ca", "install", bundle, "--root-fingerprint", site.fingerprint())
    return site


def test_a_rehearsal_shows_everything_and_writes_nothing(site: Site) -> None:
    shown = site.offline.json("ca", "ceremony", site.document, "--out", site.root, "--dry-run")[
        "certificates"
    ]
    assert shown[0]["basicConstraints"] == "critical, CA: true"
    assert shown[0]["subject"] == "CN=CertGate Root CA,O=CertGate,C=CN"
    assert not site.root.exists()


def test_a_server_whose_root_is_elsewhere(site: Site) -> None:
    """Ceremony, request, signature, installation; then it serves, and the doctor is content."""
    site.server.by_process = site.offline.by_process = True
    installed = _install(site)
    assert installed.authorities() == {
        "root": ("active", "elsewhere"),
        "issuing": ("active", "here"),
    }
    assert not list(installed.server.data.glob("keys/root-*"))
    with running_server(installed.server.data) as server:
        findings = {
            (each["check"], each["outcome"], each.get("name"))
            for each in server.json("doctor")["findings"]
        }
        assert ("keys", "offline", "root") in findings
        assert ("crl", "fresh", "root") in findings


def test_nothing_is_installed_under_a_root_that_nobody_named(site: Site) -> None:
    """An attacker on the way can make a root and sign our request: its fingerprint differs."""
    site.offline.run("ca", "ceremony", site.document, "--out", site.root, *site.key())
    bundle = site.certify("issuing")
    told = site.server.run("ca", "install", bundle, "--root-fingerprint", "AB" * 32, expect=1)
    assert site.fingerprint() in told
    site.server.run("ca", "install", bundle, expect=1)
    site.server.run("ca", "install", bundle, "--root-fingerprint", "AB", expect=1)
    assert site.authorities() == {}


def test_a_start_before_the_installation_makes_no_root(site: Site) -> None:
    site.offline.run("ca", "ceremony", site.document, "--out", site.root, *site.key())
    bundle = site.certify("issuing")
    assert "certgate ca install" in site.server.run("up", expect=1)
    assert site.authorities() == {}
    site.server.run("ca", "install", bundle, "--root-fingerprint", site.fingerprint())
    assert len(site.authorities()) == 2


def test_the_next_issuing_ca_and_the_end_of_the_first(installed: Site) -> None:
    """Compromise with an offline root: request, sign, install; then the CRL that ends the old."""
    server, offline = installed.server, installed.offline
    assert "not on this machine" in server.run("ca", "rollover", expect=1)
    server.run("ca", "install", installed.certify("issuing-2"))
    assert installed.authorities()["issuing-2"] == ("active", "here")
    offline.run(
        *("ca", "root-crl", "--ceremony", installed.root, *installed.key()),
        *("--revoke", "issuing", "--reason", "cACompromise"),
    )
    newest = max((installed.root / "public").glob("root-*.crl"))
    server.run("ca", "import-crl", newest)
    assert installed.authorities()["issuing"][0] == "revoked"
    # The one before would let the old issuing CA live again.
    older = min((installed.root / "public").glob("root-*.crl"))
    server.run("ca", "import-crl", older, expect=1)
    assert installed.authorities()["issuing"][0] == "revoked"
    assert server.json("audit", "verify")["whole"] is True


def test_another_roots_crl_is_not_published(installed: Site, tmp_path: Path) -> None:
    other = tmp_path / "other"
    installed.offline.run("ca", "ceremony", installed.document, "--out", other, *installed.key())
    (foreign,) = (other / "public").glob("root-*.crl")
    installed.server.run("ca", "import-crl", foreign, expect=1)
    rubbish = tmp_path / "rubbish.crl"
    for content in (b"", b"-----BEGIN X509 CRL-----", b"\x30\x00"):
        rubbish.write_bytes(content)
        installed.server.run("ca", "import-crl", rubbish, expect=1)


def test_the_roots_key_leaves_a_server_that_was_made_with_it(site: Site) -> None:
    server = site.server
    server.run("init")
    (key,) = server.data.glob("keys/root-*.pem")
    before = key.read_bytes()
    server.run(
        *("ca", "export-root", "--to", site.root, "--document", site.document),
        *(*site.key(), "--yes"),
    )
    assert not key.exists()
    assert site.authorities()["root"] == ("active", "elsewhere")
    (moved,) = (site.root / "keys").iterdir()
    assert moved.read_bytes() != before
    # It goes on from there: the records know the issuing CA that was made here.
    server.run("ca", "install", site.certify("issuing-2"))
    assert site.authorities()["issuing-2"] == ("active", "here")


def test_an_export_that_is_not_confirmed_keeps_both_copies(site: Site) -> None:
    site.server.run("init")
    site.server.run(
        "ca", "export-root", "--to", site.root, "--document", site.document, *site.key(), expect=1
    )
    assert site.authorities()["root"] == ("active", "here")


def test_rollover_and_revocation_with_the_roots_key_here(site: Site) -> None:
    server = site.server
    server.run("init")
    server.run("ca", "revoke", "issuing", "--reason", "superseded", expect=1)
    assert server.json("ca", "rollover")["authority"] == "issuing-2"
    assert server.json("ca", "revoke", "issuing", "--reason", "superseded")["standing"] == "revoked"
    server.run("ca", "revoke", "issuing-2", "--reason", "superseded", expect=1)


def test_a_running_server_takes_a_rollover_over(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        assert server.json("ca", "rollover")["authority"] == "issuing-2"
        # A slip that is printed now is for a certificate of the new one.
        slip = server.json("officer", "add", "qian.wei", "--role", "auditor")
        shown = server.json("certificate", "show", slip["serial_number"])
        assert shown["state"] == "reserved"
        assert server.json("doctor")["well"] is True


@pytest.mark.parametrize("short", ["", "fifteen letters"])
def test_a_short_passphrase_is_refused(short: str, site: Site) -> None:
    site.passphrase.write_text(short)
    site.offline.run("ca", "ceremony", site.document, "--out", site.root, *site.key(), expect=1)


def test_a_broken_document_is_told(site: Site) -> None:
    site.document.write_text(site.document.read_text().replace("http://", "https://"))
    told = site.offline.run(
        "ca", "ceremony", site.document, "--out", site.root, *site.key(), expect=1
    )
    assert "pki_url" in told
    assert not site.root.exists()


def test_a_root_on_a_token(site: Site) -> None:
    """The whole ceremony with the root's key in SoftHSM2."""
    token = new_token()
    pin = site.root.parent / "pin"
    pin.write_text(token.access.pin)
    options = (
        *("--pkcs11-module", token.access.module, "--pkcs11-token", token.access.label),
        *("--pkcs11-pin-file", pin),
    )
    site.offline.run("ca", "ceremony", site.document, "--out", site.root, *options)
    assert not (site.root / "keys").exists()
    request = site.root.parent / "request.pem"
    site.server.run("ca", "request", "--out", request)
    site.offline.run("ca", "sign-issuing", request, "--ceremony", site.root, *options)
    bundle = site.root / "public" / "bundle-issuing.json"
    site.server.run("ca", "install", bundle, "--root-fingerprint", site.fingerprint())
    assert site.authorities()["root"] == ("active", "elsewhere")


def test_a_server_whose_keys_are_on_a_token(tmp_path: Path) -> None:
    """No key of the CA is a file; those of TLS and of the audit log are."""
    token = new_token()
    pin = tmp_path / "pin"
    pin.write_text(token.access.pin)
    settings = {
        "CERTGATE_KEY_BACKEND": "pkcs11",
        "CERTGATE_KEY_ALGORITHM": "ecdsa-p384",
        "CERTGATE_PKCS11_MODULE": str(token.access.module),
        "CERTGATE_PKCS11_TOKEN": token.access.label,
        "CERTGATE_PKCS11_PIN_FILE": str(pin),
    }
    data = tmp_path / "data"
    with running_server(data, **settings) as server:
        files = {path.name.split("-")[0] for path in data.glob("keys/*.pem")}
        assert files - {"audit"} == {"server"}
        items = server.json("ca", "list")["items"]
        assert {(each["key"], each["key_algorithm"]) for each in items} == {("here", "ecdsa-p384")}
        assert server.json("doctor")["well"] is True
        assert server.json("ca", "rollover")["authority"] == "issuing-2"
    pin.write_text("not this one")
    # A token stays open in the process that opened it.
    wrong = Desk(data, settings, by_process=True)
    assert "PIN" in wrong.run("ca", "list", expect=1)
    assert "not this one" not in wrong.run("up", expect=1)


def test_the_bundle_holds_no_secret(installed: Site) -> None:
    for path in (installed.root / "public").iterdir():
        assert b"PRIVATE" not in path.read_bytes()
    root = x509.load_pem_x509_certificate((installed.root / "public" / "root.pem").read_bytes())
    assert root.subject == root.issuer


def test_a_signer_makes_the_key_and_learns_what_it_is_for(site: Site) -> None:
    """The gateway never has the key: request and introduction on the signer's machine."""
    signer = Desk(site.root.parent / "signer")
    site.offline.run("ca", "ceremony", site.document, "--out", site.root, *site.key())
    elsewhere = Desk(site.server.data, {"CERTGATE_SIGNER": "unix:/nowhere/signer.sock"})
    request = site.root.parent / "request.pem"
    elsewhere.run("ca", "request", "--out", request, expect=1)
    signer.run("ca", "request", "--out", request, "--name", "../issuing", expect=1)
    signer.run("ca", "request", "--out", request, "--name", "issuing")
    site.offline.run("ca", "sign-issuing", request, "--ceremony", site.root, *site.key())
    bundle = site.root / "public" / "bundle-issuing.json"
    signer.run("ca", "introduce", bundle, "--root-fingerprint", "AB" * 32, expect=1)
    done = json.loads(
        signer.run("ca", "introduce", bundle, "--root-fingerprint", site.fingerprint(), "--json")
    )
    with open_signer(Settings.load(signer.data)) as house:
        held = house.holdings.find(done["key_name"])
    assert held is not None
    assert (held.authority, held.role) == ("issuing", "authority")


def test_a_key_made_in_the_ceremony_is_carried_to_the_server(site: Site) -> None:
    """`issuing_key = "here"`: the root's passphrase stays behind, the other goes along."""
    text = site.document.read_text().replace('issuing_key = "server"', 'issuing_key = "here"')
    site.document.write_text(text)
    passphrase = site.root.parent / "server-passphrase"
    passphrase.write_text("a sentence for the issuing key")
    site.offline.run(
        *("ca", "ceremony", site.document, "--out", site.root, *site.key()),
        *("--server-passphrase-file", passphrase),
    )
    bundle = site.root / "public" / "bundle-issuing.json"
    install = ("ca", "install", bundle, "--root-fingerprint", site.fingerprint())
    site.server.settings["CERTGATE_KEY_PASSPHRASE_FILE"] = str(passphrase)
    assert "does not hold the key" in site.server.run(*install, expect=1)
    (key,) = (site.root / "server-keys").iterdir()
    (site.server.data / "keys").mkdir(mode=0o700)
    key.rename(site.server.data / "keys" / key.name)
    site.server.run(*install)
    assert site.authorities()["issuing"] == ("active", "here")
    assert not list(site.server.data.glob("keys/root-*"))


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("CERTGATE_ORGANIZATION", "Another bureau", "organization"),
        ("CERTGATE_HOST", "portal.example.org", "extensions"),
        ("CERTGATE_PKI_PORT", "8081", "extensions"),
    ],
)
def test_a_bundle_for_other_settings_is_not_installed(
    setting: str, value: str, told: str, site: Site
) -> None:
    site.offline.run("ca", "ceremony", site.document, "--out", site.root, *site.key())
    bundle = site.certify("issuing")
    site.server.settings[setting] = value
    install = ("ca", "install", bundle, "--root-fingerprint", site.fingerprint())
    assert told in site.server.run(*install, expect=1)
    assert site.authorities() == {}
