"""Which items wait to be described: those without a description, or with one that was made from something else.

Takes stores, models and settings; looks at no media.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from vitascope.base.content import LIGHT
from vitascope.base.errors import BudgetSpent, ModelError
from vitascope.base.items import Item
from vitascope.base.media import Asset, Subtitles
from vitascope.base.ports.models import Models
from vitascope.base.ports.stores import DescriptionStore, ItemStore
from vitascope.describe import _keys
from vitascope.describe._config import DescribeConfig
from vitascope.describe._roles import try_role
from vitascope.describe.extractors import EXTRA, ROLES, Extractor

PAGE = 200


class Pending:
    """What is to be done.

    Args:
        taxonomy: its version.
        silent: roles that were tried in this process, True where they cannot speak; shared with who describes.
    """

    def __init__(
        self,
        items: ItemStore,
        descriptions: DescriptionStore,
        sidecars: Callable[[Asset], Sequence[Subtitles]],
        models: Models,
        config: DescribeConfig,
        extractors: Sequence[Extractor],
        taxonomy: str,
        silent: dict[str, bool],
    ) -> None:
        self._items, self._descriptions, self._sidecars = items, descriptions, sidecars
        self._models, self._config, self._extractors = models, config, tuple(extractors)
        self._taxonomy, self._silent = taxonomy, silent
        self._roles = [r for r in ROLES if r not in EXTRA or getattr(models, r) is not None]
        self._spent = False
        """Whether the budget of language models was found spent."""

    def waiting(self) -> Iterator[tuple[Item, list[Asset], tuple[Subtitles, ...], str]]:
        stored = self._descriptions.fingerprints()
        for page in self.pages():
            assets = self._items.assets([item.key for item in page])
            for item in page:
                mine = [a for a in assets.get(item.key, ()) if a.available]
                main = primary(mine)
                sidecars = tuple(self._sidecars(main)) if main else ()
                base = self.base(item, mine, sidecars)
                old = stored.get(item.key)
                if old is None or not self.holds(old, base):
                    yield item, mine, sidecars, base

    def pages(self) -> Iterator[list[Item]]:
        everything = list(self._items.iter(available=True))
        if self._config.order == "newest":
            everything.sort(key=lambda i: (-(i.published_at or i.created_at), i.key))
        for first in range(0, len(everything), PAGE):
            yield everything[first : first + PAGE]

    def base(self, item: Item, assets: Sequence[Asset], sidecars: Sequence[Subtitles]) -> str:
        beside = [_keys.digest(s.model_dump_json()) for s in sidecars]
        return _keys.base_digest(item, assets, beside, self._models, self._config, self._extractors, self._taxonomy)

    def holds(self, stored: str, base: str) -> bool:
        """Whether a stored description is what would be made now: equal, or lacking models that still cannot speak."""
        if stored == base:
            return True
        if stored.startswith(LIGHT):
            return False
        gone = _keys.absent_of(stored, base, self._roles)
        return gone is not None and all(self._cannot_speak(role) for role in gone)

    def _cannot_speak(self, role: str) -> bool:
        """Whether a role that was missing before still is; it is asked once a process (cheap while its files are absent)."""
        if role == "language" and self._spent:
            return True
        if role not in self._silent:
            if getattr(self._models, role) is None:
                return True
            try:
                try_role(self._models, role)
                self._silent[role] = False
            except BudgetSpent:  # it is there: what is new may still be told what the budget says
                self._spent = True
                return True
            except ModelError:
                self._silent[role] = True
        return self._silent[role]


def primary(assets: Sequence[Asset]) -> Asset | None:
    """The file that stands for the item: the one with most streams, then the longest, then the first."""
    readable = [a for a in assets if a.probe is not None]
    return max(
        readable,
        key=lambda a: (
            bool(a.probe and a.probe.has_video) + bool(a.probe and a.probe.has_audio),
            a.duration or 0,
            -a.key,
        ),
        default=None,
    )
