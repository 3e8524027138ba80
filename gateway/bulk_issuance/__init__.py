"""Certificates for many subscribers who bring keys of their own, by a manifest (issue 3)."""

from gateway.bulk_issuance.judging import Judged, judge_rows, verifier_for
from gateway.bulk_issuance.manifest import ManifestRow, read_manifest
from gateway.bulk_issuance.results import Results

__all__ = ["Judged", "ManifestRow", "Results", "judge_rows", "read_manifest", "verifier_for"]
