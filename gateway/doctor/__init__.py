"""The doctor: what an operator checks before going home."""

from gateway.doctor.examination import examine
from gateway.doctor.finding import Finding

__all__ = ["Finding", "examine"]
