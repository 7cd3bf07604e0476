"""Every store suite runs on SQLite and on a real PostgreSQL server. A new backend is a new `Library` in `LIBRARIES`."""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.contracts import postgres

from vitascope.backends.stores import Stores

KEY = bytes(range(32))


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Library:
    """A new, empty library that can be opened several times, as several processes would."""

    def __init__(self, where: str) -> None:
        self.where, self.clock = where, Clock()
        self._open: list[Stores] = []

    def open(self) -> Stores:
        """Open it once more."""
        self._open.append(Stores.open(self.where, KEY, clock=self.clock))
        return self._open[-1]

    def close(self) -> None:
        """Close all."""
        for stores in self._open:
            stores.close()


@functools.cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="vitascope-sqlite-"))
    Stores.open(f"sqlite:///{folder / 'library.db'}", KEY).close()
    return folder / "library.db"


@functools.cache
def _postgres_template() -> str:
    url = postgres.server().database()
    Stores.open(url, KEY).close()
    return url.rsplit("/", 1)[1]


def _sqlite(folder: Path) -> str:
    shutil.copy(_sqlite_template(), folder / "library.db")
    return f"sqlite:///{folder / 'library.db'}"


def _postgres(folder: Path) -> str:
    return postgres.server().database(_postgres_template())


LIBRARIES: dict[str, Callable[[Path], str]] = {"sqlite": _sqlite, "postgresql": _postgres}


@pytest.fixture(params=list(LIBRARIES))
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    """An empty library of each kind."""
    found = Library(LIBRARIES[request.param](tmp_path))
    yield found
    found.close()


@pytest.fixture
def stores(library: Library) -> Stores:
    """The library, open."""
    return library.open()
