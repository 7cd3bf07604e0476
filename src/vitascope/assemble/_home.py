"""The owner's half of the library as one service: learning, problems, state, backup, clearing up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vitascope import __version__
from vitascope.base.errors import UsageError
from vitascope.base.media import Problem
from vitascope.base.people import NoiseCount, Surface
from vitascope.base.ports.accounts import CostReport
from vitascope.base.ports.service import Progress, Status, silent
from vitascope.base.ranking import EvaluationReport, FitReport, Request, TrainedModel

if TYPE_CHECKING:
    from vitascope.assemble._rooms import Rooms

PROMOTE = ("always", "better", "never")


class Owner:
    """What the owner of a library does with it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    # --- learning

    def fit(self, seed: int = 0, promote: str = "better", progress: Progress = silent, warm: bool = False) -> FitReport:
        """Train on what is stored; items that have no text vector yet get one first. `warm`: from the current model."""
        if promote not in PROMOTE:
            raise UsageError(f"not a way to promote: {promote}", place="promote", remedy=f"one of {', '.join(PROMOTE)}")
        if self._rooms.describer.text_only(progress):
            self._rooms.touch()
        return self._rooms.trainer.fit(seed, promote, progress, warm)

    def evaluate(
        self,
        surface: str | None = None,
        k: int = 10,
        splits: Sequence[str] = ("last", "time"),
        people: int = 2_000,
        seed: int = 0,
        progress: Progress = silent,
        rerankers: Sequence[str] = (),
    ) -> tuple[EvaluationReport, ...]:
        """What the lists are worth on held-out events; changes nothing."""
        rooms = self._rooms
        if rooms.describer.text_only(progress):
            rooms.touch()
        chosen = Surface(surface) if surface is not None else rooms.recommender.default_surface()
        asked = Request(person=None, surface=chosen, n=k, include_seen=False, now=rooms.clock(), seed=seed)
        return rooms.trainer.evaluate(asked, splits, people, seed, progress, rerankers)

    def models(self) -> list[TrainedModel]:
        """Trained models that are kept, the newest first."""
        return list(self._rooms.stores.registry.iter())

    def rollback(self) -> TrainedModel:
        """The model before the current one becomes current."""
        return self._rooms.trainer.rollback()

    def noise(self) -> tuple[NoiseCount, ...]:
        """What the noise rules find in the log."""
        return self._rooms.trainer.noise()

    def flow(self, surface: Surface) -> str:
        """The surface's pipeline, drawn."""
        return self._rooms.recommender.flow(surface)

    # --- state

    def problems(self) -> Iterator[Problem]:
        """Inputs that were set aside."""
        return self._rooms.stores.problems.iter()

    def status(self) -> Status:
        """Sizes, pending work, the current model, disk left."""
        rooms = self._rooms
        counts = rooms.stores.items.counts()
        pending = rooms.describer.pending()
        return Status(
            home=str(rooms.home.path),
            version=__version__,
            schema_version=rooms.stores.schema_version,
            counts=counts.model_copy(update={"pending": pending, "described": max(0, counts.items - pending)}),
            bytes=tuple(rooms.home.sizes().items()),
            disk_left=rooms.home.disk_left(),
            model=rooms.stores.registry.current(),
            pack=rooms.settings.models.pack,
            gaps=rooms.models.gaps(),
        )

    def backup(self, file: Path, key_file: Path | None = None) -> int:
        """One consistent file of the home; bytes written."""
        self._rooms.access.audit("backup", detail="with the key" if key_file is not None else "without the key")
        return self._rooms.home.backup(file, key_file)

    def cost(self, item_id: str | None = None, since: str | None = None) -> CostReport:
        """What describing took: seconds, tokens, bytes; by extractor and feature, per item and media hour."""
        from vitascope.assemble._cost import cost

        return cost(self._rooms, item_id, since)

    def gc(self, dry_run: bool = False) -> dict[str, int]:
        """Clear caches over their limits and old models; bytes by part."""
        freed = self._rooms.home.gc(dry_run)
        shared = self._rooms.signals.trim(dry_run) if self._rooms.signals is not None else 0
        return freed | ({"signals": shared} if shared else {})

    def close(self) -> None:
        """Stop workers, unload models, close the store."""
        self._rooms.close()
