"""Who did something, and from where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """The one an audit entry names.

    `name` is a username, or one of ``system``, ``operator`` (a command on the
    machine) and ``anonymous``. `address` is the peer of the connection.
    """

    name: str
    address: str | None = None
    request_id: str | None = None

    @classmethod
    def system(cls) -> "Actor":
        """Return the actor of everything the program does by itself."""
        return cls("system")

    @classmethod
    def operator(cls) -> "Actor":
        """Return the actor of a command given on the machine itself."""
        return cls("operator")

    @classmethod
    def anonymous(cls, address: str | None, request_id: str | None = None) -> "Actor":
        """Return the actor of a request nobody has logged in for."""
        return cls("anonymous", address, request_id)
