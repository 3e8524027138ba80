"""What goes wrong between the agent and its HAProxy."""

from foundation.errors import Unavailable


class ProxyAway(Unavailable):
    """HAProxy does not answer on its socket."""

    def __init__(self) -> None:
        super().__init__("edge-proxy-away")


class ProxyRefused(Unavailable):
    """HAProxy answered, and did not do what it was asked; `answer` is what it said."""

    def __init__(self, command: str, answer: str) -> None:
        # The verb alone: the rest may be a token key.
        super().__init__("edge-proxy-refused", command=" ".join(command.split()[:2]))
        self.answer = answer
