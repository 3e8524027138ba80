"""The revocation journal: what was revoked, kept outside the database.

A database can be brought back from yesterday, and with it every certificate
that was revoked today. The journal is a file that a restore does not touch
(docs/decisions/0014-revocations-survive-a-restore.md).
"""

from ca.journal.entry import JournalAct, JournalEntry
from ca.journal.journal import RevocationJournal

__all__ = ["JournalAct", "JournalEntry", "RevocationJournal"]
