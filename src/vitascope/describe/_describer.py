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

from vitascope.base.content import Description, Extraction, Moderation, Provenance, Signal, SignalKind, VectorKind
from vitascope.base.errors import ModelError, Stopped, StoreError, UnreadableMedia
from vitascope.base.items import Item
from vitascope.base.media import Asset, Decoded, Problem, Subtitles
from vitascope.base.ports.media import Limits, MediaReader
from vitascope.base.ports.models import Models
from vitascope.base.ports.stores import DescriptionStore, DuplicateStore, ItemStore, ProblemStore, VectorStore
from vitascope.base.ports.work import DescribeReport, Progress, silent
from vitascope.base.records import AssetKey, ItemKey
from vitascope.describe import _keys, _vectors
from vitascope.describe._config import DescribeConfig
from vitascope.describe._evidence import honest
from vitascope.describe._export import export_line
from vitascope.describe._fuse import Bench, Material, english_pieces, fuse, language_of, passages_of
from vitascope.describe._impressions import Impressions
from vitascope.describe._language import speaks_english, written_language
from vitascope.describe._moderation import stricter
from vitascope.describe._prompts import Prompt
from vitascope.describe._taxonomy import Classifier
from vitascope.describe.extractors import BUILT_IN, ROLES, Extractor, Work

log = logging.getLogger(__name__)

LIGHT = "text:"
"""Fingerprints of descriptions made of an item's fields alone, while its media wait to be looked at."""
PAGE = 200
BATCH = 64
MOST_GAPS = 20

_SAYS = {
    "voice_activity": "where somebody speaks",
    "noise": "noise suppression",
    "speech": "what is said",
    "text": "what the text means",
    "picture": "what the pictures show",
    "unsafe": "whether the pictures are fit for everyone",
    "screen": "what stands on the screen",
    "language": "a written summary",
}


def no_sidecars(asset: Asset) -> Sequence[Subtitles]:
    """No subtitles beside the file."""
    return ()


class Speaking:
    """The pack without the roles that were found missing; implements `Models`."""

    def __init__(self, models: Models, silent: dict[str, bool]) -> None:
        self._models, self._silent = models, silent

    def __getattr__(self, role: str) -> Any:
        return None if self._silent.get(role) else getattr(self._models, role)


