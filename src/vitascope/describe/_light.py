"""Light descriptions of items that nobody described yet: text vectors and features from their own fields alone.

Takes items in batches, so that their texts go through the text model together; stores what it makes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from vitascope.base.content import LIGHT
from vitascope.base.errors import ModelError
from vitascope.base.items import Item
from vitascope.base.ports.stores import DescriptionStore
from vitascope.base.ports.work import Progress, silent
from vitascope.describe import _keys
from vitascope.describe._evidence import honest
from vitascope.describe._fuse import fuse
from vitascope.describe._material import Bench, Material, language_of, passages_of, read_pieces
from vitascope.describe._pending import Pending

log = logging.getLogger(__name__)
BATCH = 64


class TextOnly:
    """Describes items by their texts.

    Args:
        silent_roles: True where a role cannot speak; shared with who describes.
    """

    def __init__(
        self,
        descriptions: DescriptionStore,
        pending: Pending,
        bench: Bench,
        silent_roles: dict[str, bool],
    ) -> None:
        self._descriptions, self._pending, self._bench, self._silent = descriptions, pending, bench, silent_roles

    def run(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> int:
        """Light descriptions (text vectors, features) of items from their own fields; answers how many were made.

        For items that nobody described yet. One without media is complete by that; one with media stays pending for `run`.
        """
        stored = self._descriptions.fingerprints()
        waiting: list[tuple[Item, str]] = []
        for page in self._pending.pages():
            for item in page:
                old = stored.get(item.key)
                if item.has_media:
                    if old is not None and not old.startswith(LIGHT):
                        continue
                    base = LIGHT + self._pending.base(item, (), ())
                    done = old == base
                else:
                    base = self._pending.base(item, (), ())
                    done = old is not None and self._pending.holds(old, base)
                if not done:
                    waiting.append((item, base))
        for first in range(0, len(waiting), BATCH):
            if stop():
                return first
            progress("text", first, len(waiting), "")
            self._batch(waiting[first : first + BATCH])
        if waiting:
            progress("text", len(waiting), len(waiting), "")
        return len(waiting)

    def _batch(self, batch: Sequence[tuple[Item, str]]) -> None:
        """Texts of many items go through the text model together."""
        materials = [Material(item=item, light=True) for item, _ in batch]
        parts: list[list[str]] = []
        for material in materials:
            passages, _ = honest(passages_of(material))
            language, _ = language_of(material, passages)
            parts.append([t for t, _ in read_pieces(passages, language, self._bench.languages)])
        flat = [t for texts in parts for t in texts]
        if flat and self._bench.text is not None and not self._silent.get("text"):
            try:
                vectors = self._bench.text.embed(flat)
                place = 0
                for material, texts in zip(materials, parts, strict=True):
                    material.text_vectors = vectors[place : place + len(texts)]
                    place += len(texts)
            except ModelError as error:
                log.warning("text vectors: %s", error)
                self._silent["text"] = True
        if self._silent.get("text"):
            for material in materials:
                material.absent.add("text")
        for material, (_, base) in zip(materials, batch, strict=True):
            description, made = fuse(material, "", self._bench)
            print_ = base if base.startswith(LIGHT) else _keys.fingerprint(base, material.absent)
            self._descriptions.put(description.model_copy(update={"fingerprint": print_}), made)
