"""A HAProxy that is a few dictionaries, for the logic of its agent."""

from collections.abc import Iterable, Mapping, Sequence

from gateway.edge.agent.errors import ProxyAway
from gateway.edge.agent.proxy import LiveStream, Proxy
from gateway.edge.files import MAPS


class MemoryProxy(Proxy):
    """Keeps maps as HAProxy does; `restart` empties them, `is_away` makes every call fail."""

    def __init__(self) -> None:
        self.maps: dict[str, dict[str, str]] = {}
        self.under_way: list[LiveStream] = []
        self.shut: list[str] = []
        self.loads = 0
        self.is_away = False
        self.restart()

    def restart(self) -> None:
        """Forget everything, as a process that is started anew."""
        self.maps = {name: {} for name in MAPS}

    @property
    def lease(self) -> int | None:
        """Until which Unix second the door is open; None when there is no entry."""
        value = self.maps["leases"].get("portal")
        return int(value) if value is not None else None

    @property
    def denied(self) -> dict[str, str]:
        """The certificates that are denied."""
        return self.maps["denied-certificates"]

    def change(self, name: str, key: str, value: str) -> bool:
        """Change an entry that is there."""
        if key not in self._map(name):
            return False
        self._map(name)[key] = value
        return True

    def add(self, name: str, entries: Iterable[tuple[str, str]], version: str = "") -> None:
        """Add entries."""
        self._map(name).update(entries)

    def drop(self, name: str, keys: Iterable[str]) -> None:
        """Take entries away."""
        for key in keys:
            self._map(name).pop(key, None)

    def replace(self, name: str, entries: Iterable[tuple[str, str]]) -> None:
        """Make entries the whole content."""
        self._map(name)
        self.loads += name == "denied-certificates"
        self.maps[name] = dict(entries)

    def entries(self, name: str) -> Mapping[str, str]:
        """Return the content."""
        return dict(self._map(name))

    def streams(self, frontend: str) -> Sequence[LiveStream]:
        """Return what a test put under way."""
        return [one for one in self.under_way if one.pointer not in self.shut]

    def shut_down(self, pointers: Iterable[str]) -> None:
        """Remember what was ended."""
        self.shut += pointers

    def _map(self, name: str) -> dict[str, str]:
        if self.is_away:
            raise ProxyAway
        return self.maps[name]