class Describer:
    """Describes items."""

    def __init__(
        self,
        items: ItemStore,
        descriptions: DescriptionStore,
        duplicates: DuplicateStore,
        vectors: VectorStore,
        reader: MediaReader,
        models: Models,
        config: DescribeConfig,
        clock: Callable[[], float],
        *,
        problems: ProblemStore | None = None,
        sidecars: Callable[[Asset], Sequence[Subtitles]] = no_sidecars,
        limits: Limits | None = None,
        extractors: Sequence[Extractor] = BUILT_IN,
    ) -> None:
        self._items, self._descriptions = items, descriptions
        self._duplicates, self._vectors = duplicates, vectors
        self._reader, self._models, self._config, self._clock = reader, models, config, clock
        self._problems, self._sidecars, self._limits = problems, sidecars, limits or Limits()
        self._extractors = tuple(e for e in extractors if e.name not in config.off)
        self._bench = Bench(
            config=config,
            classifier=Classifier(models.text, config.taxonomy),
            text=models.text,
            language=models.language,
            ask=self._ask,
            clock=clock,
            impressions=Impressions(models.text),
        )
        self._silent: dict[str, bool] = {}
        """Roles that were tried in this process: True where they cannot speak."""

    # --- what is pending

    def pending(self) -> int:
        """How many available items `run` would describe."""
        return sum(1 for _ in self._pending())

    def _pending(self) -> Iterator[tuple[Item, list[Asset], tuple[Subtitles, ...], str]]:
        stored = self._descriptions.fingerprints()
        for page in self._pages():
            assets = self._items.assets([item.key for item in page])
            for item in page:
                mine = [a for a in assets.get(item.key, ()) if a.available]
                primary = self._primary(mine)
                sidecars = tuple(self._sidecars(primary)) if primary else ()
                base = self._base(item, mine, sidecars)
                old = stored.get(item.key)
                if old is None or not self._holds(old, base):
                    yield item, mine, sidecars, base

    def _pages(self) -> Iterator[list[Item]]:
        everything = list(self._items.iter(available=True))
        if self._config.order == "newest":
            everything.sort(key=lambda i: (-(i.published_at or i.created_at), i.key))
        for first in range(0, len(everything), PAGE):
            yield everything[first : first + PAGE]

    def _base(self, item: Item, assets: Sequence[Asset], sidecars: Sequence[Subtitles]) -> str:
        beside = [_keys.digest(s.model_dump_json()) for s in sidecars]
        version = self._bench.classifier.taxonomy.version
        return _keys.base_digest(item, assets, beside, self._models, self._config, self._extractors, version)

    def _holds(self, stored: str, base: str) -> bool:
        """Whether a stored description is what would be made now: equal, or lacking models that still cannot speak."""
        if stored == base:
            return True
        if stored.startswith(LIGHT):
            return False
        gone = _keys.absent_of(stored, base)
        return gone is not None and all(self._cannot_speak(role) for role in gone)

    def _cannot_speak(self, role: str) -> bool:
        """Whether a role that was missing before still is; it is asked once a process (cheap while its files are absent)."""
        if role not in self._silent:
            if getattr(self._models, role) is None:
                return True
            try:
                _try(self._models, role)
                self._silent[role] = False
            except ModelError:
                self._silent[role] = True
        return self._silent[role]

    # --- the run

    def run(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> DescribeReport:
        """Describe all pending items. Stops between two steps when asked to; what was done is kept.

        Raises:
            StoreError: the home cannot be written; what was stored is kept.
        """
        began = time.monotonic()
        total = self._items.counts().available
        waiting = list(self._pending())
        described = failed = 0
        gaps: dict[str, int] = {}
        for index, (item, assets, sidecars, base) in enumerate(waiting):
            if stop():
                break
            progress("describe", index, len(waiting), item.title or item.item_id)
            try:
                description = self._one(item, assets, sidecars, base, stop)
                described += 1
                for gap in description.gaps:
                    gaps[gap] = gaps.get(gap, 0) + 1
            except Stopped:
                break
            except StoreError:
                raise
            except Exception as error:  # whatever one item does, the next is described
                log.exception("could not describe item %s", item.item_id)
                failed += 1
                self._set_aside(item, assets, f"could not be described: {type(error).__name__}")
        progress("describe", described + failed, len(waiting), "")
        counted = sorted(gaps.items(), key=lambda g: -g[1])[:MOST_GAPS]
        return DescribeReport(
            described=described,
            unchanged=max(0, total - len(waiting)),
            failed=failed,
            gaps=tuple(f"{gap} ({count} items)" if count > 1 else gap for gap, count in counted),
            seconds=round(time.monotonic() - began, 3),
        )

    def _one(
        self, item: Item, assets: Sequence[Asset], sidecars: tuple[Subtitles, ...], base: str, stop: Callable[[], bool]
    ) -> Description:
        primary = self._primary(assets)
        material = Material(item=item, asset=primary)
        if primary is None:
            if item.has_media:
                material.gaps.append("the media: no file of it can be read (see `vitascope problems`)")
        else:
            if any(a.sha256 != primary.sha256 for a in assets):
                material.gaps.append(f"its other files: only {primary.path.name} was looked at")
            self._extract(material, primary, sidecars, stop)
        if stop():
            raise Stopped("asked to stop")
        description, vectors = fuse(material, "", self._bench)
        description = description.model_copy(
            update={
                "fingerprint": _keys.fingerprint(base, material.absent),
                "moderation": self._with_copies(item, description.moderation),
            }
        )
        self._descriptions.put(description, vectors)
        return description

    def _with_copies(self, item: Item, own: Moderation) -> Moderation:
        copies = self._duplicates.copies_of([item.key]).get(item.key, ())
        if not copies or not item.has_media:
            return own
        return stricter(own, [d.moderation for d in self._descriptions.many(list(copies)).values()])

    @staticmethod
    def _primary(assets: Sequence[Asset]) -> Asset | None:
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

    # --- extractors

    def _extract(
        self, material: Material, asset: Asset, sidecars: tuple[Subtitles, ...], stop: Callable[[], bool]
    ) -> None:
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
            self._set_aside(material.item, [asset], error.thing, error.remedy)
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
        key = _keys.extraction_key(extractor, work)
        stored = self._descriptions.extraction(key)
        if stored is not None:
            return stored
        try:
            found = extractor(work)
        except ModelError as error:
            roles = extractor.roles or extractor.helpers[:1]
            for role in roles:
                self._gap_of(role, extractor.missing, material, error)
            return None
        made = Extraction(
            key=key, asset=work.asset.key, provenance=found.provenance, signals=found.signals, vector=found.vector
        )
        self._descriptions.put_extraction(made)
        return made

    def _gap_of(self, role: str, what: str, material: Material, error: ModelError | None) -> None:
        """A role that cannot speak: this item says so, and is described again once it can."""
        material.absent.add(role)
        if error is not None and error.code in ("model-missing", "model-corrupt"):
            self._silent[role] = True
        why = str(error) if error is not None else f"the model for {_SAYS.get(role, role)} is missing"
        material.gaps.append(f"{what}: {why}")

    def _set_aside(self, item: Item, assets: Sequence[Asset], reason: str, remedy: str | None = None) -> None:
        if self._problems is None:
            return
        now = self._clock()
        self._problems.add(
            [
                Problem(
                    kind="unreadable-media",
                    place=assets[0].uri if assets else item.item_id,
                    reason=reason,
                    remedy=remedy or "see the log; the item is kept with what its owner states",
                    item_id=item.item_id,
                    first_seen=now,
                    last_seen=now,
                )
            ]
        )

    def _ask(self, item: Item, asked: Prompt, facts: str) -> str:
        """The language model's words for these facts; what it said before is not asked again."""
        if self._silent.get("language"):
            raise ModelError("the language model is missing", remedy="vitascope models pull")
        model = self._models.language
        assert model is not None
        tokens = self._config.summary_tokens
        key = _keys.digest("written", asked.sha256, _keys.model_id(self._models, "language"), tokens, facts)
        stored = self._descriptions.extraction(key)
        if stored is not None:
            return stored.signals[0].value
        try:
            answer = model.write(asked.system, asked.fill(facts), max_tokens=tokens)
        except ModelError as error:
            if error.code in ("model-missing", "model-corrupt"):
                self._silent["language"] = True
            raise
        info = model.info
        record = Provenance(extractor="written/1", model=info.id, model_sha256=info.sha256 or None, prompt=asked.id)
        signal = Signal(kind=SignalKind.WRITTEN, value=answer[:4_000], label=asked.id)
        self._descriptions.put_extraction(
            Extraction(key=key, asset=AssetKey(0), provenance=(record,), signals=(signal,))
        )
        return answer

    # --- texts alone

    def text_only(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> int:
        """Light descriptions (text vectors, features) of items from their own fields; answers how many were made.

        For items that nobody described yet. One without media is complete by that; one with media stays pending for `run`.
        """
        stored = self._descriptions.fingerprints()
        known: dict[ItemKey, str] = {}
        for kind in (VectorKind.TEXT, VectorKind.CHARS):
            known |= self._vectors.models(kind.value)
        waiting: list[tuple[Item, str]] = []
        for page in self._pages():
            assets = self._items.assets([i.key for i in page if i.has_media])
            for item in page:
                old = stored.get(item.key)
                if item.has_media:
                    if old is not None and not old.startswith(LIGHT):
                        continue
                    base = LIGHT + self._base(item, (), ())
                    done = old == base
                else:
                    mine = [a for a in assets.get(item.key, ()) if a.available]
                    base = self._base(item, mine, ())
                    done = old is not None and self._holds(old, base)
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
            parts.append([t for t, _ in english_pieces(material, passages, language)])
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

    # --- at the edge

    def embed_query(self, text: str) -> dict[str, npt.NDArray[np.float32]]:
        """Vectors of a search text by vector key; "text" is missing where the text model does not speak its language."""
        out: dict[str, npt.NDArray[np.float32]] = {}
        text = text[:1_000]
        if self._bench.text is not None and speaks_english(text, written_language(text)):
            try:
                out[VectorKind.TEXT.value] = self._bench.text.embed([text])[0]
            except ModelError as error:
                log.warning("no text vector of a query: %s", error)
        chars = _vectors.chars_vector(text)
        if chars is not None:
            out[VectorKind.CHARS.value] = chars
        return out

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


def _try(models: Models, role: str) -> None:
    """The smallest thing a model can be asked. Raises ModelError where it cannot speak."""
    from vitascope.base.policy import safe_text
    from vitascope.base.time import Span, media_time

    model = getattr(models, role)
    second = np.zeros(16_000, dtype=np.int16)
    picture = np.zeros((64, 64, 3), dtype=np.uint8)
    moment = Span(start=media_time(0), end=media_time(1))
    calls: dict[str, Callable[[], object]] = {
        "voice_activity": lambda: model.probabilities(second),
        "noise": lambda: model.clean(second),
        "speech": lambda: model.listen(second, [moment], "en"),
        "text": lambda: model.embed(["a"]),
        "picture": lambda: model.look([picture]),
        "unsafe": lambda: model.unsafe([picture]),
        "screen": lambda: model.read(picture, moment),
        "language": lambda: model.write("Say yes.", safe_text("yes"), max_tokens=1),
    }
    calls[role]()


assert set(_SAYS) == set(ROLES)
