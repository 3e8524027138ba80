"""What an administrator types to register an application, as the page has it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from foundation.errors import Failure, FieldError, Invalid
from gateway.openid.registration import RegistrationForm, read_keys, split_pasted

Short = Annotated[str, Field(max_length=64)]
Line = Annotated[str, Field(max_length=512)]
# Sixteen addresses; eight keys.
Lines = Annotated[str, Field(max_length=10_000)]
Pasted = Annotated[str, Field(max_length=32_000)]
Choices = Annotated[list[Short], Field(max_length=16)]


class ApplicationForm(BaseModel):
    """The fields of the page; nothing of them has been looked at."""

    model_config = ConfigDict(frozen=True)

    client_id: Short = ""
    application_name: Line = ""
    redirect_uris: Lines = ""
    post_logout_redirect_uris: Lines = ""
    logout_url: Line = ""
    keys: Pasted = ""
    tls_field: Short = ""
    tls_value: Line = ""
    signature_algorithm: Short = "ES256"
    everybody: Short = ""
    kinds: Choices = []
    roles: Choices = []
    unit_classes: Choices = []

    def registration(self) -> RegistrationForm:
        """Return what registration reads; raises `Invalid`."""
        if self.everybody not in {"yes", "no"}:
            raise Invalid("relying-party-for-nobody", field="everybody")
        tls_name = (self.tls_field.strip(), self.tls_value.strip())
        return RegistrationForm(
            client_id=self.client_id.strip(),
            name=self.application_name,
            redirect_uris=self.redirect_uris.split(),
            post_logout_redirect_uris=self.post_logout_redirect_uris.split(),
            logout_url=self.logout_url.strip() or None,
            key_documents=split_pasted(self.keys),
            tls_names=[tls_name] if any(tls_name) else [],
            signature_algorithm=self.signature_algorithm,
            everybody=self.everybody == "yes",
            kinds=self.kinds,
            roles=self.roles,
            unit_classes=self.unit_classes,
        )

    def shown_again(self) -> "ApplicationForm":
        """Return what may stand in the page once more: of keys only public ones.

        Somebody who pasted a private key has shown it once; it is not sent back.
        """
        return self.model_copy(update={"keys": self.keys if _are_public(self.keys) else ""})


def errors_of(failure: Failure) -> tuple[FieldError, ...]:
    """Return the errors by the names that the fields have on the page."""
    # What the CA says of a key names no field.
    found = failure.fields or (FieldError("keys", failure.code, failure.params),)
    return tuple(FieldError(_field_of(each.field), each.code, each.params) for each in found)


def _field_of(name: str) -> str:
    if name == "name":
        return "application_name"
    # A refused name in a certificate is called by its field, whatever was sent as one.
    return name if name in ApplicationForm.model_fields else "tls_value"


def _are_public(pasted: str) -> bool:
    try:
        read_keys(split_pasted(pasted))
    except Invalid:
        return False
    return True
