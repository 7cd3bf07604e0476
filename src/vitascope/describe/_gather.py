"""Runs the extractors over one asset: what each found before is taken from the store, the rest is looked for.

Takes the media reader, the models and the store of extractions; fills a `Material`. What cannot speak or be read is a gap.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from vitascope.base.content import Extraction
from vitascope.base.errors import ModelError, Stopped, UnreadableMedia
from vitascope.base.items import Item
from vitascope.base.media import Asset, Decoded, Problem, Subtitles
from vitascope.base.ports.accounts import Part, Use
from vitascope.base.ports.media import Limits, MediaReader
from vitascope.base.ports.models import Models
from vitascope.base.ports.stores import ProblemStore
from vitascope.describe import _keys
from vitascope.describe._config import DescribeConfig
from vitascope.describe._material import Material
from vitascope.describe._roles import SAYS, Speaking
from vitascope.describe._signals import Signals
from vitascope.describe.extractors import Extractor, Work


class Gather:
    """The extractors at work.

    Args:
        silent: roles that were tried in this process, True where they cannot speak; shared with who describes.
    """

    def __init__(
        self,
        signals: Signals,
        problems: ProblemStore | None,
        reader: MediaReader,
        models: Models,
        config: DescribeConfig,
        limits: Limits,
        extractors: Sequence[Extractor],
        silent: dict[str, bool],
        clock: Callable[[], float],
    ) -> None:
        self._signals, self._problems, self._reader = signals, problems, reader
        self._models, self._config, self._limits = models, config, limits
        self._extractors, self._silent, self._clock = tuple(extractors), silent, clock

    def extract(
        self, material: Material, asset: Asset, sidecars: tuple[Subtitles, ...], stop: Callable[[], bool]
    ) -> None:
        """Run the extractors over an asset, as far as it can be read; raises Stopped."""

        def decode() -> Decoded:
            return self._reader.decode(asset.path, asset.sha256, self._limits)

        speaking = Speaking(self._models, self._silent)
        work = Work(asset, material.item.language, speaking, self._config, decode, sidecars)
        try:
            for extractor in self._extractors:
                if stop():
                    raise Stopped("asked to stop")
                if extractor.wanted(work):
                    found = self._through(extractor, work, material)
                    if found is not None:
                        work.found[extractor.name] = found
                        material.extractions.append(found)
        except UnreadableMedia as error:
            material.gaps.append(f"the media: {error.thing}")
            self.set_aside(material.item, [asset], error.thing, error.remedy, error.reason)
        finally:
            work.memo.clear()

    def _through(self, extractor: Extractor, work: Work, material: Material) -> Extraction | None:
        """What an extractor finds: from the store, else by looking. None where its model cannot speak."""
        for role in extractor.roles:
            if getattr(self._models, role) is None:
                material.gaps.append(f"{extractor.missing}: the pack has no model for it")
                return None
            if self._silent.get(role):
                self._gap_of(role, extractor.missing, material, None)
                return None
        key = _keys.extraction_key(extractor, work, self._limits)
        said = ", ".join(m.info.id for r in extractor.roles or extractor.helpers if (m := getattr(work.models, r)))
        use = Use(
            part=Part.EXTRACTOR,
            name=extractor.name,
            model=said,
            item=material.item.key,
            media=float(work.asset.duration or 0),
        )
        stored = self._signals.find(key, work.asset.key)
        if stored is not None:
            self._signals.note(use.model_copy(update={"kept": 1}))
            return stored
        began = time.monotonic()
        try:
            found = extractor(work)
        except ModelError as error:
            roles = extractor.roles or extractor.helpers[:1]
            for role in roles:
                self._gap_of(role, extractor.missing, material, error)
            return None
        took = time.monotonic() - began
        made = Extraction(
            key=key, asset=work.asset.key, provenance=found.provenance, signals=found.signals, vector=found.vector
        )
        self._signals.keep(made)
        self._signals.note(use.model_copy(update={"made": 1, "seconds": took}))
        return made

    def _gap_of(self, role: str, what: str, material: Material, error: ModelError | None) -> None:
        """A role that cannot speak: this item says so, and is described again once it can."""
        material.absent.add(role)
        if error is not None and error.code in ("model-missing", "model-corrupt"):
            self._silent[role] = True
        why = str(error) if error is not None else f"the model for {SAYS.get(role, role)} is missing"
        material.gaps.append(f"{what}: {why}")

    def set_aside(
        self, item: Item, assets: Sequence[Asset], reason: str, remedy: str | None = None, code: str = ""
    ) -> None:
        """Note a problem with an item's files."""
        if self._problems is None:
            return
        now = self._clock()
        self._problems.add(
            [
                Problem(
                    kind=f"unreadable-media/{code}" if code else "unreadable-media",
                    place=assets[0].uri if assets else item.item_id,
                    reason=reason,
                    remedy=remedy or "see the log; the item is kept with what its owner states",
                    item_id=item.item_id,
                    first_seen=now,
                    last_seen=now,
                )
            ]
        )
