"""Signing answers with a delegated signer (RFC 6960 section 4.2.2.2)."""

import hashlib
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authorities import OcspSigner
from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.ocsp.encoding import (
    AnswerForm,
    AnswerTimes,
    encode_certificates,
    encode_key_hash,
    encode_response,
    encode_times,
)
from ca.ocsp.issuers import subject_key_bits
from ca.ocsp.refusal import TryLater
from ca.signing import KeySigner, Signer

_SECOND = timedelta(seconds=1)


class AnswerSigner:
    """One delegated signer with everything about it that stands in each answer.

    RFC 5019 section 2.2.1: named by its key, and its certificate enclosed.
    """

    def __init__(self, signer: OcspSigner, validity: timedelta) -> None:
        """`validity` runs from this_update to next_update."""
        certificate = signer.certificate
        self.signer = signer
        self._validity = validity
        self._not_before: datetime = certificate.not_valid_before_utc
        self._not_after: datetime = certificate.not_valid_after_utc
        key_hash = hashlib.sha1(subject_key_bits(certificate), usedforsecurity=False).digest()
        self.responder_id = encode_key_hash(key_hash)
        self._certificates = encode_certificates(certificate.public_bytes(Encoding.DER))
        self.is_prompt = _is_prompt(signer.signer)
        self._algorithm = signature_algorithm_of(signer.signer.public_key).identifier
        self._times: AnswerTimes | None = None

    def times_at(self, now: datetime) -> AnswerTimes:
        """Return the times of an answer made now, in whole seconds.

        Raises `TryLater` where the signer is not valid.
        """
        times = self._times
        if times is None or not times.this_update <= now < times.this_update + _SECOND:
            this_update = now.replace(microsecond=0)
            if not self._not_before <= this_update < self._not_after:
                raise TryLater
            # Nobody could verify the answer once its signer has expired.
            next_update = min(this_update + self._validity, self._not_after)
            times = self._times = encode_times(this_update, next_update)
        return times

    def sign(self, form: AnswerForm, times: AnswerTimes, nonce: bytes | None) -> bytes:
        """Return the OCSPResponse in DER; raises `KeyUnavailable`."""
        data = form.fill(times, nonce)
        signature = self.signer.signer.sign_ocsp(data)
        return encode_response(data, self._algorithm, signature, self._certificates)


def _is_prompt(signer: Signer) -> bool:
    """Return whether a signature takes some 20 microseconds and waits for nobody.

    True of keys in this process on the curves that OpenSSL has fast code for.
    RSA takes fifty times as long; a signer process, or a token behind an
    object of ours, may not answer at all.
    """
    if not isinstance(signer, KeySigner):
        return False
    key = signer.private_key
    if not type(key).__module__.startswith("cryptography."):
        return False
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.curve.name == "secp256r1"
    return isinstance(key, ed25519.Ed25519PrivateKey)
