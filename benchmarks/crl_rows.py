"""Filling a database with certificates as fast as it takes them."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from benchmarks.loading import load, loading
from ca.crl.encoding import encode_entry
from ca.crl.entries import serial_key
from ca.crl.models import CrlEntryRecord
from ca.crl.shards import DEFAULT_SHARDS, shard_of
from ca.models import CertificateRecord
from foundation.database import Database

_CERTIFICATES = CertificateRecord.metadata.tables[CertificateRecord.__tablename__]
_ENTRIES = CrlEntryRecord.metadata.tables[CrlEntryRecord.__tablename__]
# As long as a unit's certificate.
_DER = bytes(720)


def fill(
    database: Database,
    now: datetime,
    size: int,
    *,
    shards: int = DEFAULT_SHARDS,
    revoked_one_in: int = 20,
) -> None:
    """Make `size` certificates, one in so many revoked and listed."""
    entries: list[dict[str, Any]] = []

    def certificates() -> Iterator[dict[str, Any]]:
        for number in range(size):
            row = _certificate(number, now, shards, is_revoked=number % revoked_one_in == 0)
            if row["state"] == "revoked":
                entries.append(_entry(row))
            yield row

    with loading(database, (_CERTIFICATES, _ENTRIES)) as connection:
        load(connection, _CERTIFICATES, certificates())
        load(connection, _ENTRIES, entries)
    analyse(database)


def analyse(database: Database) -> None:
    """Let the planner know what is there, as a database in service does by itself."""
    statement = "ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if not database.is_sqlite:
            connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text(statement))
        if not database.is_sqlite:
            connection.execute(text("RESET statement_timeout"))


def _certificate(number: int, now: datetime, shards: int, *, is_revoked: bool) -> dict[str, Any]:
    octets = bytearray(secrets.token_bytes(10))
    octets[0] = 0x40 | octets[0] & 0x3F
    serial_number = octets.hex().upper()
    return {
        "serial_number": serial_number,
        "issuer": "issuing",
        "profile": "unit",
        "crl_shard": shard_of(serial_number, shards),
        "subscriber": f"wh{number:07}",
        "state": "revoked" if is_revoked else "good",
        "der": _DER,
        "fingerprint_sha256": (octets + bytes(22)).hex().upper(),
        "key_type": "ECDSA P-256",
        "spki_sha256": (bytes(22) + octets).hex().upper(),
        "subject": f"CN=wh{number:07},O=单位{number},C=CN",
        "not_before": now,
        "not_after": now + timedelta(days=730),
        "created_at": now,
        "issued_at": now,
        "revoked_at": now if is_revoked else None,
        "reason": "superseded" if is_revoked else None,
    }


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "issuer": row["issuer"],
        "serial": serial_key(row["serial_number"]),
        "shard": row["crl_shard"],
        "epoch": 0,
        "not_after": row["not_after"],
        "entry": encode_entry(row["serial_number"], row["revoked_at"], row["reason"]),
    }
