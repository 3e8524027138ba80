"""What a rule finds: a reason against a filing, or a hint beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as kept

from foundation.errors import FieldError, Invalid, Parameter


@dataclass(frozen=True)
class Finding:
    """One reason, as a code with parameters; its text is ``error.<code>``.

    It is kept as a code so that a reason written by the automatic review can
    be read in either language later.
    """

    field: str
    code: str
    params: Mapping[str, Parameter] = kept(default_factory=dict)

    def as_field_error(self) -> FieldError:
        """Return the finding as an error of its field."""
        return FieldError(self.field, self.code, dict(self.params))


def refuse(findings: Sequence[Finding]) -> None:
    """Raise Invalid with all `findings`, or return when there are none.

    A single reason also names the problem as a whole.
    """
    if not findings:
        return
    fields = [finding.as_field_error() for finding in findings]
    if len(findings) > 1:
        raise Invalid("filing-refused", fields=fields, count=len(fields))
    refusal = Invalid(findings[0].code, fields=fields)
    refusal.params.update(findings[0].params)
    raise refusal
