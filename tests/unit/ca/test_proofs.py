"""Proofs verified in a process of its own: the same answers, and none of our secrets (issue 3)."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.csr import CsrRefused
from ca.csr.reading import MAXIMUM_OCTETS
from ca.errors import SigningFault
from ca.keys import generate_key
from ca.keys.algorithms import KeyAlgorithm
from ca.proofs import VERIFYING_HERE, AcceptedKey, Verdict, Verifier, VerifyingProcess
from ca.proofs.messages import Question, answer_to, read_verdicts, require_proof
from ca.signing import KeySigner, SignedTbs
from tests.support.requests import der_request, parameters_of_p256, request_with_curve_numbers

_SECRET = "CERTGATE_A_SECRET"


@pytest.fixture(scope="module")
def process() -> Iterator[VerifyingProcess]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(_SECRET, "x")
        process = VerifyingProcess()
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


def signatures(signer: KeySigner, contents: Sequence[bytes]) -> list[SignedTbs]:
    return [SignedTbs(content, signer.sign_ocsp(content)) for content in contents]


def told(verdict: Verdict) -> object:
    if isinstance(verdict, CsrRefused):
        return verdict.code, verdict.params
    octets = verdict.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return octets, verdict.subject_public_key_info


def test_the_verdicts_are_those_of_reading_here(process: VerifyingProcess) -> None:
    asked = requests()
    there = [told(one) for one in process.begin_requests(asked)()]
    assert there == [told(one) for one in VERIFYING_HERE.begin_requests(asked)()]
    assert [type(one) for one in there].count(tuple) == len(asked)


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "ecdsa-p384", "ed25519", "ml-dsa-65"])
def test_one_wrong_signature_is_refused_there_as_it_is_here(
    process: VerifyingProcess, algorithm: KeyAlgorithm
) -> None:
    signer = KeySigner(generate_key(algorithm))
    signed = signatures(signer, [b"one\n", b"two", b"three"])
    swapped = [signed[0], SignedTbs(signed[1].tbs, signed[2].unverified_signature), signed[2]]
    of_another = signatures(KeySigner(generate_key(algorithm)), [b"one"])
    for verifier in (process, VERIFYING_HERE):
        verifier.begin_signatures(signer.public_key, signed)()
        for wrong in (swapped, [*signed, *of_another]):
            with pytest.raises(SigningFault):
                verifier.begin_signatures(signer.public_key, wrong)()


def test_nothing_but_a_plain_yes_is_one() -> None:
    require_proof(True)
    for answer in (False, None, 1, "true", [], [True], {"true": True}):
        with pytest.raises(SigningFault):
            require_proof(answer)


def test_an_answer_to_something_else_is_no_verdict() -> None:
    for answer in (True, [], [{"key": ""}, {"key": ""}]):
        with pytest.raises(ValueError, match="something else"):
            read_verdicts(answer, 1)
    with pytest.raises(ValueError, match="nothing else"):
        answer_to(Question("anything", []))


def test_lots_are_verified_one_behind_the_other(process: VerifyingProcess) -> None:
    signer = KeySigner(generate_key("ecdsa-p256"))
    first, second = requests()[:3], requests()[3:]
    begun = [process.begin_requests(first), process.begin_requests(second)]
    # More than a pipe takes: nobody may wait for the other with full hands.
    proof = process.begin_signatures(signer.public_key, signatures(signer, [b"x" * 500_000] * 2))
    assert [len(verdicts()) for verdicts in begun] == [3, 5]
    proof()
    (again,) = process.begin_requests(first[:1])()
    assert isinstance(again, AcceptedKey)


def test_it_is_given_no_setting_and_no_secret(process: VerifyingProcess) -> None:
    given = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"PATH=" in given
    assert b"CERTGATE" not in given


def test_what_a_dead_one_had_is_verified_here() -> None:
    with VerifyingProcess() as process:
        os.kill(process.pid, signal.SIGSTOP)
        require_all_is_verified(process, before=lambda: os.kill(process.pid, signal.SIGKILL))


def test_what_a_silent_one_had_is_verified_here() -> None:
    with VerifyingProcess(patience=0.2) as process:
        os.kill(process.pid, signal.SIGSTOP)
        require_all_is_verified(process, before=lambda: None)


def require_all_is_verified(process: Verifier, before: Callable[[], None]) -> None:
    """Ask for both kinds, let `before` happen, and hold the outcomes against the truth."""
    signer, asked = KeySigner(generate_key("ecdsa-p256")), requests()[:3]
    right = signatures(signer, [b"one"])
    wrong = [SignedTbs(b"another", right[0].unverified_signature)]
    verdicts = process.begin_requests(asked)
    proof = process.begin_signatures(signer.public_key, right)
    no_proof = process.begin_signatures(signer.public_key, wrong)
    before()
    assert [type(one) for one in verdicts()] == [AcceptedKey, CsrRefused, AcceptedKey]
    proof()
    with pytest.raises(SigningFault):
        no_proof()
    # And what is asked after its end.
    with pytest.raises(SigningFault):
        process.begin_signatures(signer.public_key, wrong)()


def test_a_closed_one_does_not_keep_who_asked_waiting() -> None:
    with VerifyingProcess() as process:
        os.kill(process.pid, signal.SIGSTOP)
        verdicts = [process.begin_requests(requests()[:1]) for _ in range(3)]
    assert [len(one()) for one in verdicts] == [1, 1, 1]
