"""The certificate profiles of an installation, with its names and addresses filled in."""

from ca.profiles import Profiles, find_profile_file, settings_environment
from foundation.settings import Settings
from gateway.edge.routes import Routes

_LOOPBACK_NAMES = ("localhost", "127.0.0.1")


def profiles_of(settings: Settings) -> Profiles:
    """Return the profiles; raises `ProfileError`."""
    environment = settings_environment(
        pki_url=settings.pki_url,
        server_names=server_names(settings),
        organization=settings.organization,
    )
    return Profiles(find_profile_file(), environment)


def server_names(settings: Settings) -> list[str]:
    """Return the names of the server's certificate; the first is its common name."""
    return list(dict.fromkeys((settings.host, *_LOOPBACK_NAMES)))


def certificate_names(settings: Settings) -> list[str]:
    """Return what the server's certificate names: the portal, and applications below its host.

    An application's host elsewhere is left out: the issuing CA is confined to
    the portal's name and those below it (RFC 5280 section 4.2.1.10). Raises
    `RoutesError`.
    """
    hosts = Routes.load(settings.resolved_routes).hosts()
    below = sorted(host for host in hosts if host.endswith(f".{settings.host}"))
    return [*server_names(settings), *below]
