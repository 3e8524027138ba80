"""Where an installation is reached, and under what name."""

from typing import Annotated

from pydantic import BaseModel, Field, IPvAnyAddress

from foundation.settings.kinds import HostName, Port


class DoorSettings(BaseModel):
    """The three doors, the link for edges, and the addresses that follow from them."""

    host: HostName = "localhost"
    bind: IPvAnyAddress = Field(default=IPvAnyAddress("127.0.0.1"))  # type: ignore[operator]
    pki_port: Port = 8080
    # Processes that serve the PKI door, this one among them: one for each core at most.
    pki_processes: Annotated[int, Field(ge=1, le=64)] = 1
    public_port: Port = 8443
    portal_port: Port = 9443
    # With it this is a node: it serves edges at this port, and none of the three doors.
    edge_port: Port | None = None
    # How long a node that was asked to end goes on taking requests, so that
    # whoever spreads them notices: three seconds with PostgreSQL, none without.
    drain_seconds: Annotated[int, Field(ge=0, le=300)] | None = None

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
