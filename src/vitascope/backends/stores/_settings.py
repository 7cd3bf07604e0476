"""Small named texts of the library, as rows. Implements `base.ports.stores.SettingsStore`."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from vitascope.backends.stores._database import Database
from vitascope.backends.stores._tables import settings


class SettingsRows:
    """Named texts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, name: str) -> str | None:
        """The text of a name."""
        with self._db.read() as connection:
            return connection.scalar(select(settings.c.value).where(settings.c.name == name))

    def set(self, name: str, value: str | None) -> None:
        """Keep a text; None forgets it."""
        with self._db.write("settings") as connection:
            if value is None:
                connection.execute(delete(settings).where(settings.c.name == name))
                return
            keep(self._db, connection, name, value)

    def set_once(self, name: str, value: str) -> str:
        """Keep a text unless there is one; answers the one that is kept, whoever was first."""
        found = self.get(name)
        if found is not None:
            return found
        with self._db.write("settings") as connection:
            connection.execute(self._db.insert(settings).values(name=name, value=value).on_conflict_do_nothing())
            return connection.scalar(select(settings.c.value).where(settings.c.name == name)) or value


def keep(database: Database, connection: Connection, name: str, value: str) -> None:
    """Keep a text within a transaction that is open."""
    statement = database.insert(settings).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
    )
