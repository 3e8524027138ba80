"""What a node counts, and the listener where Prometheus fetches it."""

from gateway.metrics.edge import EdgeMetrics
from gateway.metrics.node import NodeMetrics
from gateway.metrics.serving import serve_metrics

__all__ = ["EdgeMetrics", "NodeMetrics", "serve_metrics"]
