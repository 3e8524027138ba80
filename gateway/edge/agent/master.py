"""HAProxy's master process (``haproxy -W -S master.sock``): reloads, and who was left behind.

A reload starts a new worker, which takes over the listening sockets; the one
before serves what it has begun and ends (management guide, section 9.4).
"""

import re
from collections.abc import Sequence
from typing import Final

from gateway.edge.agent.errors import ProxyAway
from gateway.edge.agent.proxy import Proxy
from gateway.edge.agent.runtime_socket import RuntimeSocket
from gateway.edge.files import EdgeFiles

_PROCESS: Final = re.compile(r"^(\d+)\s+worker\s")
_OLD: Final = "# old workers"


class Master:
    """The master process, if there is one: HAProxy in the foreground alone has none."""

    def __init__(self, files: EdgeFiles) -> None:
        self._files = files
        # A reload ends the connection without an answer.
        self._socket = RuntimeSocket(files.master_socket, prefix="@master")

    @property
    def exists(self) -> bool:
        """Return whether there is a socket of one."""
        return self._files.master_socket.is_socket()

    def reload(self) -> bool:
        """Have the configuration and every file read anew; return False without a master.

        What cannot be read leaves the present worker in its place; that is not told here.
        """
        if not self.exists:
            return False
        try:
            self._socket.ask("reload")
        except ProxyAway:
            # That is how version 2.6 answers.
            return self.exists
        return True

    def former_workers(self) -> Sequence[Proxy]:
        """Return the workers that still serve what they had begun before a reload."""
        if not self.exists:
            return ()
        _, _, old = self._socket.ask("show", "proc").partition(_OLD)
        found = map(_PROCESS.match, old.splitlines())
        return [
            Proxy(RuntimeSocket(self._files.master_socket, prefix=f"@!{match[1]}"), self._files)
            for match in found
            if match is not None
        ]
