"""The root's CRL from where its key is kept, on both databases (issue 3, part 3)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from ca.authorities import Authority, RootWithoutKey
from ca.crl import CrlRecord, RootCrlRefused
from ca.crl.building import CrlContent, write_tbs
from ca.crl.encoding import encode_entry
from ca.crl.gate import number_of
from ca.encoding.der import sequence
from ca.encoding.signature_algorithms import assemble_signed, sign_raw
from ca.linting.octets import fields
from ca.records import get_record
from ca.serial_numbers import serial_number_of
from ca.verification.ended import pages_of_ended
from foundation.audit import Actor
from foundation.errors import Denied
from tests.support.drafts import authority
from tests.support.private_keys import private_key_of
from tests.support.revocation import CRL_VALIDITY, RevocableCa

Sign = Callable[..., bytes]


@pytest.fixture
def root(revocable: RevocableCa) -> Authority:
    """The root while its key is there."""
    root = revocable.ca.hierarchy.root
    assert isinstance(root, Authority)
    return root


@pytest.fixture
def sign(revocable: RevocableCa, root: Authority) -> Sign:
    """What the machine with the root's key does; from here on that key is away."""
    revocable.ca.hierarchy.root = RootWithoutKey("root", root.certificate)
    revocable.ca.clock.advance(days=1)

    def signed(*entries: bytes, by: Authority = root, **changes: object) -> bytes:
        now = revocable.ca.clock.now()
        content: dict[str, object] = {
            "crl_number": int(now.timestamp() * 1000),
            "this_update": now,
            "next_update": now + CRL_VALIDITY,
            **changes,
        }
        return by.signer.sign_crl(write_tbs(by, CrlContent(**content), entries))  # type: ignore[arg-type]

    return signed


def _import(revocable: RevocableCa, der: bytes) -> CrlRecord:
    with revocable.database.writing() as session:
        return revocable.crls.import_root_crl(session, der, Actor.operator())


def _problem(revocable: RevocableCa, der: bytes) -> str:
    before = revocable.crl("root")
    with pytest.raises(RootCrlRefused) as refused:
        _import(revocable, der)
    assert revocable.crl("root") == before
    return refused.value.code


def _issuing(revocable: RevocableCa) -> str:
    return serial_number_of(revocable.ca.hierarchy.issuing.certificate.serial_number)


def _record(revocable: RevocableCa) -> tuple[str, str | None, datetime | None]:
    with revocable.database.reading() as session:
        record = get_record(session, _issuing(revocable))
    return record.state, record.reason, record.revoked_at


def _ended(revocable: RevocableCa) -> dict[str, bool]:
    """What those who decide by themselves are told of: serial numbers, and whether held."""
    pages = pages_of_ended(revocable.database, revocable.ca.clock.now())
    return {ended.serial_number: ended.is_held for page in pages for ended in page}


def test_the_next_one_is_published(revocable: RevocableCa, sign: Sign) -> None:
    der = sign()
    done = _import(revocable, der)
    assert revocable.crl("root") == x509.load_der_x509_crl(der)
    assert done.crl_number == number_of(revocable.crl("root"))
    revocable.verify(revocable.issue().certificate)


def test_the_same_again_changes_nothing(revocable: RevocableCa, sign: Sign) -> None:
    der = sign()
    assert _import(revocable, der).crl_number == _import(revocable, der).crl_number


def test_an_issuing_ca_that_it_revokes_is_not_trusted(revocable: RevocableCa, sign: Sign) -> None:
    issued = revocable.issue()
    revocable.verify(issued.certificate)
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), now, "cACompromise")))
    with pytest.raises(Denied) as refused:
        revocable.verify(issued.certificate)
    assert refused.value.code == "certificate-untrusted"
    assert _record(revocable) == ("revoked", "cACompromise", now)
    assert _ended(revocable) == {_issuing(revocable): False}


def test_it_stays_as_it_was_revoked(revocable: RevocableCa, sign: Sign) -> None:
    """The first date holds, and no hold makes it one that may be released."""
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), now, "cACompromise")))
    revocable.ca.clock.advance(days=1)
    later = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), later, "superseded")))
    assert _record(revocable) == ("revoked", "cACompromise", now)
    assert _ended(revocable) == {_issuing(revocable): False}
    revocable.ca.clock.advance(days=1)
    held = sign(encode_entry(_issuing(revocable), later, "certificateHold"))
    assert _problem(revocable, held) == "root-crl-not-proved"


