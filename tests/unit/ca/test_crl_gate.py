"""The publication gate refuses every CRL that is not the rightful next one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authorities import Authority
from ca.crl import CrlFault
from ca.crl.building import CrlContent, write_tbs
from ca.crl.encoding import encode_entry, encode_removal
from ca.crl.entries import Listed
from ca.crl.gate import Passage, verify_new_crl
from ca.encoding.signature_algorithms import assemble_signed, sign_raw
from ca.keys import KeyAlgorithm, generate_key
from ca.signing import KeySigner
from tests.support.clock import NEW_YEAR
from tests.support.drafts import authority
from tests.support.private_keys import private_key_of

NOW = NEW_YEAR + timedelta(hours=2)
SHARD = ("http://pki.example.org:8080/crl/issuing/3.crl",)


def _entry(serial_number: int, reason: str | None = None) -> bytes:
    return encode_entry(f"{serial_number:X}", NEW_YEAR, reason)


# By the reason of each: a held one may be released, the others stay.
LOST, HELD, SILENT = _entry(1, "keyCompromise"), _entry(2, "certificateHold"), _entry(0x80)
ALL = (LOST, HELD, SILENT)

BEFORE = CrlContent(7, NOW, NOW + timedelta(days=7))
NEXT = replace(
    BEFORE,
    crl_number=8,
    this_update=NOW + timedelta(days=1),
    next_update=NOW + timedelta(days=8),
)


def listed(entries: Sequence[bytes]) -> Listed:
    """Count entries by the library's reading of a CRL that has them."""
    crl = x509.load_der_x509_crl(signed(BEFORE, entries))
    return Listed(len(crl), sum(entry.serial_number for entry in crl))


def signed(content: CrlContent, entries: Sequence[bytes], signer: Authority | None = None) -> bytes:
    """Return a signed CRL."""
    signer = signer or authority("issuing")
    return signer.signer.sign_crl(write_tbs(signer, content, iter(entries)))


def pass_gate(
    content: CrlContent = NEXT,
    entries: Sequence[bytes] = ALL,
    *,
    made: CrlContent | None = None,
    made_entries: Sequence[bytes] | None = None,
    signer: Authority | None = None,
    previous: bytes | None = b"",
    expired: frozenset[int] = frozenset(),
) -> None:
    """Take a CRL with `made` and `made_entries` for one with `content` and `entries`."""

    def removable(serial_numbers: Iterable[int]) -> set[int]:
        return set(serial_numbers) & expired

    der = signed(made or content, entries if made_entries is None else made_entries, signer)
    before = signed(BEFORE, ALL) if previous == b"" else previous
    passage = Passage(content, listed(entries), before, removable)
    _verify(der, passage)


def _verify(der: bytes, passage: Passage) -> None:
    issuing = authority("issuing")
    verify_new_crl(der, issuing.certificate, issuing.signer.public_key, passage)


def test_the_first_one_passes() -> None:
    pass_gate(BEFORE, previous=None)


def test_the_next_one_passes() -> None:
    pass_gate()


def test_an_empty_one_passes() -> None:
    pass_gate(entries=(), previous=signed(BEFORE, ()))


def test_in_the_same_second_the_number_tells_them_apart() -> None:
    pass_gate(replace(NEXT, this_update=BEFORE.this_update))


@pytest.mark.parametrize("number", [6, 7])
def test_a_number_that_does_not_rise_is_refused(number: int) -> None:
    with pytest.raises(CrlFault, match="not above"):
        pass_gate(replace(NEXT, crl_number=number))


def test_another_number_than_intended_is_refused() -> None:
    with pytest.raises(CrlFault, match="another number"):
        pass_gate(made=replace(NEXT, crl_number=9))


def test_other_times_than_intended_are_refused() -> None:
    with pytest.raises(CrlFault, match="another time"):
        pass_gate(made=replace(NEXT, next_update=NEXT.next_update + timedelta(days=1)))


def test_going_back_in_time_is_refused() -> None:
    with pytest.raises(CrlFault, match="older"):
        pass_gate(replace(NEXT, this_update=NOW - timedelta(seconds=1)))


def test_an_end_at_the_beginning_is_refused() -> None:
    with pytest.raises(CrlFault, match="ends before"):
        pass_gate(replace(NEXT, next_update=NEXT.this_update))


