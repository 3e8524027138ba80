"""Which database, and how its password comes here."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, field_validator, model_validator
from sqlalchemy import make_url

from foundation.settings.kinds import first_line


class DatabaseSettings(BaseModel):
    """PostgreSQL by its URL; without one an SQLite file in the data folder."""

    # It may hold a password, so it is not shown.
    database_url: str | None = Field(default=None, repr=False)
    # For those who keep it out of the environment, where every child sees it.
    database_password_file: Path | None = None

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, value: str | None) -> str | None:
        # What every hosting manual writes; SQLAlchemy would look for another driver.
        for prefix in ("postgresql://", "postgres://"):
            if value is not None and value.startswith(prefix):
                return f"postgresql+psycopg://{value.removeprefix(prefix)}"
        return value

    @model_validator(mode="after")
    def _password_is_there(self) -> Self:
        if self.database_password_file is not None:
            if self.database_url is None:
                raise ValueError("database_password_file needs database_url")
            first_line(self.database_password_file)
        return self

    def url_with_password(self) -> str | None:
        """Return the URL as a driver takes it, None without one: not for a log.

        Raises `ValueError` when the password's file has gone since the start.
        """
        if self.database_url is None or self.database_password_file is None:
            return self.database_url
        url = make_url(self.database_url).set(password=first_line(self.database_password_file))
        return url.render_as_string(hide_password=False)
