"""Durable jobs: work that outlives the request, and a restart of the process."""

from foundation.jobs.jobs import ALONE, Jobs

__all__ = ["ALONE", "Jobs"]
