"""Items on real stores and the real media reader, and packs with roles taken out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vitascope.backends.stores import Stores
from vitascope.base.content import Description
from vitascope.base.items import ItemDraft, ItemKind
from vitascope.base.ports.media import Limits, MediaReader
from vitascope.base.ports.models import Models
from vitascope.base.ports.stores import AssetDraft
from vitascope.describe import DescribeConfig, Describer

ROLES = ("voice_activity", "noise", "speech", "text", "picture", "unsafe", "screen", "language", "sound", "vision")


class Pack:
    """Roles of another pack, some of them taken out or replaced."""

    def __init__(self, pack: Models | None, **instead: Any) -> None:
        self._pack, self._instead = pack, instead

    def __getattr__(self, role: str) -> Any:
        if role not in ROLES:
            raise AttributeError(role)
        return self._instead[role] if role in self._instead else getattr(self._pack, role) if self._pack else None

    def gaps(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        """Nothing was opened."""


class Library:
    """Stores, a reader, and describers on them."""

    def __init__(self, folder: Path, reader: MediaReader, clock: Callable[[], float] = time.time) -> None:
        self.stores = Stores.open(folder, b"k" * 32)
        self.reader, self.clock = reader, clock

    def add(self, path: Path, **fields: Any) -> str:
        """One file as one item; answers its id."""
        probe = self.reader.probe(path, Limits())
        kind = ItemKind.VIDEO if probe.has_video else ItemKind.AUDIO
        item_id = fields.pop("item_id", path.name)
        item = self.stores.items.put([ItemDraft(item_id=item_id, kind=kind, **fields)])[0]
        draft = AssetDraft(
            uri=str(path),
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            bytes=path.stat().st_size,
            modified=0.0,
            probe=probe,
            duration=probe.duration,
        )
        self.stores.items.put_assets(item.key, [draft])
        return item_id

    def describer(self, models: Any, **config: Any) -> Describer:
        s = self.stores
        return Describer(
            s.items,
            s.descriptions,
            s.duplicates,
            self.reader,
            models,
            DescribeConfig(**config),
            self.clock,
            problems=s.problems,
        )

    def description(self, item_id: str) -> Description:
        """What is stored."""
        item = self.stores.items.get(item_id)
        assert item is not None
        found = self.stores.descriptions.get(item.key)
        assert found is not None
        return found
