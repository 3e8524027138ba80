"""Durable jobs: work that outlives the request, and a restart of the process."""

from foundation.jobs.jobs import Jobs

__all__ = ["Jobs"]
