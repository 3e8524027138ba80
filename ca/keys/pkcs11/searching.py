"""Finding the one object of a kind that bears a name."""

from typing import TypeVar

import pkcs11
from pkcs11 import Attribute, ObjectClass

from ca.errors import KeyUnavailable

Kind = TypeVar("Kind")


def find_one(
    session: pkcs11.Session, object_class: ObjectClass, name: str, kind: type[Kind]
) -> Kind | None:
    """Return the object, or None; raises `KeyUnavailable` for two or one of another kind.

    Two of one name: somebody put another beside ours, and neither is trusted.
    """
    template = {Attribute.CLASS: object_class, Attribute.LABEL: name}
    # Read to its end: a search that is left half-way blocks the session.
    match list(session.get_objects(template)):
        case []:
            return None
        case [found] if isinstance(found, kind):
            return found
    raise KeyUnavailable(name)
