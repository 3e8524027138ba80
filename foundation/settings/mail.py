"""How letters leave the house."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from foundation.settings.kinds import HostName, Port

# One at sign and no white space: a bare address, as `foundation.mail` takes it.
MailAddress = Annotated[str, Field(pattern=r"^[!-?A-~]+@[!-?A-~]+$", max_length=254)]


class MailSettings(BaseModel):
    """An SMTP server; without a host no letters are sent.

    The password stands in a file of its own: neither the environment nor
    certgate.toml is a place for it.
    """

    smtp_host: HostName | None = None
    smtp_port: Port = 587
    smtp_username: str | None = None
    smtp_password_file: Path | None = None
    smtp_sender: MailAddress | None = None
    smtp_ca_file: Path | None = None

    @model_validator(mode="after")
    def _letters_are_complete(self) -> Self:
        if self.smtp_host is not None and self.smtp_sender is None:
            raise ValueError("smtp_host needs smtp_sender")
        if (self.smtp_username is None) != (self.smtp_password_file is None):
            raise ValueError("smtp_username and smtp_password_file go together")
        return self
