"""A real library of twelve described items with known categories, lengths and ages, behind the real API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from fastapi.testclient import TestClient

from vitascope.assemble import System, open_system
from vitascope.base.content import Description, Feature
from vitascope.base.items import ItemDraft, ItemKind
from vitascope.base.ports.service import RawEvent
from vitascope.base.ports.stores import AssetDraft
from vitascope.serve import ServeConfig, create_app

DAY = 86_400.0
KINDS = (ItemKind.VIDEO, ItemKind.AUDIO)
CATEGORIES = ("science", "music", "sport")


def name(number: int) -> str:
    return f"item-{number:02}"


@contextmanager
def library(folder: Path, n: int = 12) -> Iterator[System]:
    """Item i has kind i % 2, category i % 3, 60 * (i + 1) seconds, and was published on day i."""
    made = open_system(folder, settings={"models": {"off": ["language_model"]}})
    try:
        stores = made.rooms.stores
        items = stores.items.put(
            [
                ItemDraft(
                    item_id=name(i),
                    title=f"Rocket {CATEGORIES[i % 3]} {i}",
                    kind=KINDS[i % 2],
                    language="zh" if i % 4 == 0 else "en",
                    creator=f"Studio {i % 2}",
                    published_at=1_700_000_000 + i * DAY,
                )
                for i in range(n)
            ]
        )
        vectors = np.random.default_rng(1).normal(size=(n, 8)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for i, item in enumerate(items):
            stores.items.put_assets(
                item.key,
                [
                    AssetDraft(
                        uri=f"/nowhere/{i}.mp4",
                        sha256=f"{i:064x}",
                        bytes=1,
                        modified=0,
                        probe=None,
                        duration=60 * (i + 1),
                    )
                ],
            )
            category = CATEGORIES[i % 3]
            described = Description(
                item=item.key,
                fingerprint=str(i),
                category=category,
                summary=f"About {category}.",
                features=(Feature(name=f"category:{category}", value=1.0),),
            )
            stores.descriptions.put(described, {"text": vectors[i]})
        made.rooms.touch()
        yield made
    finally:
        made.close()


def client_of(system: System, config: ServeConfig | None = None) -> TestClient:
    """A client that calls as this machine's own scripts would."""
    return TestClient(
        create_app(system, config or ServeConfig()), base_url="http://127.0.0.1", raise_server_exceptions=False
    )


def likes(system: System, user_id: str, *numbers: int, days_ago: float = 0.0, kind: str = "like") -> None:
    """That person took to those items, some days ago."""
    now = system.rooms.clock() - days_ago * DAY
    report = system.record(
        [RawEvent(user_id=user_id, item_id=name(i), type=kind, timestamp=now - i, surface="video") for i in numbers]
    )
    assert not report.rejected
