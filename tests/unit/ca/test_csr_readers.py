"""Requests read in a process of its own: the same verdicts, and none of our secrets (issue 3)."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.csr import READING_HERE, AcceptedKey, CsrRefused, ReadingProcess
from ca.csr.readers import Verdict
from ca.csr.reading import MAXIMUM_OCTETS
from ca.keys import generate_key
from tests.support.requests import der_request, parameters_of_p256, request_with_curve_numbers

_SECRET = "CERTGATE_A_SECRET"


@pytest.fixture(scope="module")
def reader() -> Iterator[ReadingProcess]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(_SECRET, "x")
        process = ReadingProcess()
    with process:
        yield process


def requests() -> list[bytes]:
    good = [der_request(generate_key(kind)) for kind in ("ecdsa-p256", "ed25519", "rsa-3072")]
    forged = good[0][:-1] + bytes([good[0][-1] ^ 1])
    unnamed = request_with_curve_numbers(
        ec.generate_private_key(ec.SECP256R1()), parameters_of_p256()
    )
    too_long = b"0" * (MAXIMUM_OCTETS + 1)
    return [good[0], forged, good[1], b"", b"no request", too_long, good[2], unnamed]


def told(verdict: Verdict) -> object:
    if isinstance(verdict, CsrRefused):
        return verdict.code, verdict.params
    octets = verdict.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return octets, verdict.subject_public_key_info


def test_the_verdicts_are_those_of_reading_here(reader: ReadingProcess) -> None:
    asked = requests()
    there = [told(one) for one in reader.begin(asked)()]
    assert there == [told(one) for one in READING_HERE.begin(asked)()]
    assert [type(one) for one in there].count(tuple) == len(asked)


def test_it_reads_one_lot_after_the_other(reader: ReadingProcess) -> None:
    first, second = requests()[:3], requests()[3:]
    begun = [reader.begin(first), reader.begin(second)]
    assert [len(verdicts()) for verdicts in begun] == [3, 5]
    (again,) = reader.begin(first[:1])()
    assert isinstance(again, AcceptedKey)


def test_it_is_given_no_setting_and_no_secret(reader: ReadingProcess) -> None:
    given = Path(f"/proc/{reader.pid}/environ").read_bytes()
    assert b"PATH=" in given
    assert b"CERTGATE" not in given


def test_what_a_dead_one_had_is_read_here() -> None:
    asked = requests()
    with ReadingProcess() as reader:
        verdicts = reader.begin(asked)
        os.kill(reader.pid, signal.SIGKILL)
        assert len(verdicts()) == len(asked)
        assert len(reader.begin(asked)()) == len(asked)
