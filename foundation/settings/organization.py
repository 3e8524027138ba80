"""What root and issuing CA are called after."""

# Both names in 64 octets (RFC 5280 appendix A.1, ub-common-name).
LONGEST_ORGANIZATION = 48


def require_organization(value: str) -> str:
    """Return a name that certificates can bear; raises `ValueError`."""
    if not value.strip() or not value.isprintable() or value != value.strip():
        raise ValueError("not a name")
    if len(value.encode()) > LONGEST_ORGANIZATION:
        raise ValueError(f"longer than {LONGEST_ORGANIZATION} octets of UTF-8")
    return value
