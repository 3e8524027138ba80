"""What an installation acknowledged to its users, and how it answered everything else."""

from collections import Counter
from dataclasses import dataclass, field

from tests.support.edge_client import Answered

# What edges and nodes may answer to an act that is right while something is broken.
CLEAR = {
    (503, "edge-not-ready"),
    (503, "database-unavailable"),
    (503, "throttle-unavailable"),  # attempts cannot be counted
    (503, "unavailable"),  # no node is there
    (503, ""),  # the sample application, which cannot ask for a new key
    (502, "answer-lost"),  # its node died over it; not repeated, since it may have happened
    (504, "answer-lost"),
    (403, "certificate-revoked"),  # only those who are
    (429, "too-many-requests"),
}  # fmt: skip

# Refused before anything was begun; after whatever else failed, it may have been done.
NOT_BEGUN = {"edge-not-ready", "unavailable"}
# Nobody could be connected to.
NOBODY = Answered(0, {}, b"")


def code_of(answer: Answered) -> str:
    """Return the code of the problem that an answer is; empty when it is none."""
    if "problem+json" not in answer.headers.get("content-type", ""):
        return ""
    return str(answer.document["type"]).rpartition("/")[2]


def was_not_begun(answer: Answered) -> bool:
    """Say whether it is sure that nothing was done."""
    return answer is NOBODY or code_of(answer) in NOT_BEGUN


@dataclass
class Notes:
    """Written down by clients; several threads may."""

    # Serial number -> SHA-256 of the certificate that was handed out.
    picked_up: dict[str, str] = field(default_factory=dict)
    filed: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    # (status, code of the problem); a failed connection by the name of its error.
    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    intrusions: list[str] = field(default_factory=list)
    # Answers that do not say what is the matter, or not when to come again.
    unclear: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    def take(self, path: str, answer: Answered) -> Answered:
        """Count an answer."""
        code = code_of(answer)
        self.answers[answer.status, code] += 1
        is_clear = answer.status < 300 or (answer.status, code) in CLEAR
        if not is_clear or (answer.status == 503 and "retry-after" not in answer.headers):
            self.unclear.append(f"{path}: {answer.status} {dict(answer.headers)} {answer.body!r}")
        return answer

    def take_picked_up(self, serial_number: str, digest: str) -> None:
        """Count a certificate that was handed out."""
        if self.picked_up.setdefault(serial_number, digest) != digest:
            self.twice.append(serial_number)

    def __str__(self) -> str:
        """Return the numbers, and what is amiss."""
        return (
            f"{len(self.picked_up)} picked up, {len(self.filed)} filed, "
            f"{len(self.revoked)} revoked; {dict(self.answers)} {dict(self.broken)} "
            f"{self.unclear} {self.intrusions} {self.twice}"
        )
