"""The signing desk: what happens with a request, in this order.

1. the key is held here
2. the rate allows one more act of this kind
3. the content is what this key signs (`ca.signer.content`)
4. nothing else was signed under the same serial number, and no CRL goes back
5. it stands in the log, on disk
6. only now the key is used, and the signature is proved

Every refusal stands in the log as well. A request that is repeated (the gateway
died before it heard the answer) gets a signature over the same content again.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca.encoding.signature_algorithms import sign_raw
from ca.errors import KeyUnavailable
from ca.key_types import CaPublicKey
from ca.profiles import Profiles
from ca.signer.content import Refused, check_certificate, check_crl, check_ocsp
from ca.signer.holdings import Holding, Holdings
from ca.signer.log import SignatureLog, digest_of
from ca.signer.messages import (
    Answer,
    CreateKey,
    FindKey,
    Request,
    SignCertificate,
    SignCrl,
    SignOcsp,
    Verdict,
)
from ca.signer.rate_limit import RateLimit
from ca.signing.proof import verify_signature
from foundation.audit import Actor
from foundation.clock import Clock

_ToSign = SignCertificate | SignCrl | SignOcsp
Reply = tuple[Answer, bytes]

_DONE = Answer(verdict="done")


@dataclass(frozen=True)
class SigningRates:
    """How many acts of each kind at most."""

    keys_per_day: int = 20
    certificates_per_minute: int = 3_000
    crls_per_minute: int = 1_200
    ocsp_per_second: int = 2_000

    def limits(self, clock: Clock) -> Mapping[str, RateLimit]:
        """Return the limits, by act."""
        minute = timedelta(minutes=1)
        return {
            "create_key": RateLimit(clock, burst=self.keys_per_day, period=timedelta(days=1)),
            "sign_certificate": RateLimit(clock, burst=self.certificates_per_minute, period=minute),
            "sign_crl": RateLimit(clock, burst=self.crls_per_minute, period=minute),
            "sign_ocsp": RateLimit(clock, burst=self.ocsp_per_second, period=timedelta(seconds=1)),
        }


class SigningDesk:
    """Answers requests; safe for many threads."""

    def __init__(
        self,
        *,
        holdings: Holdings,
        profiles: Profiles,
        log: SignatureLog,
        clock: Clock,
        rates: SigningRates = SigningRates(),
        ceremony: bool = False,
    ) -> None:
        """In a `ceremony` roots may be made and sign authorities."""
        self._holdings = holdings
        self._profiles = profiles
        self._log = log
        self._clock = clock
        self._limits = rates.limits(clock)
        self._ceremony = ceremony
        # One decision at a time: what stands in the log is looked at before
        # the next line is written. Answers of OCSP decide nothing.
        self._deciding = threading.Lock()

    def answer(self, request: Request, body: bytes, by: Actor) -> Reply:
        """Return answer and octets; what goes wrong is an answer too."""
        try:
            return self._answer(request, body, by)
        except Refused as refused:
            self._log.refuse(request.act, request.key, refused.rule, by)
            verdict: Verdict = "lint" if refused.problem else "refused"
            return Answer(verdict=verdict, rule=refused.rule, problem=refused.problem), b""
        except KeyUnavailable:
            return Answer(verdict="unavailable"), b""

    def _answer(self, request: Request, body: bytes, by: Actor) -> Reply:
        match request:
            case FindKey():
                holding = self._holdings.find(request.key)
                if holding is None:
                    return Answer(verdict="not_held"), b""
                return _DONE, _spki(holding.signer.public_key)
            case CreateKey():
                return self._create(request, by)
            case SignCertificate() | SignCrl() | SignOcsp():
                # 1.
                holding = self._holdings.find(request.key)
                if holding is None:
                    return Answer(verdict="not_held"), b""
                # 2.
                if not self._limits[request.act].allows():
                    self._log.refuse(request.act, request.key, "rate", by)
                    return Answer(verdict="busy"), b""
                return _DONE, self._sign(request, body, holding, by)
            case _:
                assert_never(request)

    def _create(self, request: CreateKey, by: Actor) -> Reply:
        if request.key.startswith("root") and not self._ceremony:
            raise Refused("no_ceremony")
        if not self._limits[request.act].allows():
            return Answer(verdict="busy"), b""
        self._log.intend("create_key", f"key:{request.key}", b"", by, algorithm=request.algorithm)
        try:
            holding = self._holdings.create(request.key, request.algorithm)
        except FileExistsError:
            return Answer(verdict="taken"), b""
        return _DONE, _spki(holding.signer.public_key)

    def _sign(self, request: _ToSign, body: bytes, holding: Holding, by: Actor) -> bytes:
        match request:
            case SignCertificate():
                return self._sign_certificate(request, body, holding, by)
            case SignCrl():
                return self._sign_crl(body, holding, by)
            case SignOcsp():
                check_ocsp(body, holding, self._clock.now())
                self._log.count_answer(by)
                return _proved(holding, holding.signer.sign_ocsp(body), body)
            case _:
                assert_never(request)

    def _sign_certificate(
        self, request: SignCertificate, tbs: bytes, holding: Holding, by: Actor
    ) -> bytes:
        # 3.
        linted = check_certificate(request, tbs, holding, self._profiles, ceremony=self._ceremony)
        subject = f"certificate:{request.serial_number}"
        with self._deciding:
            # 4. Never two certificates of one number (RFC 5280 section 4.1.2.2).
            earlier = self._log.find("sign_certificate", subject)
            if earlier is not None and earlier.digest != digest_of(tbs):
                raise Refused("serial_number_used")
            # 5.
            self._log.intend(
                "sign_certificate", subject, tbs, by, key=holding.name, profile=request.profile
            )
        # 6.
        certificate = holding.signer.sign_certificate(linted)
        self._holdings.certify(certificate)
        return certificate.signature

    def _sign_crl(self, tbs: bytes, holding: Holding, by: Actor) -> bytes:
        # 3.
        crl = check_crl(tbs, holding, self._clock.now())
        subject = f"crl:{holding.authority}:{digest_of(crl.scope.encode())[:16]}"
        with self._deciding:
            # 4.
            earlier = self._log.find("sign_crl", subject)
            if earlier is not None and earlier.digest != digest_of(tbs):
                number = earlier.facts.get("crl_number", 0)
                if not isinstance(number, int) or crl.crl_number <= number:
                    raise Refused("crl_number_goes_back")
            # 5.
            self._log.intend(
                "sign_crl", subject, tbs, by, key=holding.name, scope=crl.scope,
                crl_number=crl.crl_number,
            )  # fmt: skip
        # 6.
        return _proved(holding, sign_raw(holding.signer.private_key, tbs), tbs)


def _proved(holding: Holding, signature: bytes, content: bytes) -> bytes:
    """Return the signature; raises `SigningFault` when the key did not make it."""
    verify_signature(holding.signer.public_key, signature, content)
    return signature


def _spki(key: CaPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
