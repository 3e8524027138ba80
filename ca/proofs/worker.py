"""The process that verifies for another one (`ca.proofs.process.VerifyingProcess`).

Answers one question after the other (`ca.proofs.messages`). Ends with its input,
and so with the process that began it, however that ends.
"""

import json
import sys

from ca.proofs.messages import Question, answer_to


def main() -> None:
    """Answer until the input ends."""
    while (question := Question.read_from(sys.stdin.buffer)) is not None:
        sys.stdout.buffer.write(json.dumps(answer_to(question)).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        # Whoever asked is gone.
        sys.exit(1)
