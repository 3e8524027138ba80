"""One CA for the targets that need one, made when it is first asked for."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from foundation.database import Database
from tests.support.revocation import RevocableCa, make_revocable
from tests.support.schema import create_schema


@cache
def certified() -> RevocableCa:
    """Return a CA that lives as long as the process."""
    folder = Path(tempfile.mkdtemp(prefix="certgate-fuzz-"))
    url = f"sqlite:///{folder / 'certgate.db'}"
    create_schema(url)
    database = Database(url)
    atexit.register(shutil.rmtree, folder)
    atexit.register(database.dispose)
    return make_revocable(database, folder)
