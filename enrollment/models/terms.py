"""What subscribers are found by (docs/decisions/0028-name-search.md)."""

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base

LONGEST_TERM = 40


class SubscriberTerm(Base):
    """A piece of a name, or a whole code behind a space, and whose it is.

    The key is the index: the rows of one term stand in the order of the
    subscribers, those of codes in the order of their octets whatever the
    collation of the database is. There is no foreign key, which would be
    checked thirty times for each subscriber: a row that points at nobody, or
    at somebody with another name by now, finds nothing, because whoever
    searches reads the subscriber too.
    """

    __tablename__ = "subscriber_terms"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it from the class

    term: Mapped[str] = mapped_column(
        String(LONGEST_TERM).with_variant(String(LONGEST_TERM, collation="C"), "postgresql"),
        primary_key=True,
    )
    subscriber_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
