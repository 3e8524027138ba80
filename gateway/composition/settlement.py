"""What brings the database up to the revocation journal, put together."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from ca.journal.reconciliation import Reconciliation
from ca.journal.settlement import Settlement
from ca.revocation.acts import Acts
from foundation.audit import Actor
from gateway.composition.certification import Certification


def settlement_of(
    certification: Certification, on_ended: Callable[[Session, str, Actor], None]
) -> Settlement:
    """Return the settlement; `on_ended` ends what a revoked certificate has opened."""
    ground = certification.ground
    return Settlement(
        database=ground.database,
        journal=certification.journal,
        is_elsewhere=ground.settings.revocation_journal is not None,
        reconciliation=Reconciliation(
            acts=Acts(certification.crls, ground.audit, certification.journal),
            audit=ground.audit,
            crl_shards=ground.parameters.certificates.crl_shards,
            on_ended=on_ended,
        ),
        audit=ground.audit,
        clock=ground.clock,
    )
