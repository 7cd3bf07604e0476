"""Rows of a library: items, descriptions, vectors, people, events, profiles, trained models.

Takes a home folder or a database URL and the home's key; gives one object with a store for each port of
`vitascope.base.ports`. SQLite in WAL mode by default, PostgreSQL by another URL, the same code. Knows nothing of media,
models or ranking. SQLAlchemy is imported when a database is opened, not when this module is.
"""

from __future__ import annotations

from vitascope.backends.stores._config import Config
from vitascope.backends.stores._stores import Stores

__all__ = ["Config", "Stores"]
