"""The kinds of business a unit can file, one folder each.

A module brings four things: `data` (what a filing says and how it is read),
`rules` (what may keep it from being accepted), an effect (what its approval
changes in the registry) and a form. The life cycle in `tasks` and the review
know only the `Module` protocol; `gateway` hands them the modules it wants.
"""

from workflow_core.modules.findings import Finding, refuse
from workflow_core.modules.protocol import (
    Data,
    Effect,
    Filing,
    Module,
    ModuleForm,
    Modules,
    Subject,
)

__all__ = [
    "Data",
    "Effect",
    "Filing",
    "Finding",
    "Module",
    "ModuleForm",
    "Modules",
    "Subject",
    "refuse",
]
