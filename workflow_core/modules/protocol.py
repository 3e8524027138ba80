"""What the life cycle asks of a module."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy.orm import Session

from foundation.errors import NotFound
from foundation.i18n import Translator
from workflow_core.modules.findings import Finding
from workflow_core.month import Month

Data = dict[str, Any]
"""A filing's data as JSON, read and normalised by its module."""


@dataclass(frozen=True)
class Filing:
    """A filing as rules and effects see it.

    `on` is the day it is judged by: the day of submission, before that today
    (AMB-17); a review that takes weeks does not make it worse.
    """

    owner: str
    unit_class: str | None
    data: Data
    on: date
    task_id: int | None = None


@dataclass(frozen=True)
class Subject:
    """Whom or what a filing is about, for lists and against filing twice."""

    key: str
    name: str


@dataclass(frozen=True)
class Effect:
    """What an approval did: the month it takes effect in, facts for the history."""

    month: Month
    facts: Mapping[str, str]


class ModuleForm(Protocol):
    """How a module's data is typed and shown."""

    template: str
    details_template: str
    print_template: str | None

    def from_fields(self, fields: Mapping[str, Sequence[str]]) -> Data:
        """Return unverified data from the fields of an HTML form."""
        ...

    def context(self, session: Session, owner: str, translator: Translator) -> Mapping[str, object]:
        """Return the choices the form offers to this unit."""
        ...


class Module(Protocol):
    """One kind of business."""

    name: str
    locked_fields: frozenset[str]
    """Grey in the check window: wrong values need a withdrawal and a new start (TASK-08)."""

    vip_hands_in_papers: bool
    """Whether an approval without an officer records a paper copy as due (AMB-10)."""

    @property
    def form(self) -> ModuleForm:
        """How its data is typed and shown."""
        ...

    def read(self, unverified_data: Mapping[str, object]) -> Data:
        """Return the data normalised; raises Invalid with every field that is wrong."""
        ...

    def subject_of(self, data: Data) -> Subject:
        """Return whom the filing is about."""
        ...

    def check(self, session: Session, filing: Filing) -> list[Finding]:
        """Return every reason against the filing by today's registry, the gravest first."""
        ...

    def warn(self, session: Session, filing: Filing) -> list[Finding]:
        """Return hints for the unit; they never block (AMB-08)."""
        ...

    def apply(self, session: Session, filing: Filing) -> Effect:
        """Carry an approved filing into the registry; raises Conflict when that moved on."""
        ...


class Modules:
    """The modules of this installation, by name."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self._by_name = {module.name: module for module in modules}

    def get(self, name: str) -> Module:
        """Return the module `name`; raises NotFound."""
        module = self._by_name.get(name)
        if module is None:
            raise NotFound("module-unknown")
        return module

    def __iter__(self) -> Iterator[Module]:
        return iter(self._by_name.values())
