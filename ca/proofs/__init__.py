"""Verifying many proofs: of possession in requests, and of our own signatures.

Here, or in a process of its own (`VerifyingProcess`).
"""

from ca.proofs.process import VerifyingProcess
from ca.proofs.verifier import VERIFYING_HERE, AcceptedKey, Verdict, Verdicts, Verifier

__all__ = [
    "VERIFYING_HERE",
    "AcceptedKey",
    "Verdict",
    "Verdicts",
    "Verifier",
    "VerifyingProcess",
]
