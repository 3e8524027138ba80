"""The certificate profiles of an installation, with its names and addresses filled in."""

from ca.profiles import Profiles, find_profile_file, settings_environment
from foundation.settings import Settings

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
