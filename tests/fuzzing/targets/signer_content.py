"""What a gateway asks the signer to sign: `Refused`, or content that is what its key is for.

The first octet says what it is: a certificate, a list or an answer; as a capital, that
what follows is put into one of ours.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca.crl.shards import DEFAULT_SHARDS, shard_of
from ca.signer.content import Refused, check_certificate, check_crl, check_ocsp
from ca.signer.holdings import Holding
from ca.signer.messages import SignCertificate
from ca.signing import KeySigner
from tests.fuzzing.certified import certified
from tests.fuzzing.target import Target
from tests.support.private_keys import private_key_of


@cache
def _issuing() -> Holding:
    authority = certified().ca.hierarchy.issuing
    return Holding("issuing-41", KeySigner(private_key_of(authority)), authority.certificate)


@cache
def _ocsp() -> Holding:
    signer = certified().ca.hierarchy.ocsp_signers["issuing"]
    assert isinstance(signer.signer, KeySigner)
    return Holding("ocsp-41", signer.signer, signer.certificate)


@cache
def _issued() -> x509.Certificate:
    return certified().issue().certificate


@cache
def _ours() -> Mapping[bytes, bytes]:
    """Return content that the signer signs: inputs that were kept are under other keys."""
    ca = certified()
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        _issued(), ca.ca.hierarchy.issuing.certificate, hashes.SHA256()
    )
    asked = builder.build().public_bytes(Encoding.DER)
    answer = ocsp.load_der_ocsp_response(ca.responder.respond(asked))
    return {
        b"c": _issued().tbs_certificate_bytes,
        b"l": ca.crl(scope="0").tbs_certlist_bytes,
        b"o": answer.tbs_response_bytes,
    }


def examine(data: bytes) -> None:
    ours, kind, content = _ours(), data[:1].lower(), data[1:]
    if kind not in _CHECKS:
        return
    if data[:1].isupper():
        # A few octets of ours are others: their place, and what stands there.
        whole, place = ours[kind], int.from_bytes(content[:2], "big")
        content = whole[:place] + content[2:] + whole[place + len(content) - 2 :]
    with suppress(Refused):
        _CHECKS[kind](content)


def _certificate(content: bytes) -> None:
    number = _issued().serial_number
    request = SignCertificate(
        key=_issuing().name, serial_number=f"{number:X}", profile="unit", issuer="issuing",
        crl_shard=shard_of(f"{number:X}", DEFAULT_SHARDS), server_names=(),
    )  # fmt: skip
    linted = check_certificate(
        request, content, _issuing(), certified().ca.profiles, ceremony=False
    )
    signed = _issuing().signer.sign_certificate(linted)
    # Whatever kept the rules is one of ours to the last extension.
    assert signed.serial_number == number
    assert [each.oid for each in signed.extensions] == [each.oid for each in _issued().extensions]


def _crl(content: bytes) -> None:
    now = certified().ca.clock.now()
    facts = check_crl(content, _issuing(), now)
    assert facts.this_update <= now + timedelta(minutes=5)


def _answer(content: bytes) -> None:
    check_ocsp(content, _ocsp(), certified().ca.clock.now())


_CHECKS: Final[Mapping[bytes, Callable[[bytes], None]]] = {
    b"c": _certificate,
    b"l": _crl,
    b"o": _answer,
}


def seeds() -> Iterator[bytes]:
    for kind, check in _CHECKS.items():
        ours = _ours()[kind]
        check(ours)
        yield kind + ours
        yield kind.upper() + b"\x00\x08" + ours[8:12]


TARGET = Target(
    examine,
    seeds,
    words=(
        b"\xa0\x03\x02\x01\x02", b"\x02\x01\x05", bytes.fromhex("0603551d1c"), b"\x01\x01\xff",
        bytes.fromhex("0603551d14"), b"\xa3\x02\x30\x00", b"\x18\x0f20270104090000Z",
        bytes.fromhex("06092b0601050507300105"), b"\x80\x00\xa1\x16", b"\x30\x80",
    ),
)  # fmt: skip
