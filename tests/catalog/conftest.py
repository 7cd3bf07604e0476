"""A catalogue on real stores and the real decoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from vitascope.backends.media import PyAvReader
from vitascope.backends.stores import Stores
from vitascope.catalog import Catalog, CatalogConfig


class Library(NamedTuple):
    """What a test looks at."""

    catalog: Catalog
    stores: Stores


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A new library."""
    stores = Stores.open(f"sqlite:///{tmp_path / 'library.db'}", b"k" * 32)
    reader = PyAvReader(tmp_path / "cache")
    yield Library(
        Catalog(
            stores.items, stores.duplicates, stores.vectors, stores.problems, stores.settings, reader, CatalogConfig()
        ),
        stores,
    )
    reader.close()
    stores.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for media."""
    made = tmp_path / "media"
    made.mkdir()
    return made


Rows = Callable[[str], Path]
