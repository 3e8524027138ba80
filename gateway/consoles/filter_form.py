"""The filter over the certificates as a page or a program fills it in."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from ca.inventory import CertificateFilter
from ca.inventory.certificate_filter import read_hex
from foundation.errors import FieldError, Invalid
from gateway.consoles.moments import read_moment
from gateway.credentials import Wanted

Word = Annotated[str, Field(max_length=40)]

EXPIRED = "expired"
"""Not a state on record: good, and past its end."""


class FilterForm(BaseModel):
    """What was typed, unverified; an empty text is no condition. Further names are ignored."""

    model_config = ConfigDict(frozen=True)

    q: Annotated[str, Field(max_length=200)] = ""
    state: Word = ""
    profile: Word = ""
    issuer: Word = ""
    key_type: Word = ""
    key_sha256: Annotated[str, Field(max_length=200)] = ""
    district: Word = ""
    unit_class: Word = ""
    issued_from: Word = ""
    issued_before: Word = ""
    expires_from: Word = ""
    expires_before: Word = ""

    @property
    def given(self) -> dict[str, str]:
        """What is not empty; no text of a database can hold a NUL."""
        typed = {name: getattr(self, name) for name in FilterForm.model_fields}
        typed = {name: value.replace("\0", "").strip() for name, value in typed.items()}
        return {name: value for name, value in typed.items() if value}

    @property
    def refinements(self) -> int:
        """How many conditions are given besides the free text."""
        return len(self.given.keys() - {"q"})

    def query(self, **further: str) -> str:
        """Return the query string of this filter."""
        return "?" + urlencode({**self.given, **further})

    def read(self, zone: tzinfo, now: datetime) -> Wanted:
        """Return what is looked for; raises `Invalid` with everything that is wrong."""
        given, errors = self.given, list[FieldError]()

        def moment(name: str) -> datetime | None:
            return _collect(errors, lambda: read_moment(given.get(name), zone, name))

        state, expires_before = given.get("state"), moment("expires_before")
        if state == EXPIRED:
            state = "good"
            expires_before = min(expires_before, now) if expires_before else now
        conditions = CertificateFilter(
            state=state,
            profile=given.get("profile"),
            issuer=given.get("issuer"),
            key_type=given.get("key_type"),
            spki_sha256=read_hex(given["key_sha256"]) if "key_sha256" in given else None,
            issued_from=moment("issued_from"),
            issued_before=moment("issued_before"),
            expires_from=moment("expires_from"),
            expires_before=expires_before,
        )
        try:
            conditions.verified()
        except Invalid as wrong:
            errors += [_renamed(error) for error in wrong.fields]
        if errors:
            raise Invalid("certificate-filter-invalid", fields=errors)
        return Wanted(
            text=given.get("q", ""),
            conditions=conditions,
            district=given.get("district"),
            unit_class=given.get("unit_class"),
        )


def _collect(errors: list[FieldError], read: Callable[[], datetime | None]) -> datetime | None:
    try:
        return read()
    except Invalid as wrong:
        errors += wrong.fields
        return None


def _renamed(error: FieldError) -> FieldError:
    return FieldError("key_sha256", error.code) if error.field == "spki_sha256" else error
