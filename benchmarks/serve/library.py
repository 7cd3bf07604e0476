"""A simulated library for measuring the server: items with features and vectors, people with histories, a model's arrays.

The model's arrays are drawn at random in the shapes that a fit gives them: what is measured is time and memory, not worth.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vitascope.assemble import System, open_system
from vitascope.base.items import ItemDraft, ItemKind
from vitascope.base.people import EventDraft, EventType, Surface
from vitascope.base.ranking import TrainedModel
from vitascope.base.records import ItemKey
from vitascope.train.artifacts import ArtifactFolder, MemoryArtifacts

Floats = npt.NDArray[np.float32]

WORDS, CREATORS, THEMES = 2_000, 5_000, 40
KINDS = (EventType.PLAY, EventType.COMPLETE, EventType.LIKE, EventType.SKIP, EventType.COMPLETE)


@dataclass(frozen=True)
class Size:
    """How large a library is."""

    items: int
    people: int = 1_000
    events: int = 50
    """Of each person."""
    width: int = 256
    """Of an item's content vector."""
    model_width: int = 128
    length: int = 200
    neighbours: int = 100


def build(home: Path, size: Size, seed: int = 0) -> System:
    """A home with such a library, and its system."""
    chance = np.random.default_rng(seed)
    system = open_system(home)
    stores = system.rooms.stores
    keys: list[int] = []
    for first in range(0, size.items, 10_000):
        n = min(10_000, size.items - first)
        words = chance.zipf(1.4, (n, 6)) % WORDS
        creators = chance.integers(0, CREATORS, n)
        drafts = [
            ItemDraft(
                item_id=f"v{first + i}",
                title=f"Item {first + i}",
                kind=ItemKind.VIDEO,
                tags=tuple(f"t{w}" for w in dict.fromkeys(words[i].tolist())),
                creator=f"c{creators[i]}",
                published_at=1.7e9 + first + i,
            )
            for i in range(n)
        ]
        keys += [int(i.key) for i in stores.items.put(drafts)]
    themes = _unit(chance.standard_normal((THEMES, size.width)).astype(np.float32))
    theme = chance.integers(0, THEMES, size.items)
    for first in range(0, size.items, 10_000):
        part = keys[first : first + 10_000]
        noise = chance.standard_normal((len(part), size.width)).astype(np.float32) / np.float32(size.width**0.5)
        vectors = _unit(themes[theme[first : first + len(part)]] + noise)
        stores.vectors.put("text", "simulated", {ItemKey(k): v for k, v in zip(part, vectors, strict=True)})
    people = list(stores.people.ensure([f"p{n}" for n in range(size.people)]).values())
    by_theme = [np.flatnonzero(theme == t) for t in range(THEMES)]
    drafts_of: list[EventDraft] = []
    now = time.time()
    for person in people:
        liked = chance.choice(THEMES, 2, replace=False)
        rows = np.concatenate([chance.choice(by_theme[t], size.events) for t in liked])
        rows = chance.permutation(rows)[: size.events]
        when = np.sort(now - chance.random(size.events) * 30 * 86_400)
        kinds = chance.integers(0, len(KINDS), size.events)
        drafts_of += [
            EventDraft(
                person=person,
                item=ItemKey(keys[row]),
                type=KINDS[kind],
                time=at,
                surface=Surface.VIDEO,
                identity=f"{person}-{number}",
                source="import:simulated",
            )
            for number, (row, at, kind) in enumerate(zip(rows.tolist(), when.tolist(), kinds.tolist(), strict=True))
        ]
    stores.events.append(drafts_of)
    _model(system, np.array(keys, np.int64), size, chance)
    system.rooms.touch()
    return system


def _model(system: System, keys: npt.NDArray[np.int64], size: Size, chance: np.random.Generator) -> None:
    n, d, m = len(keys), size.model_width, size.neighbours

    def drawn(*shape: int) -> Floats:
        return (chance.standard_normal(shape) / max(shape[-1], 1) ** 0.5).astype(np.float32)

    column = np.sort(chance.integers(0, n, (n, m)), axis=1).astype(np.int32).ravel()
    arrays = {
        "items": keys,
        "near_start": np.arange(n + 1, dtype=np.int64) * m,
        "near_column": column,
        "near_value": chance.random(n * m).astype(np.float32),
        "factors": drawn(n, 32),
        "factors_told": np.array([10.0, 10.0]),
        "sequence_items": keys,
        "sequence_identity": drawn(n, d),
        "sequence_mark": drawn(6, d),
        "sequence_gap": drawn(9, d),
        "sequence_norm": np.ones(d, np.float32),
        "sequence_project_text": drawn(size.width, d),
    }
    heads, wide = 2, 4 * d
    for block in range(2):
        arrays |= {
            f"sequence_{block}_norm_a": np.ones(d, np.float32),
            f"sequence_{block}_qkvg": drawn(4 * d, d),
            f"sequence_{block}_bias": drawn(heads, size.length),
            f"sequence_{block}_out": drawn(d, d),
            f"sequence_{block}_norm_b": np.ones(d, np.float32),
            f"sequence_{block}_up": drawn(2 * wide, d),
            f"sequence_{block}_down": drawn(d, wide),
        }
    blend = {
        "half_life": 12.0,
        "weights": {"taste": 0.3, "content": 0.3, "collaborative": 0.5, "factors": 0.3, "sequence": 1.0},
    }
    told = {"blocks": 2, "kinds": ["text"], "features": [], "unseen": False}
    version = "simulated"
    path = ArtifactFolder(system.rooms.home.models).write(
        MemoryArtifacts(version, arrays, {"blend": json.dumps(blend), "sequence": json.dumps(told)})
    )
    registry = system.rooms.stores.registry
    registry.add(TrainedModel(version=version, created_at=time.time(), seed=0, path=path, evaluation=()))
    registry.promote(version)


def _unit(matrix: Floats) -> Floats:
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