def test_another_signer_is_refused() -> None:
    root = authority("root")
    with pytest.raises(CrlFault, match="another issuer"):
        pass_gate(signer=root)
    impostor = Authority("issuing", authority("issuing").certificate, root.signer)
    with pytest.raises(CrlFault, match="does not verify"):
        pass_gate(signer=impostor)


@pytest.mark.parametrize(
    "made",
    [(LOST, HELD), (LOST, HELD, SILENT, _entry(0x81)), (_entry(3), SILENT)],
    ids=["missing", "added", "one that is the sum of two"],
)
def test_a_missing_or_added_entry_is_refused(made: Sequence[bytes]) -> None:
    with pytest.raises(CrlFault, match="does not list"):
        pass_gate(made_entries=made, previous=None)


def test_another_entry_in_the_place_of_one_is_refused() -> None:
    with pytest.raises(CrlFault, match="does not list"):
        pass_gate(made_entries=(LOST, HELD, _entry(0x81)), previous=None)


@pytest.mark.parametrize("made", [(HELD, LOST, SILENT), (LOST, SILENT, HELD), (LOST, LOST)])
def test_entries_out_of_order_or_doubled_are_refused(made: Sequence[bytes]) -> None:
    with pytest.raises(CrlFault, match="order of serial numbers"):
        pass_gate(made_entries=made)


@pytest.mark.parametrize("kept", [(HELD, SILENT), (LOST, HELD), ()])
def test_a_lost_entry_is_refused(kept: Sequence[bytes]) -> None:
    with pytest.raises(CrlFault, match="lost an entry"):
        pass_gate(entries=kept)


def test_a_lost_entry_is_found_however_many_there_are() -> None:
    many = [_entry(number, "superseded") for number in range(1, 3_000)]
    with pytest.raises(CrlFault, match="lost an entry"):
        pass_gate(entries=[*many[:1500], *many[1501:]], previous=signed(BEFORE, many))
    with pytest.raises(CrlFault, match="lost an entry"):
        pass_gate(entries=many[2_000:], previous=signed(BEFORE, many))
    pass_gate(
        entries=many[2_000:], previous=signed(BEFORE, many), expired=frozenset(range(1, 2_001))
    )


def test_the_one_before_may_have_another_order() -> None:
    """As those from before entries were sorted."""
    pass_gate(previous=signed(BEFORE, (SILENT, LOST, HELD)))
    with pytest.raises(CrlFault, match="lost an entry"):
        pass_gate(entries=(HELD, SILENT), previous=signed(BEFORE, (SILENT, LOST, HELD)))
    with pytest.raises(CrlFault, match="order of serial numbers"):
        pass_gate(made_entries=(LOST, SILENT, HELD), previous=signed(BEFORE, (SILENT, LOST, HELD)))


