"""Failures of a ceremony and of what it made coming to the server."""

from foundation.errors import Conflict, Invalid, NotFound, Parameter


class DocumentRefused(Invalid):
    """The document of the ceremony is missing, broken or out of bounds."""

    def __init__(self, problem: str) -> None:
        super().__init__("ceremony-document-refused", problem=problem)


class CeremonyFolderInUse(Conflict):
    """The folder has something in it; a ceremony never writes over anything."""

    def __init__(self, folder: str) -> None:
        super().__init__("ceremony-folder-in-use", folder=folder)


class CeremonyMissing(NotFound):
    """There are no records of a ceremony in the folder."""

    def __init__(self, folder: str) -> None:
        super().__init__("ceremony-missing", folder=folder)


class RecordBroken(Conflict):
    """A record was changed, is missing from the chain, or was not signed by the root."""

    def __init__(self, name: str) -> None:
        super().__init__("ceremony-record-broken", name=name)


class RequestRefused(Invalid):
    """A request for an issuing CA is malformed, or its signature does not verify."""

    def __init__(self, problem: str) -> None:
        super().__init__("ceremony-request-refused", problem=problem)


class BundleRefused(Invalid):
    """What a ceremony made does not verify, or is not for this server; nothing was installed.

    The code, "bundle-" and a rule, says what it breaks.
    """

    def __init__(self, rule: str, **params: Parameter) -> None:
        super().__init__(f"bundle-{rule}")
        self.params = params


class RootKeyFixed(Conflict):
    """The root's key lives on a token and cannot be moved as a file."""

    def __init__(self) -> None:
        super().__init__("root-key-fixed")
