"""Certificates from before step 0005 are found by their key afterwards (issue 3, part 9)."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from ca.key_types import CaPrivateKey
from foundation.database import Database
from foundation.database.schema import _config, upgrade_schema

WHEN = datetime(2027, 1, 4, 9, tzinfo=UTC)
KEYS: dict[str, CaPrivateKey] = {
    "ECDSA P-384": ec.generate_private_key(ec.SECP384R1()),
    "RSA 3072": rsa.generate_private_key(65537, 3072),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}


@pytest.fixture
def before(blank_database_url: str) -> Iterator[Database]:
    database = Database(blank_database_url)
    with database.engine.connect() as connection, connection.begin():
        command.upgrade(_config(connection), "0004")
    yield database
    database.dispose()


def test_the_step_describes_every_certificate_that_exists(before: Database) -> None:
    insert = text(
        "INSERT INTO certificates (serial_number, issuer, profile, state, der, created_at) "
        "VALUES (:number, 'issuing', 'unit', :state, :der, :at)"
    )
    with before.writing() as session:
        for number, key in KEYS.items():
            row = {"number": number, "state": "good", "der": certificate_of(key), "at": WHEN}
            session.execute(insert, row)
        session.execute(insert, {"number": "41", "state": "reserved", "der": None, "at": WHEN})

    upgrade_schema(before)

    with before.reading() as session:
        query = text("SELECT serial_number, key_type, spki_sha256 FROM certificates")
        found = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    expected = {kind: (kind, digest_of(key)) for kind, key in KEYS.items()}
    assert found == {**expected, "41": (None, None)}


def certificate_of(key: CaPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "from before")])
    builder = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, serial_number=65)
        .public_key(key.public_key())
        .not_valid_before(WHEN)
        .not_valid_after(WHEN + timedelta(days=1))
    )
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def digest_of(key: CaPrivateKey) -> str:
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest().upper()
