"""The server of a door whose connections come in through OCSP's entrance."""

import asyncio
import socket

import uvicorn

from gateway.listeners.door_server import DoorServer
from gateway.listeners.draining import Drain
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.ocsp.entrance import OcspEntrance
from gateway.listeners.ocsp.protocol import OcspHttpProtocol


class OcspServer(DoorServer):
    """uvicorn's server, which gets connections from the entrance instead of from asyncio."""

    def __init__(self, config: uvicorn.Config, desk: OcspDesk, drain: Drain) -> None:
        """The configuration's protocol is one of `ocsp.protocol`; the door is a plain one."""
        super().__init__(config)
        self._desk = desk
        self._drain = drain
        self._entrances: list[OcspEntrance] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open an entrance at each socket."""
        for opened in sockets or ():
            entrance = OcspEntrance(self._desk, self._drain, self.server_state, self._make_protocol)
            entrance.open(opened, self.config.backlog)
            self._entrances.append(entrance)
        await super().startup(sockets=[])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close them; then as every server of a door."""
        for entrance in self._entrances:
            entrance.close()
        await super().shutdown(sockets)

    def _make_protocol(self) -> OcspHttpProtocol:
        made = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            _loop=asyncio.get_running_loop(),
        )
        assert isinstance(made, OcspHttpProtocol)
        return made
