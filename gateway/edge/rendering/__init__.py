"""What HAProxy is told: its configuration, its answers, and the folder they lie in."""

from gateway.edge.rendering.configuration import EdgeError, render_configuration
from gateway.edge.rendering.state import prepare_state

__all__ = ["EdgeError", "prepare_state", "render_configuration"]
