"""The process that reads requests for another one (`ca.csr.readers.ReadingProcess`).

A line of JSON in, a line out: a list of requests in base64, and the verdict on
each in the same order. Ends with its input, and so with the process that began it,
however that ends.
"""

import base64
import json
import sys

from ca.csr.readers import answer_to


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin.buffer:
        requests = [base64.b64decode(one) for one in json.loads(line)]
        answers = [answer_to(one) for one in requests]
        sys.stdout.buffer.write(json.dumps(answers).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        # Whoever asked is gone.
        sys.exit(1)
