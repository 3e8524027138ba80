"""Nothing of a bundle is installed that this server does not expect, obligation by obligation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.authorities import Authority
from ca.ceremony.bundle import Bundle
from ca.ceremony.errors import BundleRefused
from ca.ceremony.records import CertifiedIssuing
from ca.ceremony.verifying import Expectations, verify_bundle
from ca.crl.building import CrlContent, write_tbs
from ca.crl.encoding import encode_entry
from ca.encoding.signature_algorithms import assemble_signed, sign_raw
from ca.key_types import CaPublicKey
from ca.keys import KeyAlgorithm, generate_key
from ca.signing import KeySigner, Signer
from tests.support.certification import PKI_URL, make_profiles
from tests.support.clock import NEW_YEAR
from tests.support.drafts import DraftContent, authority, draft_issuing, draft_root
from tests.support.private_keys import private_key_of

NOW = NEW_YEAR + timedelta(days=1)
KEY_NAME = "issuing-41424344"


@dataclass(frozen=True)
class _Signers:
    """The server's key store, with these keys in it."""

    held: Mapping[str, Signer]

    def find(self, name: str, public_key: CaPublicKey | None = None) -> Signer | None:
        return self.held.get(name)

    def get(self, name: str, public_key: CaPublicKey | None = None) -> Signer:
        raise NotImplementedError

    def create(self, name: str, algorithm: KeyAlgorithm) -> Signer:
        raise NotImplementedError


def _pem(made: x509.Certificate) -> str:
    return made.public_bytes(Encoding.PEM).decode()


def _fingerprint(made: x509.Certificate) -> str:
    return made.fingerprint(hashes.SHA256()).hex().upper()


def _crl(
    *entries: bytes, by: Authority | None = None, names: Authority | None = None, **times: datetime
) -> str:
    by = by or authority("root")
    content = CrlContent(1, times.get("begins", NOW), times.get("ends", NOW + timedelta(days=30)))
    der = by.signer.sign_crl(write_tbs(names or by, content, iter(entries)))
    return x509.load_der_x509_crl(der).public_bytes(Encoding.PEM).decode()


def _issuing(**changes: Any) -> dict[str, Any]:
    made = CertifiedIssuing(
        name="issuing",
        key_name=KEY_NAME,
        serial_number="41",
        certificate=_pem(authority("issuing").certificate),
    )
    return {"issuing": made.model_copy(update=changes)}


def _signed(draft: DraftContent) -> x509.Certificate:
    """Sign what the CA would not."""
    key, tbs = draft.issuer_private_key, draft.tbs()
    der = assemble_signed(tbs, key.public_key(), sign_raw(key, tbs))
    return x509.load_der_x509_certificate(der)


@cache
def _other_root() -> Authority:
    draft = draft_root()
    signer = KeySigner(draft.issuer_private_key)
    return Authority("root", signer.sign_certificate(draft.lint()), signer)


