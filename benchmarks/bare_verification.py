"""Baseline: one Argon2id verification, which is what a secret costs at the least."""

from argon2 import PasswordHasher

from benchmarks.installation import Installation
from benchmarks.measuring import Operation
from benchmarks.visitors import NEW_PASSWORD


def bare_verification(installation: Installation) -> Operation:
    """Return one verification with the parameters of the installation, and nothing around it."""
    rules = installation.house.ground.parameters.argon2
    hasher = PasswordHasher(
        time_cost=rules.time_cost, memory_cost=rules.memory_cost, parallelism=rules.parallelism
    )
    stored = hasher.hash(NEW_PASSWORD)
    return lambda: hasher.verify(stored, NEW_PASSWORD)
