"""The audit log: append-only, each entry bound to the one before by its hash."""

from foundation.audit.actor import Actor
from foundation.audit.chain import BrokenChain, verify_chain
from foundation.audit.draft import AuditDraft
from foundation.audit.log import AuditLog
from foundation.audit.model import AuditEntry

__all__ = ["Actor", "AuditDraft", "AuditEntry", "AuditLog", "BrokenChain", "verify_chain"]
