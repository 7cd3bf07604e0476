"""Goes through the pending items and describes them, one after another.

Takes stores, the media reader and the models through ports; gives descriptions and vectors. Everything that was made is
stored the moment it is made (an extraction by its content key, a description by its item), so a run that is killed at any
moment is simply run again. One bad item is one gap; the next goes on. Knows no person.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Account, Description, Moderation, VectorKind
from vitascope.base.errors import ModelError, Stopped, StoreError
from vitascope.base.items import Item
from vitascope.base.media import Asset, Subtitles
from vitascope.base.moderation import ModerationPolicy
from vitascope.base.ports.accounts import DAY, AccountStore, Spent
from vitascope.base.ports.media import Limits, MediaReader
from vitascope.base.ports.models import Models
from vitascope.base.ports.stores import (
    DescriptionStore,
    DuplicateStore,
    ItemStore,
    ProblemStore,
    SignalCache,
)
from vitascope.base.ports.work import DescribeReport, Engine, Job, Progress, Task, silent
from vitascope.describe import _keys, _vectors
from vitascope.describe._config import DescribeConfig
from vitascope.describe._export import account_line, export_line
from vitascope.describe._fuse import fuse
from vitascope.describe._gather import Gather
from vitascope.describe._impressions import Impressions
from vitascope.describe._language import may_embed, written_language
from vitascope.describe._light import TextOnly
from vitascope.describe._material import Bench, Material
from vitascope.describe._moderation import stricter
from vitascope.describe._pending import Pending, primary
from vitascope.describe._signals import Signals
from vitascope.describe._spread import DescribeAnswer, DescribeTask
from vitascope.describe._styles import tell
from vitascope.describe._taxonomy import Classifier
from vitascope.describe._written import Writer
from vitascope.describe.extractors import BUILT_IN, Extractor

log = logging.getLogger(__name__)

MOST_GAPS = 20
_AT_ONCE = 2_000
"""Tasks of one plan: their texts are held in memory."""

Waiting = tuple[Item, list[Asset], tuple[Subtitles, ...], str]
"""An item, its files, subtitles beside them, and what its description will be made from."""


def no_sidecars(asset: Asset) -> Sequence[Subtitles]:
    """No subtitles beside the file."""
    return ()


class Describer:
    """Describes items."""

    def __init__(
        self,
        items: ItemStore,
        descriptions: DescriptionStore,
        duplicates: DuplicateStore,
        reader: MediaReader,
        models: Models,
        config: DescribeConfig,
        clock: Callable[[], float],
        *,
        problems: ProblemStore | None = None,
        sidecars: Callable[[Asset], Sequence[Subtitles]] = no_sidecars,
        limits: Limits | None = None,
        extractors: Sequence[Extractor] = BUILT_IN,
        policy: ModerationPolicy | None = None,
        shared: SignalCache | None = None,
        accounts: AccountStore | None = None,
        away: tuple[Engine, Job] | None = None,
    ) -> None:
        self._away, self._problems, self._accounts, self._clock = away, problems, accounts, clock
        self._items, self._descriptions = items, descriptions
        self._duplicates = duplicates
        extractors = tuple(e for e in extractors if e.name not in config.off)
        self._silent: dict[str, bool] = {}
        """Roles that were tried in this process: True where they cannot speak."""
        signals = Signals(descriptions, shared, accounts, clock)
        self._bench = Bench(
            config=config,
            classifier=Classifier(models.text, config.taxonomy),
            text=models.text,
            language=models.language,
            ask=Writer(signals, models, config, self._silent).ask,
            clock=clock,
            languages=models.text.info.languages if models.text is not None else ("en",),
            impressions=Impressions(models.text),
            policy=policy or ModerationPolicy(),
        )
        self._todo = Pending(
            items,
            descriptions,
            sidecars,
            models,
            config,
            extractors,
            self._bench.classifier.taxonomy.version,
            self._silent,
        )
        self._gather = Gather(
            signals, problems, reader, models, config, limits or Limits(), extractors, self._silent, clock
        )
        self._light = TextOnly(descriptions, self._todo, self._bench, self._silent)

    # --- what is pending

    def pending(self) -> int:
        """How many available items `run` would describe."""
        return sum(1 for _ in self._todo.waiting())

    # --- the run

    def run(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> DescribeReport:
        """Describe all pending items. Stops between two steps when asked to; what was done is kept.

        Raises:
            StoreError: the home cannot be written; what was stored is kept.
        """
        began = time.monotonic()
        total = self._items.counts().available
        waiting = list(self._todo.waiting())
        described = failed = 0
        gaps: dict[str, int] = {}
        here = self._here if self._away is None else self._elsewhere
        for description in here(waiting, progress, stop):
            if description is None:
                failed += 1
                continue
            described += 1
            for gap in description.gaps:
                gaps[gap] = gaps.get(gap, 0) + 1
        progress("describe", described + failed, len(waiting), "")
        counted = sorted(gaps.items(), key=lambda g: -g[1])[:MOST_GAPS]
        return DescribeReport(
            described=described,
            unchanged=max(0, total - len(waiting)),
            failed=failed,
            gaps=tuple(f"{gap} ({count} items)" if count > 1 else gap for gap, count in counted),
            seconds=round(time.monotonic() - began, 3),
        )

    def _here(
        self, waiting: Sequence[Waiting], progress: Progress, stop: Callable[[], bool]
    ) -> Iterator[Description | None]:
        """One after another in this process; None for one that could not be described."""
        for index, (item, assets, sidecars, base) in enumerate(waiting):
            if stop():
                return
            progress("describe", index, len(waiting), item.title or item.item_id)
            try:
                description, vectors = self._one(item, assets, sidecars, base, stop)
                yield self._keep(item, description, vectors)
            except Stopped:
                return
            except StoreError:
                raise
            except Exception as error:  # whatever one item does, the next is described
                log.exception("could not describe item %s", item.item_id)
                self._gather.set_aside(item, assets, f"could not be described: {type(error).__name__}")
                yield None

    def _elsewhere(
        self, waiting: Sequence[Waiting], progress: Progress, stop: Callable[[], bool]
    ) -> Iterator[Description | None]:
        """By an engine's workers, which do the same to each item as `_here` does. What was found is stored as it comes in;
        items with copies are joined with those at the end, in their order, so that the order of answers changes nothing."""
        assert self._away is not None
        engine, job = self._away
        copies = self._duplicates.copies_of([item.key for item, _, _, _ in waiting])
        later: dict[int, tuple[Description, dict[str, npt.NDArray[np.float32]]]] = {}
        done = 0
        for wave in _waves(waiting):
            tasks = [Task(key=str(i), body=self._task(waiting[i]).model_dump_json()) for i in wave]
            for outcome in engine.run(job, tasks, stop):
                index = int(outcome.key)
                item, assets, _, _ = waiting[index]
                done += 1
                progress("describe", done, len(waiting), item.title or item.item_id)
                try:
                    if outcome.error:
                        raise ValueError(outcome.error)
                    answer = DescribeAnswer.model_validate_json(outcome.body)
                    vectors = answer.unpacked()
                except ValueError as error:
                    log.error("could not describe item %s: %s", item.item_id, error)
                    self._gather.set_aside(item, assets, f"could not be described: {outcome.error or 'no answer'}")
                    yield None
                    continue
                for extraction in answer.extractions:
                    self._descriptions.put_extraction(extraction)
                if self._problems is not None and answer.problems:
                    self._problems.add(answer.problems)
                if self._accounts is not None and answer.uses:
                    self._accounts.add(int(self._clock() // DAY), answer.uses)
                if copies.get(item.key):
                    later[index] = answer.description, vectors
                else:
                    yield self._keep(item, answer.description, vectors)
        for index in sorted(later):
            yield self._keep(waiting[index][0], *later[index])

    def _task(self, one: Waiting) -> DescribeTask:
        item, assets, sidecars, base = one
        main = primary(assets)
        known = self._descriptions.extractions_of(main.sha256) if main is not None else ()
        spent = self._accounts.spent(int(self._clock() // DAY)) if self._accounts is not None else Spent()
        return DescribeTask(item=item, assets=tuple(assets), sidecars=sidecars, base=base, spent=spent, known=known)

    def describe_task(self, task: DescribeTask) -> tuple[Description, dict[str, npt.NDArray[np.float32]]]:
        """The worker's side of `run` on an engine: the item's description and vectors, stored nowhere."""
        return self._one(task.item, task.assets, task.sidecars, task.base, lambda: False)

    def _one(
        self, item: Item, assets: Sequence[Asset], sidecars: tuple[Subtitles, ...], base: str, stop: Callable[[], bool]
    ) -> tuple[Description, dict[str, npt.NDArray[np.float32]]]:
        main = primary(assets)
        material = Material(item=item, asset=main)
        if main is None:
            if item.has_media:
                material.gaps.append("the media: no file of it can be read (see `vitascope problems`)")
        else:
            if any(a.sha256 != main.sha256 for a in assets):
                material.gaps.append(f"its other files: only {main.path.name} was looked at")
            self._gather.extract(material, main, sidecars, stop)
        if stop():
            raise Stopped("asked to stop")
        description, vectors = fuse(material, "", self._bench)
        return description.model_copy(update={"fingerprint": _keys.fingerprint(base, material.absent)}), vectors

    def _keep(self, item: Item, description: Description, vectors: dict[str, npt.NDArray[np.float32]]) -> Description:
        """Store it, its moderation joined with that of its copies."""
        kept = description.model_copy(update={"moderation": self._with_copies(item, description.moderation)})
        self._descriptions.put(kept, vectors)
        return kept

    def _with_copies(self, item: Item, own: Moderation) -> Moderation:
        copies = self._duplicates.copies_of([item.key]).get(item.key, ())
        if not copies or not item.has_media:
            return own
        theirs = [d.moderation for d in self._descriptions.many(list(copies)).values()]
        return stricter(own, theirs, self._bench.policy)

    def text_only(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> int:
        """Light descriptions (text vectors, features) of items from their own fields; answers how many were made.

        For items that nobody described yet. One without media is complete by that; one with media stays pending for `run`.
        """
        return self._light.run(progress, stop)

    # --- at the edge

    def embed_query(self, text: str) -> dict[str, npt.NDArray[np.float32]]:
        """Vectors of a search text by vector key; "text" is missing where the text model does not speak its language."""
        out: dict[str, npt.NDArray[np.float32]] = {}
        text = text[:1_000]
        if self._bench.text is not None and may_embed(text, written_language(text), self._bench.languages):
            try:
                out[VectorKind.TEXT.value] = self._bench.text.embed([text])[0]
            except ModelError as error:
                log.warning("no text vector of a query: %s", error)
        chars = _vectors.chars_vector(text)
        if chars is not None:
            out[VectorKind.CHARS.value] = chars
        return out

    def account(self, item: Item, description: Description, style: str = "account", language: str = "en") -> Account:
        """The item told at length: account, script or news. Raises UsageError for another style."""
        return tell(item, description, style, language)

    def account_line(self, account: Account) -> dict[str, Any]:
        """An account as plain JSON types."""
        return account_line(account)

    def export_line(
        self,
        item: Item,
        assets: Sequence[Asset],
        description: Description | None,
        duplicates: Sequence[str],
        shares: Sequence[tuple[str, float, float, float, float]],
    ) -> dict[str, Any]:
        """The description line of an item as the stable contracts state it."""
        return export_line(item, assets, description, duplicates, shares)


def _waves(waiting: Sequence[Waiting]) -> Iterator[list[int]]:
    """Which items are described at once: a bounded number, and of those with the same bytes only the first, whose
    extractions the others then take."""
    first: list[int] = []
    again: list[int] = []
    seen: set[str] = set()
    for index, (_, assets, _, _) in enumerate(waiting):
        main = primary(assets)
        if main is not None and main.sha256 in seen:
            again.append(index)
            continue
        first.append(index)
        if main is not None:
            seen.add(main.sha256)
    for group in (first, again):
        for start in range(0, len(group), _AT_ONCE):
            yield group[start : start + _AT_ONCE]
