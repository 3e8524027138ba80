"""Making an installation: schema, hierarchy, first CRLs."""

from foundation.audit import Actor
from foundation.database.schema import upgrade_schema
from foundation.errors import Conflict
from gateway.composition.certification import hierarchy_store, publish_first_crls, server_names
from gateway.composition.ground import Ground
from gateway.fingerprints import fingerprint_of


def initialise(ground: Ground, by: Actor) -> str:
    """Make everything and return the root's SHA-256 fingerprint; refuses to do it twice."""
    upgrade_schema(_with_folder(ground).database)
    store = hierarchy_store(ground)
    if store.exists():
        raise Conflict("folder-in-use", folder=str(ground.settings.data))
    hierarchy = store.create(server_names(ground.settings), by)
    publish_first_crls(ground, hierarchy, by)
    return fingerprint_of(hierarchy.root.certificate)


def ensure_initialised(ground: Ground, by: Actor) -> None:
    """Initialise unless it has been done; a crash half-way is completed."""
    upgrade_schema(_with_folder(ground).database)
    store = hierarchy_store(ground)
    if not store.exists():
        initialise(ground, by)


def _with_folder(ground: Ground) -> Ground:
    # Keys, settings and the embedded database live here: nobody else looks in.
    ground.settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return ground
