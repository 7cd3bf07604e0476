"""What is known of the items of a shelf, as a wish asks for it: lengths, kinds, sounds. Rows of the shelf; knows no person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Description
from vitascope.base.items import ItemKind
from vitascope.base.records import ItemKey
from vitascope.base.shelf import Shelf

if TYPE_CHECKING:
    from vitascope.base.ports.stores import DescriptionStore, ItemStore

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SPOKEN, PLAYED = 0.2, 0.3
"""Shares of the time from which speech or music counts."""
_SUNG = ("sing", "choir", "vocal", "rap", "chant", "yodel", "humming", "opera", "lyrics")
_BATCH = 500


class Facts:
    """Of one state of the library; made anew when it changed."""

    def __init__(self, shelf: Shelf, items: ItemStore, descriptions: DescriptionStore) -> None:
        self.shelf = shelf
        self._items, self._descriptions = items, descriptions

    @cached_property
    def seconds(self) -> npt.NDArray[np.float64]:
        """Length of each item's first asset, NaN where unknown, shape (n,)."""
        out = np.full(len(self.shelf), np.nan)
        keys = [ItemKey(int(k)) for k in self.shelf.table.items]
        for first in range(0, len(keys), _BATCH):
            known = self._items.assets(keys[first : first + _BATCH])
            for row in range(first, min(first + _BATCH, len(keys))):
                length = next((a.duration for a in known.get(keys[row], ()) if a.duration), None)
                if length is not None:
                    out[row] = float(length)
        return out

    @cached_property
    def _columns(self) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for name in self.shelf.table.names:
            groups.setdefault(name.partition(":")[0], []).append(name)
        return groups

    def feature(self, *names: str) -> Floats:
        """The largest of several named features, shape (n,)."""
        return np.asarray(np.max([self.shelf.feature(name) for name in names], axis=0), np.float32)

    def named(self, group: str, test: Callable[[str], bool]) -> Floats:
        """The largest of a group's features whose name passes, shape (n,)."""
        names = [n for n in self._columns.get(group, ()) if test(n.partition(":")[2])]
        return self.feature(*names) if names else np.zeros(len(self.shelf), np.float32)

    def kind(self, kind: str) -> Mask:
        """Whether an item is a video, sound alone, or live."""
        stated = np.array([i.kind.value == kind for i in self.shelf.items], np.bool_)
        open_ = np.array([i.kind is ItemKind.OTHER for i in self.shelf.items], np.bool_)
        return stated | (open_ & (self.shelf.feature(f"kind:{kind}") > 0.5))

    def category(self, name: str) -> Floats:
        """How much an item is of a category: by its description, or by a tag of that name."""
        tags = self.feature(f"tag:{name}", f"tag:{name}s")
        return np.maximum(self.shelf.feature(f"category:{name}"), tags)

    def sound(self, name: str) -> Floats:
        """Share of the time with speech, music or singing, 0..1."""
        if name != "vocals":
            return self.shelf.feature(f"sound:{name}")
        sung = self.named("sound", lambda n: any(s in n for s in _SUNG))
        told = self.named("tag", lambda n: any(s in n for s in _SUNG))
        return np.maximum(np.maximum(sung, told), self.shelf.feature("sound:speech"))

    @cached_property
    def heard(self) -> Mask:
        """Whether an item's sound was looked at, shape (n,)."""
        return self.named("sound", lambda _: True) > 0

    def language(self, code: str) -> Mask:
        """Whether an item is in a language."""
        stated = [(i.language or "").split("-")[0].lower() == code for i in self.shelf.items]
        return np.array(stated, np.bool_) | (self.shelf.feature(f"language:{code}") > 0.3)

    def creator(self, name: str) -> Mask:
        """Whether an item's creator, or its title, has this name."""
        wanted = name.casefold()
        return np.array(
            [wanted in (i.creator or "").casefold() or wanted in (i.title or "").casefold() for i in self.shelf.items],
            np.bool_,
        )

    def described(self, rows: Sequence[int]) -> dict[int, Description]:
        """Descriptions of some rows."""
        keys = {ItemKey(int(self.shelf.table.items[r])): r for r in rows}
        return {keys[k]: d for k, d in self._descriptions.many(list(keys)).items()}
