"""A catalogue on real stores and the real decoder."""

from __future__ import annotations

from collections.abc import Callable
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
def library(stores: Stores, reader: PyAvReader) -> Library:
    """A new library."""
    s = stores
    return Library(Catalog(s.items, s.duplicates, s.vectors, s.problems, s.settings, reader, CatalogConfig()), stores)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for media."""
    made = tmp_path / "media"
    made.mkdir()
    return made


Rows = Callable[[str], Path]
