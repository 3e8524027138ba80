"""Certificates of edges: what a node recognises them by."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ca.authorities import Hierarchy
from ca.issuance import Issuance
from ca.key_types import EndEntityPrivateKey
from ca.keys import generate_key
from ca.names.subject import Subject
from foundation.audit import Actor
from foundation.database import Database
from foundation.errors import Invalid

# No dot: OpenSSL would take the common name for a host's and hold it against
# the issuing CA's name constraints.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class EdgeCredential:
    """A fresh certificate of an edge.

    `link_pem` is its chain and its key in the clear, as HAProxy reads them; the
    key is kept nowhere else. `authorities_pem` is whom to believe about nodes.
    """

    name: str
    serial_number: str
    not_after: datetime
    link_pem: bytes = field(repr=False)
    authorities_pem: bytes = field(repr=False)


class EdgeEnrollment:
    """Issues certificates of profile "edge"; they go the way of all (`ca.issuance`)."""

    def __init__(self, database: Database, issuance: Issuance, hierarchy: Hierarchy) -> None:
        self._database = database
        self._issuance = issuance
        self._hierarchy = hierarchy

    def enroll(self, name: str, by: Actor) -> EdgeCredential:
        """Return a certificate for the edge `name` with a new key. Opens its own transactions.

        An earlier certificate of that name stays good, so that an edge changes
        over without a gap; revoke it by its serial number. Raises `Invalid`
        ("edge-name-invalid") and what `Issuance.prepare` raises. Does not ask
        whether `by` may: who has the command line is the operator.
        """
        if not _NAME.fullmatch(name):
            raise Invalid("edge-name-invalid", field="name")
        key = generate_key("ecdsa-p256")
        with self._database.writing() as session:
            serial_number = self._issuance.reserve_serial(
                session, profile="edge", subscriber=None, by=by
            )
        with self._database.writing() as session:
            self._issuance.prepare(
                session, serial_number, subject=Subject(name), public_key=key.public_key(), by=by
            )
        certificate = self._issuance.complete(self._database, serial_number, by)
        authorities = [self._hierarchy.root.certificate] + [
            issuer.certificate for issuer in self._hierarchy.issuers.values()
        ]
        return EdgeCredential(
            name=name,
            serial_number=serial_number,
            not_after=certificate.not_valid_after_utc,
            link_pem=_pem(certificate, self._hierarchy.issuing.certificate) + _key_pem(key),
            authorities_pem=_pem(*authorities),
        )


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def _key_pem(key: EndEntityPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
