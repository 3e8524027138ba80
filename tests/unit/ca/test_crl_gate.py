"""The publication gate refuses every CRL that is not the rightful next one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authority import Authority
from ca.crl import CrlFault
from ca.crl.building import CrlContent, build_crl
from ca.crl.gate import verify_new_crl
from ca.keys import KeyAlgorithm, generate_key
from ca.signing import KeySigner
from tests.support.clock import NEW_YEAR
from tests.support.drafts import authority

NOW = NEW_YEAR + timedelta(hours=2)


def _entry(serial_number: int, reason: x509.ReasonFlags | None = None) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder().serial_number(serial_number).revocation_date(NEW_YEAR)
    )
    if reason is not None:
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()


LOST = _entry(1, x509.ReasonFlags.key_compromise)
HELD = _entry(2, x509.ReasonFlags.certificate_hold)
SILENT = _entry(3)

BEFORE = CrlContent(7, NOW, NOW + timedelta(days=7), [LOST, HELD, SILENT])
NEXT = replace(BEFORE, crl_number=8, this_update=NOW + timedelta(days=1))


def _none_expired(_: Iterable[int]) -> set[int]:
    return set()


def pass_gate(
    content: CrlContent,
    *,
    signed: CrlContent | None = None,
    signer: Authority | None = None,
    previous: CrlContent | None = BEFORE,
    expired: frozenset[int] = frozenset(),
) -> None:
    issuing = authority("issuing")
    der = build_crl(signer or issuing, signed or content).public_bytes(Encoding.DER)
    verify_new_crl(
        der,
        content,
        issuing.certificate,
        issuing.signer.public_key,
        build_crl(issuing, previous) if previous else None,
        lambda serial_numbers: set(serial_numbers) & expired,
    )


def test_the_first_one_passes() -> None:
    pass_gate(BEFORE, previous=None)


def test_the_next_one_passes() -> None:
    pass_gate(NEXT)


def test_in_the_same_second_the_number_tells_them_apart() -> None:
    pass_gate(replace(NEXT, this_update=BEFORE.this_update))


@pytest.mark.parametrize("number", [6, 7])
def test_a_number_that_does_not_rise_is_refused(number: int) -> None:
    with pytest.raises(CrlFault, match="not above"):
        pass_gate(replace(NEXT, crl_number=number))


def test_another_number_than_intended_is_refused() -> None:
    with pytest.raises(CrlFault, match="another number"):
        pass_gate(NEXT, signed=replace(NEXT, crl_number=9))


def test_going_back_in_time_is_refused() -> None:
    with pytest.raises(CrlFault, match="older"):
        pass_gate(replace(NEXT, this_update=NOW - timedelta(seconds=1)))


def test_an_end_at_the_beginning_is_refused() -> None:
    with pytest.raises(CrlFault, match="ends before"):
        pass_gate(replace(NEXT, next_update=NEXT.this_update))


def test_another_signer_is_refused() -> None:
    root = authority("root")
    with pytest.raises(CrlFault, match="another issuer"):
        pass_gate(NEXT, signer=root)
    impostor = Authority("issuing", authority("issuing").certificate, root.signer)
    with pytest.raises(CrlFault, match="does not verify"):
        pass_gate(NEXT, signer=impostor)


def test_a_missing_or_doubled_entry_is_refused() -> None:
    with pytest.raises(CrlFault, match="does not list"):
        pass_gate(NEXT, signed=replace(NEXT, entries=[LOST, HELD]))
    with pytest.raises(CrlFault, match="does not list"):
        pass_gate(NEXT, signed=replace(NEXT, entries=[LOST, HELD, SILENT, SILENT]))


@pytest.mark.parametrize("kept", [[HELD, SILENT], [LOST, HELD], []])
def test_a_lost_entry_is_refused(kept: list[x509.RevokedCertificate]) -> None:
    with pytest.raises(CrlFault, match="lost an entry"):
        pass_gate(replace(NEXT, entries=kept))


def test_a_released_hold_may_go() -> None:
    pass_gate(replace(NEXT, entries=[LOST, SILENT]))


def test_an_expired_certificate_may_go() -> None:
    pass_gate(replace(NEXT, entries=[HELD, SILENT]), expired=frozenset({1}))
    with pytest.raises(CrlFault):
        pass_gate(replace(NEXT, entries=[HELD]), expired=frozenset({1}))


def test_what_is_not_a_crl_is_refused() -> None:
    issuing = authority("issuing")
    with pytest.raises(ValueError, match="parsing"):
        verify_new_crl(
            b"\x30\x00",
            NEXT,
            issuing.certificate,
            issuing.signer.public_key,
            None,
            _none_expired,
        )


@pytest.mark.parametrize("algorithm", ["rsa-3072", "ed25519", "ecdsa-p384"])
def test_every_kind_of_key_signs_crls(algorithm: KeyAlgorithm) -> None:
    key = generate_key(algorithm)
    signer = Authority("issuing", authority("issuing").certificate, KeySigner(key))
    assert build_crl(signer, NEXT).is_signature_valid(key.public_key())
