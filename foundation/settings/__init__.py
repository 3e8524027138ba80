"""What an operator may set: by subject, read from one flat file and the environment."""

from foundation.settings.kinds import LARGEST_PORT
from foundation.settings.organization import require_organization
from foundation.settings.private_keys import KeyAlgorithmName
from foundation.settings.settings import SETTINGS_FILE, Settings

__all__ = [
    "LARGEST_PORT",
    "SETTINGS_FILE",
    "KeyAlgorithmName",
    "Settings",
    "require_organization",
]
