"""Making an installation: schema, hierarchy, first CRLs."""

from contextlib import suppress

from cryptography.hazmat.primitives.serialization import Encoding

from ca.errors import SignerAway
from ca.records import fingerprint_of
from foundation.audit import Actor
from foundation.database import alone_with
from foundation.database.schema import upgrade_schema
from foundation.errors import Conflict
from gateway.composition.awaiting import require_not_awaiting
from gateway.composition.certification import hierarchy_store, publish_first_crls
from gateway.composition.checkpoints import make_checkpoint_key
from gateway.composition.ground import Ground
from gateway.composition.profiles import certificate_names


def initialise(ground: Ground, by: Actor) -> str:
    """Make everything and return the root's SHA-256 fingerprint; refuses to do it twice."""
    _prepare(ground)
    with alone_with(ground.database, "initialisation"):
        return _initialise(ground, by)


def ensure_initialised(ground: Ground, by: Actor) -> None:
    """Initialise unless it has been done; what a crash left undone is completed.

    Of several nodes that start on an empty database one does it; the others
    wait, and then find that their keys folder has the keys, or has not
    (`KeyUnavailable`).
    """
    _prepare(ground)
    with alone_with(ground.database, "initialisation"):
        store = hierarchy_store(ground)
        if not store.exists():
            _initialise(ground, by)
            return
        # A signer that is away is no reason to keep everybody out: what there is
        # goes on being served, and the job publishes when it is back.
        with suppress(SignerAway):
            publish_first_crls(ground, store.load(certificate_names(ground.settings), by))
        make_checkpoint_key(ground)


def _initialise(ground: Ground, by: Actor) -> str:
    store = hierarchy_store(ground)
    if store.exists():
        raise Conflict("folder-in-use", folder=str(ground.settings.data))
    require_not_awaiting(ground.settings.data)
    hierarchy = store.create(certificate_names(ground.settings), by)
    publish_first_crls(ground, hierarchy)
    make_checkpoint_key(ground)
    return fingerprint_of(hierarchy.root.certificate.public_bytes(Encoding.DER))


def _prepare(ground: Ground) -> None:
    # Keys, settings and the embedded database live here: nobody else looks in.
    ground.settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade_schema(ground.database)
