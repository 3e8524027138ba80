"""The fixed content of a proposal and the digest that an approver approves."""

import hashlib
import json
from typing import cast

from gateway.approvals.acts import Content
from gateway.approvals.kinds import Kind


def canonical(content: Content) -> str:
    """Return the one way to write `content`: keys sorted, no spaces."""
    return json.dumps(dict(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_content(text: str) -> Content:
    """Return stored content."""
    return cast(Content, json.loads(text))


def digest_of(kind: Kind, text: str) -> str:
    """Return SHA-256 over kind and canonical content, in upper-case hex.

    The kind is part of it, so that no approval of one act fits another.
    """
    return hashlib.sha256(f"certgate approval\n{kind}\n{text}".encode()).hexdigest().upper()