def test_it_stays_revoked_when_it_has_expired(revocable: RevocableCa, sign: Sign) -> None:
    """A list forgets what has expired (RFC 5280 section 3.3); the record does not."""
    now, issuing = revocable.ca.clock.now(), revocable.ca.hierarchy.issuing.certificate
    entry = encode_entry(_issuing(revocable), now, "cACompromise")
    _import(revocable, sign(entry))
    revocable.ca.clock.advance(issuing.not_valid_after_utc - now + timedelta(days=1))
    _import(revocable, sign(entry))
    revocable.ca.clock.advance(days=1)
    _import(revocable, sign())
    assert _record(revocable) == ("revoked", "cACompromise", now)


def test_certificates_of_the_issuing_ca_are_not_its_business(
    revocable: RevocableCa, sign: Sign
) -> None:
    held, good = revocable.issue().serial_number, revocable.issue().serial_number
    revocable.hold(held)
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(good, now, "keyCompromise")))
    assert (revocable.state_of(held), revocable.state_of(good)) == ("on_hold", "good")


def test_a_later_one_may_not_forget_it(revocable: RevocableCa, sign: Sign) -> None:
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), now, "superseded")))
    revocable.ca.clock.advance(days=1)
    assert _problem(revocable, sign()) == "root-crl-not-proved"


def test_a_hold_may_be_released(revocable: RevocableCa, sign: Sign) -> None:
    issued = revocable.issue()
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), now, "certificateHold")))
    with pytest.raises(Denied):
        revocable.verify(issued.certificate)
    assert _record(revocable) == ("on_hold", "certificateHold", now)
    assert _ended(revocable) == {_issuing(revocable): True}
    revocable.ca.clock.advance(days=1)
    _import(revocable, sign())
    assert _record(revocable) == ("good", None, None)
    assert _ended(revocable) == {}
    revocable.verify(issued.certificate)


def test_a_hold_may_become_a_revocation(revocable: RevocableCa, sign: Sign) -> None:
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), now, "certificateHold")))
    revocable.ca.clock.advance(days=1)
    later = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), later, "cACompromise")))
    assert _record(revocable) == ("revoked", "cACompromise", later)


@pytest.mark.parametrize("junk", [b"", b"\x30\x00", b"-----BEGIN X509 CRL-----"])
def test_what_is_no_crl_is_refused(revocable: RevocableCa, sign: Sign, junk: bytes) -> None:
    assert _problem(revocable, junk) == "root-crl-not-proved"
    assert _problem(revocable, sign() + b"\x00") == "root-crl-not-proved"
    assert _problem(revocable, sign()[:-1]) == "root-crl-not-proved"


def test_too_long_a_file_is_not_read(revocable: RevocableCa, sign: Sign) -> None:
    assert _problem(revocable, sign() + bytes(1024 * 1024)) == "root-crl-too-long"


def test_another_authority_is_refused(revocable: RevocableCa, sign: Sign) -> None:
    assert _problem(revocable, sign(by=revocable.ca.hierarchy.issuing)) == "root-crl-not-proved"
    assert _problem(revocable, sign(by=authority("root"))) == "root-crl-not-proved"


def test_an_older_one_is_refused(revocable: RevocableCa, sign: Sign) -> None:
    older = sign()
    revocable.ca.clock.advance(hours=1)
    _import(revocable, sign())
    assert _problem(revocable, older) == "root-crl-not-proved"
    assert _problem(revocable, sign(crl_number=7)) == "root-crl-not-proved"


def test_one_without_an_end_is_refused(revocable: RevocableCa, root: Authority, sign: Sign) -> None:
    """RFC 5280 section 5.1.2.5: nextUpdate MUST be there."""
    key = private_key_of(root)
    *before, _, extensions = fields(x509.load_der_x509_crl(sign()).tbs_certlist_bytes)
    tbs = sequence(*before, extensions)
    der = assemble_signed(tbs, key.public_key(), sign_raw(key, tbs))
    assert _problem(revocable, der) == "root-crl-not-proved"


def test_it_is_for_now(revocable: RevocableCa, sign: Sign) -> None:
    now = revocable.ca.clock.now()
    later = now + timedelta(seconds=1)
    assert _problem(revocable, sign(this_update=later)) == "root-crl-not-yet"
    assert _problem(revocable, sign(next_update=now)) == "root-crl-over"


@pytest.mark.parametrize(
    "changes",
    [{"addresses": ("http://pki.example.org/crl/root.crl",)}, {"base_number": 1}],
    ids=["part", "delta"],
)
def test_a_part_is_not_the_whole(
    revocable: RevocableCa, sign: Sign, changes: dict[str, object]
) -> None:
    assert _problem(revocable, sign(**changes)) == "root-crl-not-proved"
