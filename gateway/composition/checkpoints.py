"""The keeping of this installation's audit log, put together."""

import structlog

from foundation.errors import Failure
from gateway.audit_keeping import AuditKeeping
from gateway.composition.ground import Ground
from gateway.composition.keys import server_keys

_LOG = structlog.get_logger(__name__)


def audit_keeping_of(ground: Ground) -> AuditKeeping:
    """Return what makes and verifies the checkpoints."""
    return AuditKeeping(
        database=ground.database,
        clock=ground.clock,
        open_keys=lambda: server_keys(ground.settings, ground.randomness),
        name=f"{ground.settings.host}/audit",
        anchor=ground.settings.audit_anchor,
    )


def make_checkpoint_key(ground: Ground) -> None:
    """Make the key of the checkpoints, so that it is there when the keys are copied to a node.

    A node that cannot make it, or has not got it, serves all the same and says
    so at the first checkpoint.
    """
    try:
        audit_keeping_of(ground).verifier_key()
    except (OSError, Failure) as failed:
        _LOG.warning("audit_checkpoint_key_missing", problem=str(failed))
