"""Settings: ``certgate.toml`` in the data folder, overridden by ``CERTGATE_*``.

Frozen and bounded; the composition root reads them once and hands values, not
the settings, to the services.
"""

from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, IPvAnyAddress, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy import make_url

LARGEST_PORT = 65_535
Port = Annotated[int, Field(ge=1, le=LARGEST_PORT)]
# One at sign and no white space: a bare address, as `foundation.mail` takes it.
MailAddress = Annotated[str, Field(pattern=r"^[!-?A-~]+@[!-?A-~]+$", max_length=254)]
# A name or an IPv4 address, and a port.
NodeAddress = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:[1-9][0-9]{0,4}$")
]
KeyBackend = Literal["files", "pkcs11"]
# ML-DSA is experimental and for the authorities only.
KeyAlgorithmName = Literal[
    "ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519", "ml-dsa-65"
]
# Root and issuing CA are called after it, in 64 octets (RFC 5280 appendix A.1).
LONGEST_ORGANIZATION = 48

SETTINGS_FILE = "certgate.toml"


class Settings(BaseSettings):
    """Everything an operator may set; see docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="CERTGATE_", frozen=True, extra="forbid")

    data: Path = Path("data")
    host: Annotated[str, Field(min_length=1, max_length=253)] = "localhost"
    bind: IPvAnyAddress = Field(default=IPvAnyAddress("127.0.0.1"))  # type: ignore[operator]
    pki_port: Port = 8080
    # Processes that serve the PKI door, this one among them: one for each core at most.
    pki_processes: Annotated[int, Field(ge=1, le=64)] = 1
    public_port: Port = 8443
    portal_port: Port = 9443
    # With it this is a node: it serves edges at this port, and none of the three doors.
    edge_port: Port | None = None
    # It may hold a password, so it is not shown.
    database_url: str | None = Field(default=None, repr=False)
    # For those who keep it out of the environment, where every child sees it.
    database_password_file: Path | None = None
    # Where Prometheus fetches numbers; nobody is asked there who he is.
    metrics_port: Port | None = None
    # A collector of traces, its whole URL as http://localhost:4318/v1/traces.
    otlp_endpoint: Annotated[str, Field(pattern=r"^https?://[^@?#]+$")] | None = None
    metrics_bind: IPvAnyAddress = Field(default=IPvAnyAddress("127.0.0.1"))  # type: ignore[operator]
    # How long a node that was asked to end goes on taking requests, so that
    # whoever spreads them notices: three seconds with PostgreSQL, none without.
    drain_seconds: Annotated[int, Field(ge=0, le=300)] | None = None
    review_delay_seconds: Annotated[int, Field(ge=0, le=86_400)] = 180
    timezone: str = "Asia/Shanghai"
    organization: str = "CertGate"
    key_backend: KeyBackend = "files"
    key_algorithm: KeyAlgorithmName = "ecdsa-p256"
    key_passphrase_file: Path | None = None
    # Without a host no letters are sent. The password stands in a file of its
    # own: neither the environment nor certgate.toml is a place for it.
    smtp_host: Annotated[str, Field(min_length=1, max_length=253)] | None = None
    smtp_port: Port = 587
    smtp_username: str | None = None
    smtp_password_file: Path | None = None
    smtp_sender: MailAddress | None = None
    smtp_ca_file: Path | None = None
    revocation_journal: Path | None = None
    audit_anchor: Path | None = None
    audit_checkpoint_minutes: Annotated[int, Field(ge=1, le=59)] = 5
    pkcs11_module: Path | None = None
    pkcs11_token: Annotated[str, Field(min_length=1, max_length=32)] | None = None
    pkcs11_pin_file: Path | None = None
    # Of a gateway: where its signer is. Of a signer: where it listens.
    signer: Annotated[str, Field(pattern=r"^(unix:/.+|tls:.+:[0-9]{1,5})$")] | None = None
    signer_credentials: Path | None = None
    signer_users: str = ""
    # Nodes share the secret in this file: it seals the keys that sign tokens.
    token_key_file: Path | None = None
    # Of an edge: its name among the edges, the nodes it passes requests to, what it
    # keeps, and whom it serves.
    edge_name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")] = "edge-1"
    edge_nodes: Annotated[tuple[NodeAddress, ...], NoDecode] = ()
    # Without them names are looked up once, at the start.
    edge_nameservers: Annotated[tuple[NodeAddress, ...], NoDecode] = ()
    edge_state: Path | None = None
    routes: Path | None = None

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, value: str | None) -> str | None:
        # What every hosting manual writes; SQLAlchemy would look for another driver.
        for prefix in ("postgresql://", "postgres://"):
            if value is not None and value.startswith(prefix):
                return f"postgresql+psycopg://{value.removeprefix(prefix)}"
        return value

    @field_validator("edge_nodes", "edge_nameservers", mode="before")
    @classmethod
    def _listed_nodes(cls, value: object) -> object:
        # One line of an environment file: a:1, b:2.
        if isinstance(value, str):
            return tuple(one.strip() for one in value.split(",") if one.strip())
        return value

    @field_validator("edge_nodes", "edge_nameservers")
    @classmethod
    def _ports_of_nodes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(int(one.rpartition(":")[2]) > LARGEST_PORT for one in value):
            raise ValueError("no such port")
        return value

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

    @model_validator(mode="after")
    def _database_password_is_there(self) -> Self:
        if self.database_password_file is not None:
            if self.database_url is None:
                raise ValueError("database_password_file needs database_url")
            _first_line(self.database_password_file)
        return self

    @model_validator(mode="after")
    def _whole_token(self) -> Self:
        if self.key_backend == "pkcs11":
            if None in (self.pkcs11_module, self.pkcs11_token, self.pkcs11_pin_file):
                raise ValueError(
                    "key_backend pkcs11 needs pkcs11_module, pkcs11_token and pkcs11_pin_file"
                )
            if self.key_algorithm == "ml-dsa-65":
                raise ValueError("no token makes ml-dsa-65 keys yet: key_backend files")
        return self

    @model_validator(mode="after")
    def _letters_are_complete(self) -> Self:
        if self.smtp_host is not None and self.smtp_sender is None:
            raise ValueError("smtp_host needs smtp_sender")
        if (self.smtp_username is None) != (self.smtp_password_file is None):
            raise ValueError("smtp_username and smtp_password_file go together")
        return self

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
        if self.database_url is None:
            return f"sqlite:///{self.data.absolute() / 'certgate.db'}"
        if self.database_password_file is None:
            return self.database_url
        url = make_url(self.database_url).set(password=_first_line(self.database_password_file))
        return url.render_as_string(hide_password=False)

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

    @property
    def pki_url(self) -> str:
        """Return the base URL that certificates point at (plain HTTP, RFC 5280 4.2.1.13).

        For ``localhost`` it names the address: relying parties that try ::1
        first would find nobody, and linters take a host without a dot for a
        mistake.
        """
        host = "127.0.0.1" if self.host == "localhost" else self.host
        return f"http://{host}:{self.pki_port}"

    @property
    def public_url(self) -> str:
        """Return the base URL of the pickup pages."""
        return f"https://{self.host}:{self.public_port}"

    @property
    def portal_url(self) -> str:
        """Return the base URL of the portal."""
        return f"https://{self.host}:{self.portal_port}"


def require_organization(value: str) -> str:
    """Return a name that certificates can bear; raises `ValueError`."""
    if not value.strip() or not value.isprintable() or value != value.strip():
        raise ValueError("not a name")
    if len(value.encode()) > LONGEST_ORGANIZATION:
        raise ValueError(f"longer than {LONGEST_ORGANIZATION} octets of UTF-8")
    return value


def _first_line(secret: Path) -> str:
    """Return what a secret's file says; raises `ValueError`, which never shows it."""
    try:
        line = secret.read_text().partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ValueError(f"{secret} cannot be read") from unreadable
    if not line:
        raise ValueError(f"{secret} is empty")
    return line


def _not_toml(unreadable: ValueError) -> ValidationError:
    error = PydanticCustomError("not_toml", "{reason}", {"reason": str(unreadable)})
    return ValidationError.from_exception_data(
        "Settings", [InitErrorDetails(type=error, loc=(SETTINGS_FILE,), input=None)]
    )
