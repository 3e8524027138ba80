"""An agent in a process of its own: ``python -m ... DATABASE_URL FOLDER NAME``."""

import sys
from pathlib import Path

from foundation.database import Database
from gateway.edge.files import EdgeFiles
from tests.support.edge_agent import make_agent


def main(url: str, folder: str, name: str) -> None:
    """Run until killed; prints a line when everything is in force."""
    database = Database(url)
    loop, listener = make_agent(
        database, EdgeFiles(Path(folder)), name, lambda: print("serving", flush=True)
    )
    listener.start()
    loop.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
