"""A CA whose revocations are journaled, and its database as it was at some moment."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ca.crl.shards import DEFAULT_SHARDS
from ca.journal import RevocationJournal
from ca.journal.reconciliation import Reconciliation
from ca.journal.settlement import Settled, Settlement
from ca.ocsp import OcspResponder
from ca.revocation import Revocation
from ca.revocation.acts import Acts
from ca.verification import ClientCertificateVerifier
from foundation.audit import Actor
from foundation.database import Database
from foundation.errors import Denied, Failure, Unavailable
from foundation.randomness import SystemRandomness
from tests.support.certification import Issued
from tests.support.revocation import RevocableCa, make_revocable

OPERATOR = Actor.operator()
SHARDS = DEFAULT_SHARDS

# Copies a database as it is now; no connection to it may be open.
CopyDatabase = Callable[[Database], Database]


@dataclass(frozen=True)
class JournaledCa:
    """A `RevocableCa` that writes the journal at `path`."""

    revocable: RevocableCa
    journal: RevocationJournal
    settlement: Settlement
    path: Path

    @property
    def database(self) -> Database:
        """The CA's database."""
        return self.revocable.database

    def settle(self) -> Settled:
        """Compare with the journal, as every start does."""
        return self.settlement.settle(OPERATOR)

    def refusal(self, issued: Issued) -> str:
        """Return the code with which the verifier refuses a certificate."""
        with pytest.raises(Failure) as refused:
            self.revocable.verify(issued.certificate)
        assert isinstance(refused.value, Denied | Unavailable)
        return refused.value.code

    def on(self, database: Database, *, path: Path | None = None) -> "JournaledCa":
        """Return the same CA, keys and journal, on another database."""
        ca = replace(self.revocable.ca, database=database)
        moved = replace(self.revocable, ca=ca)
        return journaled_from(moved, path or self.path)


def make_journaled(database: Database, folder: Path, *, elsewhere: bool = False) -> JournaledCa:
    """Make a CA with its first CRLs and its journal."""
    made = journaled_from(
        make_revocable(database, folder), folder / "revocations.journal", elsewhere=elsewhere
    )
    made.settle()
    return made


def journaled_from(revocable: RevocableCa, path: Path, *, elsewhere: bool = False) -> JournaledCa:
    """Return `revocable` with a journal at `path` behind every act."""
    ca = revocable.ca
    journal = RevocationJournal(path, clock=ca.clock, randomness=SystemRandomness())
    settlement = Settlement(
        database=ca.database,
        journal=journal,
        is_elsewhere=elsewhere,
        reconciliation=Reconciliation(
            acts=Acts(revocable.crls, ca.audit, journal), audit=ca.audit, crl_shards=SHARDS
        ),
        audit=ca.audit,
        clock=ca.clock,
    )
    journaled = replace(
        revocable,
        revocation=Revocation(crls=revocable.crls, audit=ca.audit, clock=ca.clock, journal=journal),
        responder=OcspResponder(database=ca.database, hierarchy=ca.hierarchy, clock=ca.clock),
        verifier=ClientCertificateVerifier(ca.database, ca.clock),
    )
    return JournaledCa(journaled, journal, settlement, path)


def copier(folder: Path, copy_postgresql: Callable[[str], str]) -> CopyDatabase:
    """Return what copies databases of either kind; SQLite files go to `folder`."""
    copies = 0

    def copy(database: Database) -> Database:
        nonlocal copies
        copies += 1
        # The last connection to close brings everything from the log into the file.
        database.dispose()
        name = database.engine.url.database
        assert name is not None
        if database.is_sqlite:
            return Database(f"sqlite:///{shutil.copy(name, folder / f'copy-{copies}.db')}")
        return Database(copy_postgresql(name))

    return copy