def test_a_long_one_before_without_an_order_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would have to be held in memory as a whole."""
    before = signed(BEFORE, (SILENT, LOST, HELD))
    monkeypatch.setattr("ca.crl.gate.LONGEST_UNSORTED", len(before))
    pass_gate(previous=before)
    monkeypatch.setattr("ca.crl.gate.LONGEST_UNSORTED", len(before) - 1)
    with pytest.raises(CrlFault, match="without order"):
        pass_gate(previous=before)


def test_an_entry_that_cannot_be_read_is_refused() -> None:
    """RFC 5280 section 4.1.2.2: a serial number has 20 octets at most."""
    with pytest.raises(CrlFault, match="not readable"):
        pass_gate(made_entries=(*ALL, _entry(1 << 170)))


def test_one_made_elsewhere_may_have_another_order() -> None:
    elsewhere = Passage(NEXT, None, signed(BEFORE, ALL), lambda _: set())
    _verify(signed(NEXT, (SILENT, LOST, HELD)), elsewhere)
    with pytest.raises(CrlFault, match="twice"):
        _verify(signed(NEXT, (SILENT, LOST, HELD, LOST)), elsewhere)


def test_a_signature_of_another_kind_of_key_is_refused() -> None:
    key = generate_key("ed25519")
    impostor = Authority("issuing", authority("issuing").certificate, KeySigner(key))
    with pytest.raises(CrlFault, match="does not verify"):
        pass_gate(signer=impostor)


def test_a_signature_under_the_name_of_another_algorithm_is_refused() -> None:
    """It verifies here, where the key says how; whoever goes by the name could not verify it."""
    named, other = (bytes.fromhex(f"300a06082a8648ce3d04030{n}") for n in "23")
    issuing = authority("issuing")
    tbs = write_tbs(issuing, NEXT, iter(ALL)).replace(named, other, 1)
    signature = sign_raw(private_key_of(issuing), tbs)
    der = assemble_signed(tbs, issuing.signer.public_key, signature).replace(named, other, 1)
    with pytest.raises(CrlFault, match="does not verify"):
        _verify(der, Passage(NEXT, listed(ALL), None, set))


def test_a_released_hold_may_go() -> None:
    pass_gate(entries=(LOST, SILENT))


def test_an_expired_certificate_may_go() -> None:
    pass_gate(entries=(HELD, SILENT), expired=frozenset({1}))
    with pytest.raises(CrlFault):
        pass_gate(entries=(HELD,), expired=frozenset({1}))


@pytest.mark.parametrize(
    "made",
    [NEXT, replace(NEXT, addresses=(SHARD[0].replace("3.crl", "4.crl"),))],
    ids=["no distribution point", "another one"],
)
def test_a_shard_says_which_one_it_is(made: CrlContent) -> None:
    pass_gate(replace(NEXT, addresses=SHARD))
    with pytest.raises(CrlFault, match="extensions"):
        pass_gate(replace(NEXT, addresses=SHARD), made=made)


def test_a_full_crl_with_the_name_of_a_part_is_refused() -> None:
    with pytest.raises(CrlFault, match="extensions"):
        pass_gate(made=replace(NEXT, addresses=SHARD))


def test_a_delta_starts_from_the_full_crl_it_was_made_for() -> None:
    delta = replace(NEXT, base_number=5)
    pass_gate(delta, (LOST,), previous=None)
    with pytest.raises(CrlFault, match="extensions"):
        pass_gate(delta, (LOST,), made=replace(delta, base_number=4), previous=None)
    with pytest.raises(CrlFault, match="extensions"):
        pass_gate(delta, (LOST,), made=NEXT, previous=None)


def test_a_delta_loses_nothing_while_its_base_is_the_same() -> None:
    before = signed(replace(BEFORE, base_number=5), (LOST, HELD))
    delta = replace(NEXT, base_number=5)
    with pytest.raises(CrlFault, match="lost an entry"):
        pass_gate(delta, (LOST,), previous=before)
    pass_gate(delta, (LOST, encode_removal("2", NOW)), previous=before)
    pass_gate(replace(NEXT, base_number=7), (), previous=before)


def test_an_extension_nobody_asked_for_is_refused() -> None:
    issuing = authority("issuing")
    key = private_key_of(issuing)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuing.certificate.subject)
        .last_update(NEXT.this_update)
        .next_update(NEXT.next_update)
        .add_extension(x509.CRLNumber(NEXT.crl_number), critical=False)
        .add_extension(x509.IssuerAlternativeName([x509.DNSName("a.example")]), critical=False)
    )
    crl = builder.sign(key, hashes.SHA256())
    passage = Passage(NEXT, Listed(0, 0), None, set)
    with pytest.raises(CrlFault, match="extensions"):
        _verify(crl.public_bytes(Encoding.DER), passage)


@pytest.mark.parametrize("junk", [b"", b"\x30\x00", b"\x30\x84\xff\xff\xff\xff", b"\x02\x01\x01"])
def test_what_is_not_a_crl_is_refused(junk: bytes) -> None:
    passage = Passage(NEXT, Listed(0, 0), None, set)
    with pytest.raises(CrlFault, match="not one in DER"):
        _verify(junk, passage)


@pytest.mark.parametrize("algorithm", ["rsa-3072", "ed25519", "ecdsa-p384", "ml-dsa-65"])
def test_every_kind_of_key_signs_crls(algorithm: KeyAlgorithm) -> None:
    key = generate_key(algorithm)
    signer = Authority("issuing", authority("issuing").certificate, KeySigner(key))
    passage = Passage(BEFORE, listed(ALL), None, set)
    verify_new_crl(
        signed(BEFORE, ALL, signer), signer.certificate, signer.signer.public_key, passage
    )
