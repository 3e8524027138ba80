"""Acts of a key ceremony: two officers approve a document, a command carries it out.

What is approved is the SHA-256 of the very file (`docs/operations.md`): the CRL
that the offline root signed, or the certificate of a new issuing CA. The
command that takes the file in asks for an approval of its digest
(`Approvals.carry_out`) in the transaction in which it takes it in.
"""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from foundation.audit import Actor
from foundation.errors import Invalid
from gateway.approvals.acts import Content, Done
from gateway.approvals.kinds import Kind
from policies.access import OfficerAction, Resource

_SHA256 = re.compile(r"[0-9A-F]{64}")


def ceremony_content(unverified_sha256: str) -> Content:
    """Return what the approval of a document is about.

    Spaces and colons between the digits and lower case are forgiven. Raises
    `Invalid` for what is no SHA-256.
    """
    digest = re.sub(r"[\s:]", "", unverified_sha256).upper()
    if not _SHA256.fullmatch(digest):
        raise Invalid("digest-malformed", field="document_sha256")
    return {"document_sha256": digest}


@dataclass(frozen=True)
class CeremonyAct:
    """One kind of ceremony act; belongs to no district."""

    kind: Kind
    propose_action: OfficerAction = "propose_ceremony"
    approve_action: OfficerAction = "approve_ceremony"

    def subject(self, content: Content) -> str:
        """Return the document's digest as the audit log names it."""
        return f"document:{content['document_sha256']}"

    def resource(self, session: Session, content: Content) -> Resource:
        """Return a thing without a district: a district officer has no part in it."""
        return Resource("Approval", self.kind)

    def execute(self, session: Session, content: Content, by: Actor) -> Done:
        """Leave it to the command that has the document in hand."""
        return Done({}, state="approved")