def _verify(bundle: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    root, issuing = authority("root"), authority("issuing")
    given: dict[str, Any] = {
        "pki_url": PKI_URL,
        "crl_shards": 64,
        "root_certificate": _pem(root.certificate),
        "root_key_name": "root-41424344",
        "root_crl": _crl(),
        "record_sha256": "A" * 64,
        **_issuing(),
    }
    known = Expectations(
        root_sha256=_fingerprint(root.certificate),
        issuing_name="issuing",
        profiles=make_profiles(),
        pki_url=PKI_URL,
        crl_shards=64,
        signers=_Signers({KEY_NAME: issuing.signer}),
        now=NOW,
    )
    verify_bundle(Bundle(**{**given, **bundle}), replace(known, **expected))


def test_what_is_expected_may_be_installed() -> None:
    _verify({}, {})
    # Its whole validity belongs to it, and the CRL's end (RFC 5280 sections 4.1.2.5 and 5.1.2.5).
    _verify({"root_crl": _crl(ends=NOW + timedelta(seconds=1))}, {"now": NOW})


def _end(of: str) -> datetime:
    return authority(of).certificate.not_valid_after_utc


def _confined() -> x509.Certificate:
    return _signed(
        draft_issuing()
        .with_key(authority("issuing").signer.public_key)
        .but_extension(x509.BasicConstraints(ca=True, path_length=1))
    )


@cache
def _deeper_root() -> x509.Certificate:
    """The root's own key under a certificate that allows more."""
    key = private_key_of(authority("root"))
    draft = replace(draft_root().with_key(key.public_key()), issuer_private_key=key)
    return _signed(draft.but_extension(x509.BasicConstraints(ca=True, path_length=5)))


def _named_otherwise() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CertGate Issuing CA 2")])
    return _signed(
        draft_issuing().with_key(authority("issuing").signer.public_key).but(subject=name)
    )


def _under_another_root() -> x509.Certificate:
    draft = draft_issuing().with_key(authority("issuing").signer.public_key)
    other = replace(draft, issuer_private_key=private_key_of(_other_root()))
    return _signed(other)


_REFUSED = {
    "another root": (
        {"root_certificate": _pem(_other_root().certificate)}, {}, "root-unexpected",
    ),
    "a root that is none": (
        {"root_certificate": _pem(authority("issuing").certificate)},
        {"root_sha256": _fingerprint(authority("issuing").certificate)},
        "certificate-unverified",
    ),
    "no name of an issuing CA": (_issuing(name="root"), {"issuing_name": "root"}, "unreadable"),
    "not the next one": ({}, {"issuing_name": "issuing-2"}, "not-next"),
    "signed by another root": (
        _issuing(certificate=_pem(_under_another_root())), {}, "certificate-unverified",
    ),
    "a root that allows more": (
        {"root_certificate": _pem(_deeper_root())},
        {"root_sha256": _fingerprint(_deeper_root())},
        "certificate-lint",
    ),
    "another name": (_issuing(certificate=_pem(_named_otherwise())), {}, "name-differs"),
    "other addresses": (
        {}, {"profiles": make_profiles(pki_url="http://pki.example.net")}, "certificate-lint",
    ),
    "a longer path": (_issuing(certificate=_pem(_confined())), {}, "certificate-lint"),
    "not valid yet": (
        {"root_crl": _crl(begins=NEW_YEAR - timedelta(days=400))},
        {"now": NEW_YEAR - timedelta(days=300)},
        "not-valid-now",
    ),
    "not valid any more": (
        {"root_crl": _crl(ends=_end("root"))},
        {"now": _end("issuing") + timedelta(seconds=1)},
        "not-valid-now",
    ),
    "a key that is not here": ({}, {"signers": _Signers({})}, "key-missing"),
    "another key": (
        {}, {"signers": _Signers({KEY_NAME: KeySigner(generate_key("ecdsa-p256"))})}, "key-differs",
    ),
    "a key elsewhere": (_issuing(key_name="../issuing"), {}, "unreadable"),
    "a CRL of another": ({"root_crl": _crl(by=authority("issuing"))}, {}, "crl-unverified"),
    "a CRL in the root's name": (
        {"root_crl": _crl(by=_other_root(), names=authority("root"))}, {}, "crl-unverified",
    ),
    "a CRL in another's name": (
        {"root_crl": _crl(names=authority("issuing"))}, {}, "crl-unverified",
    ),
    "no CRL": ({"root_crl": "-----BEGIN X509 CRL-----"}, {}, "crl-unverified"),
    "a CRL that is over": (
        {"root_crl": _crl(begins=NEW_YEAR, ends=NOW - timedelta(seconds=1))}, {}, "crl-stale",
    ),
    "a CRL of later": ({"root_crl": _crl(begins=NOW + timedelta(seconds=1))}, {}, "crl-stale"),
    "revoked": (
        {
            "root_crl": _crl(
                encode_entry(
                    f"{authority('issuing').certificate.serial_number:X}", NEW_YEAR, "superseded"
                )
            )
        },
        {},
        "issuing-revoked",
    ),
    "elsewhere": ({"pki_url": "http://pki.example.net"}, {}, "elsewhere"),
    "other shards": ({"crl_shards": 65}, {}, "shards-differ"),
}  # fmt: skip


@pytest.mark.parametrize(("bundle", "expected", "rule"), _REFUSED.values(), ids=_REFUSED)
def test_anything_else_is_refused(
    bundle: Mapping[str, Any], expected: Mapping[str, Any], rule: str
) -> None:
    with pytest.raises(BundleRefused) as refused:
        _verify(bundle, expected)
    assert refused.value.code == f"bundle-{rule}"
