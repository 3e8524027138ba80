"""What the database keeps about the journal, and what it does not know for sure."""

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey

Standing = Literal["known", "unconfirmed", "closed"]


class RevocationChange(Base):
    """One change of revocation state, in the transaction that made it.

    From here the journals of other nodes, and one that could not be written
    for a while, get what they lack.
    """

    __tablename__ = "revocation_changes"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger, index=True)
    act: Mapped[str] = mapped_column(String(16))
    issuer: Mapped[str] = mapped_column(String(16))
    serial_number: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(32))
    invalidity_date: Mapped[datetime | None]
    crl_number: Mapped[int] = mapped_column(BigInteger)
    not_after: Mapped[datetime | None]


class JournalHead(Base):
    """How far one journal had come when this database last wrote to it.

    It commits together with the act, so a line after `head` is one that this
    database does not know: its act was cut short, or the database is older.
    """

    __tablename__ = "revocation_journals"

    identity: Mapped[str] = mapped_column(String(32), primary_key=True)
    head: Mapped[str] = mapped_column(String(64))
    last_epoch: Mapped[int] = mapped_column(BigInteger)


class UnreconciledRevocation(Base):
    """A certificate that a journal names and this database knows nothing about; refused."""

    __tablename__ = "unreconciled_revocations"

    serial_number: Mapped[str] = mapped_column(String(40), primary_key=True)
    noted_at: Mapped[datetime]


class RevocationStanding(Base):
    """A single row (`id` 1): is everything known that was revoked? No row means yes.

    "closed": nobody is let in. "unconfirmed": a restored database serves, and
    an operator has yet to say that nothing was revoked `since`.
    """

    __tablename__ = "revocation_standing"
    __table_args__ = (
        CheckConstraint("id = 1", name="single_row"),
        CheckConstraint("standing IN ('known', 'unconfirmed', 'closed')", name="standing_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    standing: Mapped[Standing] = mapped_column(String(16))
    since: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(64))
