"""A stranger's package brings a scorer, a source, a re-ranker and an extractor; all four are used like the built-in ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.media.make_clips import sound, wav

from vitascope.assemble import System, _plugins, open_system
from vitascope.base.errors import ConfigError
from vitascope.base.ports.service import Ask

CODE = '''
"""Someone else's ideas."""
import numpy as np
from vitascope.base.content import Provenance, Signal, SignalKind
from vitascope.base.records import RoomConfig
from vitascope.base.time import Span


class Zed:
    """Likes titles that begin with Z."""
    name, weight = "zed", 1.5
    def load(self, artifacts, shelf):
        return np.array([float(i.title.startswith("Z")) for i in shelf.items], np.float32)
    def scores(self, histories, state, shelf, crowd):
        return np.repeat(state[None, :], len(histories), axis=0)
    def pulls(self, history, state, row, shelf, crowd):
        return None


class Pinned:
    """Names what the owner pinned with a tag."""
    name, scorer, caused, for_everyone = "pinned", None, False, True
    def rows(self, glance):
        pinned = np.array(["pin" in i.tags for i in glance.shelf.items], np.bool_)
        return np.flatnonzero(pinned & glance.may).astype(np.int64)


class LastConfig(RoomConfig):
    word: str = "dull"


class Last:
    """Puts titles that hold a word to the end."""
    name, config = "last", LastConfig
    def start(self, config, rows, glance):
        held = np.array([config.word in glance.shelf.items[r].title for r in rows], np.bool_)
        return Order(np.where(held, -np.inf, 0).astype(np.float32))


class Order:
    def __init__(self, values):
        self._values = values
    def values(self):
        return self._values
    def took(self, at):
        pass


class Hum:
    """Says of every sound that it hums."""
    name, version = "hum", "1"
    roles, helpers, after, missing = (), (), ("audio_kind",), "whether it hums"
    def wanted(self, work):
        return work.probe.has_audio
    def options(self, work):
        return {}
    def __call__(self, work):
        from vitascope.describe.extractors import Found
        whole = Span(start=0, end=work.decoded.duration)
        return Found((Signal(kind=SignalKind.SCENE, value="humming", span=whole, score=0.9),), (Provenance(extractor="hum/1"),))
'''
DOOR = """
[vitascope.scorers]
zed = stranger:Zed
[vitascope.sources]
pinned = stranger:Pinned
[vitascope.rerankers]
last = stranger:Last
[vitascope.extractors]
hum = stranger:Hum
"""
PIPELINE = """
surface = "video"
seen = "exclude"
sources = [{ name = "pinned", top = 5 }, { name = "personal", top = 10 }]
scorers = ["zed", "taste"]
fallback = ["any"]
rerankers = [{ name = "last", word = "Zinc" }]
"""


def package(folder: Path, code: str, door: str, name: str = "stranger") -> Path:
    """A package as an installer would leave it."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / f"{name}.py").write_text(code, "utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(door, "utf-8")
    return folder


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(package(tmp_path / "site", CODE, DOOR)))


@pytest.fixture
def system(tmp_path: Path, stranger: None) -> System:
    home = tmp_path / "home"
    (home / "pipelines").mkdir(parents=True)
    (home / "pipelines" / "video.toml").write_text(PIPELINE, "utf-8")
    return open_system(home, settings={"models": {"off": ["language_model"]}})


def test_a_list_is_made_by_a_strangers_parts(system: System) -> None:
    system.put_items(
        [
            {"item_id": "z1", "title": "Zebra", "tags": ["pin"]},
            {"item_id": "z2", "title": "Zinc", "tags": ["pin"]},
            {"item_id": "a1", "title": "Apple", "tags": ["pin"]},
            {"item_id": "b1", "title": "Bread"},
        ]
    )
    plain = system.recommend(Ask(user_id=None, surface="video", n=4, explain=True))
    assert [i.item_id for i in plain.items] == ["z1", "z2", "a1", "b1"]
    assert [i.source for i in plain.items] == ["pinned", "pinned", "pinned", "any"]
    explained = plain.items[0].explanation
    assert explained is not None
    assert {part.scorer: part.weight for part in explained.parts}["zed"] == 1.5
    ordered = system.recommend(Ask(user_id=None, surface="video", n=3, rerank=True))
    assert [i.item_id for i in ordered.items] == ["z1", "a1", "z2"]
    assert "zed x 1.50" in system.flow("video")
    assert "last (word Zinc)" in system.flow("video")
    system.close()


def test_a_strangers_extractor_adds_to_a_description(system: System, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    folder.mkdir()
    wav(folder / "tune.wav", sound(3.0))
    system.ingest([str(folder)])
    system.describe()
    (item,) = system.rooms.stores.items.iter()
    lines = list(system.export())
    assert [scene["label"] for scene in lines[0]["scenes"]] == ["humming"]
    stored = system.rooms.stores.descriptions.many([item.key])[item.key]
    assert any(p.extractor == "hum/1" for p in stored.provenance)
    system.close()


@pytest.mark.parametrize(
    ("code", "door", "said"),
    [
        ("", "[vitascope.scorers]\nzed = stranger2:Zed\n", "cannot be loaded"),
        ("class Zed:\n    name, weight = 'zed', 1.0\n", "[vitascope.scorers]\nzed = stranger2:Zed\n", "lacks load"),
        (CODE, "[vitascope.scorers]\nother = stranger2:Zed\n", "calls itself zed"),
        (CODE, "[vitascope.scorers]\ntaste = stranger2:Zed\n", "two packages"),
        (CODE.replace('"audio_kind"', '"never"'), "[vitascope.extractors]\nhum = stranger2:Hum\n", "never come"),
    ],
)
def test_what_is_wrong_with_a_package_is_said_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, door: str, said: str
) -> None:
    monkeypatch.delitem(__import__("sys").modules, "stranger2", raising=False)
    monkeypatch.syspath_prepend(str(package(tmp_path / "site", code, door, "stranger2")))
    with pytest.raises(ConfigError, match=said) as caught:
        (_plugins.extractors if "extractors" in door else _plugins.components)()
    assert caught.value.remedy
