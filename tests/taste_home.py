"""A small library with people on a real SQLite store, for the tests of the rooms that learn and rank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vitascope.assemble._plugins import components
from vitascope.backends.rankers import TreeModels
from vitascope.backends.stores import Stores
from vitascope.base.items import Item, ItemDraft
from vitascope.base.people import Surface
from vitascope.base.ports.service import RawEvent
from vitascope.base.ranking import Request
from vitascope.base.records import ItemKey, PersonKey
from vitascope.profile import EventIntake, FeatureLibrary, Noise, Profiler
from vitascope.recommend import RecommendConfig, Recommender
from vitascope.train import ArtifactFolder, OnlineLearner, TrainConfig, Trainer

NOW = 1_700_000_000.0


@dataclass
class Taste:
    """The rooms wired as assemble wires them, over one store; the clock stands still unless a test moves it."""

    folder: Path
    now: float = NOW

    @cached_property
    def stores(self) -> Stores:
        self.folder.mkdir(parents=True, exist_ok=True)
        return Stores.open(self.folder, b"k" * 32)

    @cached_property
    def intake(self) -> EventIntake:
        s = self.stores
        return EventIntake(people=s.people, items=s.items, events=s.events, problems=s.problems)

    @cached_property
    def features(self) -> FeatureLibrary:
        ticks = iter(range(10**9))  # every look is a new moment: changes are taken up at once
        return FeatureLibrary(
            self.stores.items, self.stores.descriptions, self.stores.settings, clock=lambda: 10.0 * next(ticks)
        )

    @cached_property
    def profiler(self) -> Profiler:
        s = self.stores
        return Profiler(features=self.features, events=s.events, profiles=s.profiles, items=s.items)

    @cached_property
    def recommender(self) -> Recommender:
        s = self.stores
        return Recommender(
            items=s.items,
            descriptions=s.descriptions,
            duplicates=s.duplicates,
            vectors=s.vectors,
            events=s.events,
            features=self.features,
            tastes=self.profiler,
            registry=s.registry,
            load=ArtifactFolder(self.folder / "models"),
            components=components(),
            outcomes=TreeModels(),
            config=RecommendConfig(),
            home_pipelines=self.folder / "pipelines",
        )

    @cached_property
    def trainer(self) -> Trainer:
        return self.trainer_with(TrainConfig())

    def trainer_with(self, config: TrainConfig) -> Trainer:
        s = self.stores
        return Trainer(
            items=s.items,
            events=s.events,
            vectors=s.vectors,
            registry=s.registry,
            models_dir=self.folder / "models",
            features=self.features,
            cleaner=Noise(),
            tastes=self.profiler,
            bench=self.recommender,
            profiles=s.profiles,
            outcomes=TreeModels(),
            clock=lambda: self.now,
            config=config,
        )

    @cached_property
    def learner(self) -> OnlineLearner:
        s = self.stores
        return OnlineLearner(features=self.features, tastes=self.profiler, events=s.events, profiles=s.profiles)

    def library(self, n: int = 24) -> list[Item]:
        """n items in three themes, told apart by tags; two creators a theme."""
        themes = ("piano", "rockets", "cooking")
        return self.stores.items.put(
            [
                ItemDraft(
                    item_id=f"i{i}",
                    title=f"{themes[i % 3].title()} {i}",
                    tags=(themes[i % 3],),
                    creator=f"{themes[i % 3]} maker {i % 2}",
                )
                for i in range(n)
            ]
        )

    def record(self, *events: RawEvent) -> None:
        """As the service does."""
        taken = self.intake.record(events, now=self.now)
        assert taken.report.rejected_total == 0, taken.report
        self.learner.step(taken.people, taken.since)
        for person in taken.people:
            self.profiler.update(person, self.now)

    def person(self, name: str) -> PersonKey:
        return self.stores.people.ensure([name])[name]

    def key(self, item_id: str) -> ItemKey:
        return self.stores.items.keys([item_id])[item_id]

    def ask(self, name: str | None, **more: object) -> Request:
        person = None if name is None else self.person(name)
        return Request.model_validate({"person": person, "surface": Surface.VIDEO, "n": 10, "now": self.now, **more})

    def list_of(self, name: str | None, **more: object) -> list[str]:
        return [item.item_id for item in self.recommender.recommend(self.ask(name, **more)).items]


def did(user: str, item: str, kind: str, time: float | None = NOW, **more: object) -> RawEvent:
    """An event."""
    return RawEvent.model_validate({"user_id": user, "item_id": item, "type": kind, "timestamp": time, **more})
