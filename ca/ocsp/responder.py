"""Answering OCSP requests for the issuing CA with a delegated signer.

Every answer is read from the database and signed afresh, so it is true in the
second in which it is given.
"""

from datetime import timedelta
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from sqlalchemy import exc

from ca.authority import Authority, OcspSigner
from ca.ocsp.issuer import is_about_issuer
from ca.ocsp.refusal import Refused, TryLater, Unauthorized
from ca.ocsp.request import StatusQuery, read_request
from ca.ocsp.status import CertificateStatus, status_of
from ca.signature_algorithms import signature_algorithm_of
from foundation.clock import Clock
from foundation.database import Database

DEFAULT_VALIDITY = timedelta(minutes=5)


class OcspAuthorities(Protocol):
    """Where the responder finds issuer and signer; the signer is replaced when renewed."""

    @property
    def issuing(self) -> Authority:
        """Return the issuing CA."""
        ...

    @property
    def ocsp_signer(self) -> OcspSigner:
        """Return the present signer."""
        ...


class OcspResponder:
    """Turns requests into responses, both DER."""

    def __init__(
        self,
        *,
        database: Database,
        hierarchy: OcspAuthorities,
        clock: Clock,
        validity: timedelta = DEFAULT_VALIDITY,
    ) -> None:
        """`validity` runs from this_update to next_update: how long a client may rely on it."""
        self._database = database
        self._hierarchy = hierarchy
        self._clock = clock
        self._validity = validity

    def respond(self, unverified_request: bytes) -> bytes:
        """Return an OCSPResponse in DER, whatever the request is; never raises for its content.

        malformedRequest for what cannot be read, unauthorized for issuers this
        responder does not speak for, tryLater when database or signer fail.
        """
        try:
            return self._answer(read_request(unverified_request))
        except Refused as refused:
            unsigned = ocsp.OCSPResponseBuilder.build_unsuccessful(refused.status)
            return unsigned.public_bytes(Encoding.DER)

    def _answer(self, query: StatusQuery) -> bytes:
        if not is_about_issuer(query, self._hierarchy.issuing.certificate):
            raise Unauthorized
        return self._sign(query, self._look_up(query)).public_bytes(Encoding.DER)

    def _look_up(self, query: StatusQuery) -> CertificateStatus:
        try:
            with self._database.reading() as session:
                return status_of(session, query.serial_number)
        except (exc.DBAPIError, exc.TimeoutError) as failure:
            raise TryLater from failure

    def _sign(self, query: StatusQuery, found: CertificateStatus) -> ocsp.OCSPResponse:
        signer = self._hierarchy.ocsp_signer
        now = self._clock.now().replace(microsecond=0)
        if now >= signer.certificate.not_valid_after_utc:
            raise TryLater
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=query.issuer_name_hash,
                issuer_key_hash=query.issuer_key_hash,
                serial_number=query.serial_number,
                algorithm=query.hash_algorithm,
                cert_status=found.status,
                this_update=now,
                next_update=now + self._validity,
                revocation_time=found.revocation_time,
                revocation_reason=found.reason,
            )
            # RFC 5019 section 2.2.1: byKey, and the signer's certificate enclosed.
            .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
            .certificates([signer.certificate])
        )
        if query.nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(query.nonce), critical=False)
        algorithm = signature_algorithm_of(signer.private_key.public_key())
        return builder.sign(signer.private_key, algorithm.hash)
