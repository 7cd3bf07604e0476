"""A small library on real stores, the real media reader and the real models of the embedded pack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.describe.library import Library

from vitascope.backends.media import PyAvReader
from vitascope.base.ports.models import Models


@pytest.fixture(scope="session")
def models() -> Iterator[Models]:
    """The embedded pack; skips where its files were not pulled."""
    from vitascope.backends.models import ModelCache, ModelsConfig, load_pack
    from vitascope.backends.roles import open_models

    pack = load_pack("embedded")
    needed = {r.model for r in pack.roles if not r.optional}
    missing = [s.model for s in ModelCache().list([pack]) if s.state != "ok" and s.model in needed]
    if missing:
        pytest.skip(f"models are not pulled (vitascope models pull): {', '.join(missing)}")
    opened = open_models(ModelsConfig())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PyAvReader]:
    """One reader for all tests, so that each clip is decoded once."""
    opened = PyAvReader(tmp_path_factory.mktemp("decoded"))
    yield opened
    opened.close()


@pytest.fixture
def library(tmp_path: Path, reader: PyAvReader) -> Iterator[Library]:
    made = Library(tmp_path, reader)
    yield made
    made.stores.close()
