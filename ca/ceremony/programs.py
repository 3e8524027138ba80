"""What software made a record: for whoever has to judge it years later."""

import platform
from importlib.metadata import version

from cryptography.hazmat.backends.openssl.backend import backend


def program_versions() -> dict[str, str]:
    """Return names and versions."""
    return {
        "certgate": version("certgate"),
        "cryptography": version("cryptography"),
        "openssl": backend.openssl_version_text(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
