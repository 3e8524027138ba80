"""Making an installation: schema, hierarchy, first CRLs."""

from contextlib import suppress

from ca.errors import SignerAway
from foundation.audit import Actor
from foundation.database.schema import upgrade_schema
from foundation.errors import Conflict
from gateway.composition.awaiting import require_not_awaiting
from gateway.composition.certification import hierarchy_store, publish_first_crls
from gateway.composition.ground import Ground
from gateway.composition.profiles import server_names
from gateway.fingerprints import fingerprint_of


def initialise(ground: Ground, by: Actor) -> str:
    """Make everything and return the root's SHA-256 fingerprint; refuses to do it twice."""
    _prepare(ground)
    store = hierarchy_store(ground)
    if store.exists():
        raise Conflict("folder-in-use", folder=str(ground.settings.data))
    require_not_awaiting(ground.settings.data)
    hierarchy = store.create(server_names(ground.settings), by)
    publish_first_crls(ground, hierarchy)
    return fingerprint_of(hierarchy.root.certificate)


def ensure_initialised(ground: Ground, by: Actor) -> None:
    """Initialise unless it has been done; what a crash left undone is completed."""
    _prepare(ground)
    store = hierarchy_store(ground)
    if not store.exists():
        initialise(ground, by)
        return
    # A signer that is away is no reason to keep everybody out: what there is
    # goes on being served, and the job publishes when it is back.
    with suppress(SignerAway):
        publish_first_crls(ground, store.load(server_names(ground.settings), by))


def _prepare(ground: Ground) -> None:
    # Keys, settings and the embedded database live here: nobody else looks in.
    ground.settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade_schema(ground.database)
