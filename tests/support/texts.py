"""Finds which texts the code and the templates ask the catalogues for."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
PACKAGES = ("foundation", "policies", "ca", "enrollment", "workflow_core", "gateway")

# Families whose last part is data: a problem's code, a field's name, a status.
DYNAMIC_FAMILIES = ("error.", "field.", "problem.")

FIELD_MACROS = {
    "text_field", "password_field", "textarea_field", "select_field", "radios", "checkboxes",
    "date_field", "month_field", "money_field", "file_field", "field_label",
}  # fmt: skip
_LABEL_POSITION = {"password_field": 1, "file_field": 1, "text_field": 2, "textarea_field": 2,
                   "date_field": 2, "month_field": 2, "money_field": 2, "select_field": 3,
                   "radios": 3, "checkboxes": 3, "field_label": 99}  # fmt: skip
_KINDS = {
    "Failure", "Invalid", "NotFound", "Conflict", "Denied", "Throttled", "Unavailable",
    "FieldError",
}  # fmt: skip


@dataclass
class Asked:
    """Keys somebody asks for by name (with the place), and beginnings of built keys."""

    keys: dict[str, str] = field(default_factory=dict)
    mentioned: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)

    def require(self, key: str, place: str) -> None:
        """Note that `place` cannot do without `key`."""
        self.keys.setdefault(key, place)

    def knows(self, key: str) -> bool:
        """Say whether anything could ask for `key`."""
        return (
            key in self.keys
            or key in self.mentioned
            or key.startswith(DYNAMIC_FAMILIES)
            or any(key.startswith(prefix) for prefix in self.prefixes)
        )


def asked_for() -> Asked:
    """Return everything the packages ask for."""
    asked = Asked()
    for path in source_files("*.py"):
        _scan_code(ast.parse(path.read_text(encoding="utf-8")), place(path), asked)
    environment = Environment(autoescape=True)
    for path in source_files("*.html"):
        _scan_template(environment.parse(path.read_text(encoding="utf-8")), place(path), asked)
    return asked


def source_files(pattern: str) -> Iterator[Path]:
    """Return the files of all packages that match `pattern`."""
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob(pattern))


def place(path: Path) -> str:
    """Return how a message names `path`."""
    return path.relative_to(ROOT).as_posix()


def _scan_code(tree: ast.Module, where: str, asked: Asked) -> None:
    kinds = _KINDS | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and _KINDS & {_name(base) for base in node.bases}
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            asked.mentioned.add(node.value)
        elif isinstance(node, ast.JoinedStr) and node.values:
            _prefix(node.values[0], asked)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            _prefix(node.left, asked)
        elif isinstance(node, ast.Call):
            _scan_call(node, kinds, where, asked)


def _scan_call(node: ast.Call, kinds: Iterable[str], where: str, asked: Asked) -> None:
    called = _name(node.func)
    texts = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
    if called in kinds:
        code = texts[1:2] if called == "FieldError" else texts[:1]
        if code and isinstance(code[0], str):
            asked.require(f"error.{code[0]}", where)
    elif called in {"t", "NavigationItem"} and texts and isinstance(texts[0], str):
        asked.require(texts[0], where)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _prefix(node: ast.expr, asked: Asked) -> None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_prefix(node.value):
        asked.prefixes.add(node.value)


def _is_prefix(text: str) -> bool:
    return "." in text and " " not in text and "/" not in text and not text.startswith(".")


def _scan_template(tree: nodes.Template, where: str, asked: Asked) -> None:
    for concat in tree.find_all(nodes.Concat):
        match concat.nodes[0]:
            case nodes.Const(value=str(beginning)) if _is_prefix(beginning):
                asked.prefixes.add(beginning)
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str):
            asked.mentioned.add(constant.value)
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or not call.args:
            continue
        first = call.args[0]
        if call.node.name == "t":
            for key in _alternatives(first):
                asked.require(key, where)
        elif call.node.name in FIELD_MACROS and isinstance(first, nodes.Const):
            labelled = any(keyword.key == "label" for keyword in call.kwargs)
            if not labelled and len(call.args) <= _LABEL_POSITION[call.node.name]:
                asked.require(f"field.{first.value}", where)


def _alternatives(node: nodes.Expr) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from _alternatives(node.expr1)
        if node.expr2 is not None:
            yield from _alternatives(node.expr2)
