"""Answering OCSP requests for the issuing CAs with a delegated signer.

Every answer is read from the database and signed afresh, so it is true in the
second in which it is given.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from sqlalchemy import exc

from ca.authority import Authority, OcspSigner
from ca.models import AuthorityName
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
    def issuers(self) -> Mapping[AuthorityName, Authority]:
        """Return the issuing CAs by name."""
        ...

    @property
    def ocsp_signers(self) -> Mapping[AuthorityName, OcspSigner]:
        """Return the present signer of each."""
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
        for name, issuer in self._hierarchy.issuers.items():
            if is_about_issuer(query, issuer.certificate):
                signer = self._hierarchy.ocsp_signers[name]
                return self._sign(query, signer, self._look_up(query, name))
        raise Unauthorized

    def _look_up(self, query: StatusQuery, issuer: AuthorityName) -> CertificateStatus:
        try:
            with self._database.reading() as session:
                return status_of(session, issuer, query.serial_number)
        except (exc.DBAPIError, exc.TimeoutError) as failure:
            raise TryLater from failure

    def _sign(self, query: StatusQuery, signer: OcspSigner, found: CertificateStatus) -> bytes:
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
        return _signed(builder, signer)


def _signed(builder: ocsp.OCSPResponseBuilder, signer: OcspSigner) -> bytes:
    """Return the response in DER; a throwaway key drafts what the signer signs."""
    algorithm = signature_algorithm_of(signer.signer.public_key)
    drafted = builder.sign(algorithm.throwaway_key(), algorithm.hash)
    response = asn1_ocsp.OCSPResponse.load(drafted.public_bytes(Encoding.DER))
    signature = signer.signer.sign_ocsp(drafted.tbs_response_bytes)
    basic = response["response_bytes"]["response"].parsed
    basic["signature"] = signature
    response["response_bytes"]["response"] = asn1_ocsp.ParsableOctetString(basic.dump(force=True))
    der: bytes = response.dump(force=True)
    return der
