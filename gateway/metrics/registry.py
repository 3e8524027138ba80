"""The registry of one process: its own, not the library's global one."""

import platform
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Gauge, PlatformCollector, ProcessCollector

_PACKAGE = "certgate"


def make_registry() -> CollectorRegistry:
    """Return a registry with what is to be known of any process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    build = Gauge(
        "certgate_build_info", "What runs here; always 1.", ("version", "python"), registry=registry
    )
    build.labels(version(_PACKAGE), platform.python_version()).set(1)
    return registry
