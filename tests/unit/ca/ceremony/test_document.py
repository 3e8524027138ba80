"""The document decides everything, and nothing that is out of bounds."""

from pathlib import Path

import pytest

from ca.ceremony import document_template, parse_document, read_document
from ca.ceremony.errors import DocumentRefused
from tests.support.ceremony import document_text


def test_a_good_document_is_read_with_its_digest() -> None:
    reviewed = parse_document(document_text().encode())
    assert reviewed.content.organization == "CertGate"
    assert reviewed.content.days.root == 20 * 365
    assert len(reviewed.sha256) == 64
    assert parse_document(document_text().encode()).sha256 == reviewed.sha256
    assert parse_document(document_text().encode() + b"\n").sha256 != reviewed.sha256


def test_the_template_is_a_good_document() -> None:
    text = document_template(
        organization='武汉市 "社会" 保险局',
        algorithm="ecdsa-p384",
        pki_url="http://pki.example.org:8080",
        server_names=["portal.example.org", "127.0.0.1"],
        crl_shards=16,
    )
    content = parse_document(text.encode()).content
    assert content.organization == '武汉市 "社会" 保险局'
    assert content.server_names == ["portal.example.org", "127.0.0.1"]
    assert content.issuing_key == "server"


@pytest.mark.parametrize(
    ("changed", "to"),
    [
        ("version = 1", "version = 2"),
        ("version = 1", ""),
        ('organization = "CertGate"', 'organization = ""'),
        ('organization = "CertGate"', f'organization = "{"武" * 17}"'),
        ('organization = "CertGate"', 'organization = "Cert\\u0007Gate"'),
        ('algorithm = "ecdsa-p256"', 'algorithm = "dsa"'),
        ("http://", "https://"),
        ("http://", "http://user@"),
        (":8080", ":8080/"),
        (":8080", ":8080?x=1"),
        ('"portal.example.org"', '"portal.example.org, DNS:bank.example"'),
        ("crl_shards = 16", "crl_shards = 0"),
        ("crl_shards = 16", 'crl_shards = "16"'),
        ('issuing_key = "server"', 'issuing_key = "elsewhere"'),
        ("[[participants]]\nname", "[days]\nroot = 365\nissuing = 366\n[[participants]]\nname"),
        ("[[participants]]\nname", "[days]\nroot_crl = 4000\n[[participants]]\nname"),
        ("李伟", "周明"),
        ('[[participants]]\nname = "李伟"\nrole = "witness"\n', ""),
        ("version = 1", 'version = 1\npassphrase = "in the document"'),
        ("version = 1", "version = "),
    ],
)
def test_anything_else_is_refused(changed: str, to: str) -> None:
    text = document_text()
    assert changed in text
    with pytest.raises(DocumentRefused):
        parse_document(text.replace(changed, to, 1).encode()).content.profiles()


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    for octets in (b"\xff\xfe", b"#" * 100_000):
        with pytest.raises(DocumentRefused):
            parse_document(octets)
    with pytest.raises(DocumentRefused):
        read_document(tmp_path / "missing.toml")
