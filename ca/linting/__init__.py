"""Rules a certificate's content must keep before it may be signed."""

from ca.linting.draft import Draft
from ca.linting.lint import LintedTbs, lint

__all__ = ["Draft", "LintedTbs", "lint"]
