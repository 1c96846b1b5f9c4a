"""How far the postbacks of each log were delivered: whichever process has an account goes on from there."""

from typing import Final

import sqlalchemy as sa

from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import POSTBACKS

#: Two processes may be about the same log for a moment: what is kept never goes back.
_MARK: Final = sa.text(
    "INSERT INTO postbacks (stream, delivered) VALUES (:stream, :seq) ON CONFLICT (stream)"
    " DO UPDATE SET delivered = excluded.delivered WHERE postbacks.delivered < excluded.delivered"
)


class Postbacks:
    """The number of the last event of each log whose postbacks were delivered or given up."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def delivered(self, stream: str) -> int | None:
        """Return the number for a log, None for one of which nothing is known."""
        query = sa.select(POSTBACKS.c.delivered).where(POSTBACKS.c.stream == stream)
        with self._database.read() as connection:
            number: int | None = connection.execute(query).scalar()
        return number

    def mark(self, stream: str, seq: int) -> None:
        """Keep that everything up to an event was delivered; a number below the kept one changes nothing."""
        with self._database.write() as connection:
            connection.execute(_MARK, {"stream": stream, "seq": seq})
