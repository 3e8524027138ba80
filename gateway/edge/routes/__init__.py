"""The applications behind the edge: ``routes.toml``."""

from gateway.edge.routes.application import Application
from gateway.edge.routes.routes import Routes, RoutesError

__all__ = ["Application", "Routes", "RoutesError"]
