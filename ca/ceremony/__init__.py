"""Keeping the root's key away from every server: ceremony, offline acts, and their installation.

docs/operations.md tells how it is done, docs/decisions/0016-offline-root.md why.
"""

from ca.ceremony.bundle import Bundle, read_bundle
from ca.ceremony.document import ReviewedDocument, parse_document, read_document
from ca.ceremony.export import RootExport
from ca.ceremony.folder import CeremonyFolder
from ca.ceremony.installation import Installation
from ca.ceremony.keeping import keep
from ca.ceremony.making import make_root
from ca.ceremony.offline_root import OfflineRoot, RootHistory
from ca.ceremony.records import SignedRecord
from ca.ceremony.request import make_request, read_request
from ca.ceremony.template import document_template
from ca.ceremony.transcript import write_transcript

__all__ = [
    "Bundle",
    "CeremonyFolder",
    "Installation",
    "OfflineRoot",
    "ReviewedDocument",
    "RootExport",
    "RootHistory",
    "SignedRecord",
    "document_template",
    "keep",
    "make_request",
    "make_root",
    "parse_document",
    "read_bundle",
    "read_document",
    "read_request",
    "write_transcript",
]
