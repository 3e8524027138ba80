"""What a caller may be told of a database that failed."""

from datetime import timedelta

from psycopg import errors
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from foundation.errors import Unavailable

# Less than a failover takes; many clients come back, and not all at once.
_RETRY_AFTER = timedelta(seconds=5)


class DatabaseUnavailable(Unavailable):
    """The database is away, changes hands, or is too busy; nothing was committed half-way.

    Whether the last commit was made is not known when the connection broke
    during it: the caller looks before doing it again.
    """

    def __init__(self) -> None:
        super().__init__("database-unavailable")
        self.retry_after = _RETRY_AFTER


def find_unavailability(error: BaseException) -> DatabaseUnavailable | None:
    """Return the failure to tell when `error` says that the database cannot be used now.

    Not for what the program did wrong with a database that works. SQLite says
    OperationalError of both; what is behind it stands in the log.
    """
    match error:
        case TimeoutError() | OperationalError() | InterfaceError():
            return DatabaseUnavailable()
        case DBAPIError(connection_invalidated=True):
            return DatabaseUnavailable()
        case DBAPIError(orig=errors.ReadOnlySqlTransaction()):
            # The primary has become a standby.
            return DatabaseUnavailable()
    return None
