"""A missing, broken or invalid document stops the start."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policies.access import AccessPolicy, Resource
from policies.documents import BrokenDocument
from policies.parameters import load_parameters
from policies.principal import Principal
from policies.review import ReviewPolicy

LOADERS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "access": (AccessPolicy.load, ("access.cedar", "schema.cedarschema")),
    "review": (ReviewPolicy.load, ("review.cedar", "schema.cedarschema")),
    "parameters": (load_parameters, ("parameters.toml",)),
}
CASES = [(load, name) for load, names in LOADERS.values() for name in names]


@pytest.mark.parametrize(("load", "name"), CASES)
def test_a_missing_document_refuses_to_start(
    folder: Path, load: Callable[[Path], object], name: str
) -> None:
    load(folder)
    (folder / name).unlink()
    with pytest.raises(BrokenDocument) as failure:
        load(folder)
    assert failure.value.document == name


@pytest.mark.parametrize(("load", "name"), CASES)
@pytest.mark.parametrize(
    "content",
    [b"", b"// nothing but a comment\n", b"permit (principal, action", b"[[[", b"\xff\xfe\x00"],
    ids=["empty", "comment", "cedar cut short", "toml cut short", "not text"],
)
def test_a_broken_document_refuses_to_start(
    folder: Path, load: Callable[[Path], object], name: str, content: bytes
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(BrokenDocument):
        load(folder)


@pytest.mark.parametrize(
    "policy",
    [
        'permit (principal is OfficerUser in Role::"superuser", action, resource);',
        'permit (principal, action == Action::"fly", resource);',
        'permit (principal is Clerk, action == Action::"read_audit", resource);',
        'permit (principal is OfficerUser, action == Action::"read_audit", resource)'
        " when { principal.salary > 0 };",
        # An optional attribute may be absent: it must be asked for with "has" first.
        'permit (principal is OfficerUser, action == Action::"read_audit", resource)'
        ' when { principal.district == "wuchang" };',
    ],
    ids=["unknown role", "unknown action", "unknown type", "unknown attribute", "unguarded"],
)
def test_a_policy_that_breaks_the_schema_refuses_to_start(folder: Path, policy: str) -> None:
    document = folder / "access.cedar"
    document.write_text(document.read_text(encoding="utf-8") + policy, encoding="utf-8")
    with pytest.raises(BrokenDocument) as failure:
        AccessPolicy.load(folder)
    assert failure.value.document == "access.cedar"


def test_a_forbid_that_fails_to_evaluate_still_forbids(folder: Path) -> None:
    """Cedar itself would skip it and permit."""
    auditor = Principal("a1", "某", "officer", roles=frozenset({"auditor"}))
    log = Resource("AuditLog", "log")
    assert AccessPolicy.load(folder).allows(auditor, "read_audit", log)
    overflow = "forbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };"
    document = folder / "access.cedar"
    document.write_text(document.read_text(encoding="utf-8") + overflow, encoding="utf-8")
    assert not AccessPolicy.load(folder).allows(auditor, "read_audit", log)


def test_what_no_policy_permits_is_denied(folder: Path) -> None:
    only = 'permit (principal is UnitUser, action == Action::"list_own_tasks", resource);'
    (folder / "access.cedar").write_text(only, encoding="utf-8")
    auditor = Principal("a1", "某", "officer", roles=frozenset({"auditor"}))
    assert not AccessPolicy.load(folder).allows(auditor, "read_audit", Resource("AuditLog", "log"))
