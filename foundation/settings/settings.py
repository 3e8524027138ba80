"""Settings: ``certgate.toml`` in the data folder, overridden by ``CERTGATE_*``.

Frozen and bounded; the composition root reads them once and hands values, not
the settings, to the services.
"""

from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from foundation.settings.database import DatabaseSettings
from foundation.settings.doors import DoorSettings
from foundation.settings.edge import EdgeSettings
from foundation.settings.mail import MailSettings
from foundation.settings.observation import ObservationSettings
from foundation.settings.organization import require_organization
from foundation.settings.private_keys import PrivateKeySettings
from foundation.settings.records import RecordSettings

SETTINGS_FILE = "certgate.toml"


class Settings(
    DoorSettings,
    DatabaseSettings,
    PrivateKeySettings,
    MailSettings,
    RecordSettings,
    ObservationSettings,
    EdgeSettings,
    BaseSettings,
):
    """Everything an operator may set; see docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="CERTGATE_", frozen=True, extra="forbid")

    data: Path = Path("data")
    review_delay_seconds: Annotated[int, Field(ge=0, le=86_400)] = 180
    timezone: str = "Asia/Shanghai"
    organization: str = "CertGate"

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, OSError) as unknown:
            # Neither is a ValueError, which is what pydantic turns into its own.
            raise ValueError("no such time zone") from unknown
        return value

    @field_validator("organization")
    @classmethod
    def _fitting_organization(cls, value: str) -> str:
        return require_organization(value)

    @classmethod
    def load(cls, data: Path) -> "Settings":
        """Read the settings of the data folder `data`; raises pydantic's ValidationError."""

        class OfFolder(cls):  # type: ignore[valid-type,misc]
            model_config = SettingsConfigDict(toml_file=data / SETTINGS_FILE)

        try:
            return cls.model_validate(OfFolder(data=data).model_dump())
        except (TOMLDecodeError, UnicodeDecodeError) as unreadable:
            raise _not_toml(unreadable) from unreadable

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit values first, then the environment, then the file."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))

    @property
    def resolved_database_url(self) -> str:
        """Return the database's URL; an SQLite file in the data folder by default.

        Holds the password, when there is one: not for a log.
        """
        url = self.url_with_password()
        return f"sqlite:///{self.data.absolute() / 'certgate.db'}" if url is None else url

    @property
    def resolved_drain_seconds(self) -> int:
        """Return how long a node goes on taking requests when it was asked to end."""
        if self.drain_seconds is not None:
            return self.drain_seconds
        return 0 if self.resolved_database_url.startswith("sqlite") else 3

    @property
    def resolved_journal(self) -> Path:
        """Return where the revocation journal is; in the data folder by default."""
        return self.revocation_journal or self.data / "revocations.journal"

    @property
    def resolved_edge_state(self) -> Path:
        """Return the folder an edge keeps its files in; in the data folder by default."""
        return (self.edge_state or self.data / "edge").absolute()

    @property
    def resolved_routes(self) -> Path:
        """Return the file of the applications behind the edge; it need not exist."""
        return self.routes or self.data / "routes.toml"


def _not_toml(unreadable: ValueError) -> ValidationError:
    error = PydanticCustomError("not_toml", "{reason}", {"reason": str(unreadable)})
    return ValidationError.from_exception_data(
        "Settings", [InitErrorDetails(type=error, loc=(SETTINGS_FILE,), input=None)]
    )
