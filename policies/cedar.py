"""Asking a Cedar document, with Cedar's open ends closed.

Cedar skips a policy whose evaluation fails. A skipped ``forbid`` would let
through what it forbids, so any error at all counts as a refusal here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cedarpy
import structlog

from policies.documents import BrokenDocument, read_document

SCHEMA_DOCUMENT = "schema.cedarschema"

_log = structlog.get_logger(__name__)

Attributes = Mapping[str, str]


@dataclass(frozen=True)
class Entity:
    """A Cedar entity: type, identifier, attributes and the roles it is in."""

    type: str
    id: str
    attributes: Attributes = field(default_factory=dict)
    roles: Sequence[str] = ()

    @property
    def uid(self) -> dict[str, str]:
        """The reference to this entity, in the form that needs no quoting."""
        return {"type": self.type, "id": self.id}

    def as_cedar(self) -> dict[str, object]:
        """Return the entity as a member of Cedar's JSON entity list."""
        parents = [{"type": "Role", "id": role} for role in self.roles]
        return {"uid": self.uid, "attrs": dict(self.attributes), "parents": parents}


class CedarDocument:
    """One policy document, parsed once and valid under the schema."""

    def __init__(self, name: str, policies: cedarpy.PolicySet, schema: cedarpy.Schema) -> None:
        self._name = name
        self._policies = policies
        self._schema = schema

    @classmethod
    def load(cls, folder: Path, name: str) -> "CedarDocument":
        """Read a document and the schema from `folder`.

        Raises `BrokenDocument` when either is missing or cannot be parsed, when
        the policies break the schema, or when the document holds no policy.
        """
        schema = _parse_schema(read_document(folder, SCHEMA_DOCUMENT))
        text = read_document(folder, name)
        try:
            policies = cedarpy.PolicySet.from_str(text)
        except ValueError as error:
            raise BrokenDocument(name, str(error)) from error
        if len(policies) == 0:
            raise BrokenDocument(name, "holds no policy")
        validation = cedarpy.validate_policies(text, schema)
        if not validation.validation_passed:
            reasons = "; ".join(str(error) for error in validation.errors)
            raise BrokenDocument(name, reasons)
        return cls(name, policies, schema)

    def permits(
        self,
        principal: Entity,
        action: str,
        resource: Entity,
        context: Mapping[str, bool] | None = None,
        *,
        known: Sequence[Entity],
    ) -> bool:
        """Return whether the document permits the action; every error is a no.

        `known` are the entities whose attributes the policies may look at.
        """
        request = {
            "principal": principal.uid,
            "action": {"type": "Action", "id": action},
            "resource": resource.uid,
            "context": dict(context or {}),
        }
        entities = [entity.as_cedar() for entity in known]
        try:
            answer = cedarpy.is_authorized(request, self._policies, entities, self._schema)
        except ValueError as error:
            _log.error("policy.failed", document=self._name, action=action, reason=str(error))
            return False
        if answer.diagnostics.errors:
            reason = "; ".join(answer.diagnostics.errors)
            _log.error("policy.failed", document=self._name, action=action, reason=reason)
            return False
        return answer.decision is cedarpy.Decision.Allow


def _parse_schema(text: str) -> cedarpy.Schema:
    try:
        return cedarpy.Schema.from_str(text)
    except ValueError as error:
        raise BrokenDocument(SCHEMA_DOCUMENT, str(error)) from error
