"""What stands in each kind of certificate, as `openssl.cnf` says, and for how long."""

from ca.profiles.profiles import (
    AUTHORITY_PROFILES,
    EDGE_PROFILES,
    PROFILE_NAMES,
    SUBSCRIBER_PROFILES,
    Profile,
    Profiles,
    Variant,
    find_profile_file,
    settings_environment,
)

__all__ = [
    "AUTHORITY_PROFILES",
    "EDGE_PROFILES",
    "PROFILE_NAMES",
    "SUBSCRIBER_PROFILES",
    "Profile",
    "Profiles",
    "Variant",
    "find_profile_file",
    "settings_environment",
]
