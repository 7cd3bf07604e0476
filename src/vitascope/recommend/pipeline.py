"""A surface's pipeline as data: read from TOML, checked, drawn.

Takes TOML text; gives frozen records. An unknown key or component is an error that names the file and the field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vitascope.base.errors import ConfigError
from vitascope.base.people import Surface
from vitascope.base.ports.components import Components, Reranker, Source
from vitascope.base.records import RoomConfig
from vitascope.recommend.outcomes import POOL
from vitascope.recommend.scorers import Weights

T = TypeVar("T")
Outcome = Literal["take", "watch", "complete", "like", "share", "hide"]


class SourceSpec(RoomConfig):
    """A candidate source and how many it names."""

    name: str
    top: int = Field(ge=1, le=10_000)


class RerankerSpec(BaseModel):
    """A re-ranker and its settings, which the re-ranker itself checks."""

    model_config = ConfigDict(frozen=True, extra="allow")

    name: str

    @property
    def settings(self) -> dict[str, object]:
        """All but the name."""
        return dict(self.__pydantic_extra__ or {})


class Pipeline(RoomConfig):
    """How one surface makes its lists."""

    surface: Surface
    seen: Literal["exclude", "include"]
    sources: tuple[SourceSpec, ...] = Field(min_length=1)
    scorers: tuple[str, ...] = Field(min_length=1)
    fallback: tuple[str, ...] = Field(min_length=1)
    """Sources in the order in which they fill a list up; the last is "any"."""
    explore: float = Field(default=0.1, ge=0, le=0.5)
    """The source "explore", where a request allows it: the chance that a place is given away by `explore_by`."""
    explore_by: Literal["uncertain", "even"] = "uncertain"
    """uncertain: what may be liked and is least known of this person, by content; even: all items alike."""
    rerankers: tuple[RerankerSpec, ...] = ()
    prefer: dict[str, float] = Field(default_factory=dict)
    """Feature -> what having it adds to an item's score on this surface."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Scorer weights of this surface; the rest is chosen by the fit."""
    objective: dict[Outcome, float] = Field(default_factory=dict)
    """What an outcome is worth on this surface, for the ranker of a fit; empty: the weighted sum of the scores ranks."""

    @model_validator(mode="after")
    def _whole(self) -> Pipeline:
        if self.fallback[-1] != "any":
            raise ValueError(
                'the fallback must end with "any", so that a list is never empty while anything may be shown'
            )
        return self


@dataclass(frozen=True, eq=False)
class Built:
    """A pipeline with its parts."""

    plan: Pipeline
    sources: tuple[tuple[Source, int], ...]
    """(source, how many it names)."""
    fallback: tuple[Source | None, ...]
    """None: any item."""
    rerankers: tuple[tuple[Reranker, RoomConfig], ...]


def load(surface: Surface, home: Path | None = None) -> Pipeline:
    """The pipeline of a surface: the home's own file where there is one, else the one that came along."""
    text, place = _text(surface, home)
    try:
        return Pipeline.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}", place=place, remedy="correct the file") from error
    except ValidationError as error:
        raise _wrong_field(error, place) from error


def build(surface: Surface, components: Components, home: Path | None = None) -> Built:
    """The pipeline of a surface with the components that it names.

    Raises:
        ConfigError: it names a component that no installed package brings, or a setting that one does not have.
    """
    plan, place = load(surface, home), _text(surface, home)[1]
    for name in plan.scorers:
        _find("scorer", name, components.scorers, place)
    sources = tuple((_find("source", s.name, components.sources, place), s.top) for s in plan.sources)
    for source, _ in sources:
        if source.scorer is not None and source.scorer not in plan.scorers:
            raise ConfigError(
                f"the source {source.name} goes by the scorer {source.scorer}, which the pipeline does not name",
                place=place,
                remedy=f'add "{source.scorer}" to scorers, or take the source out',
            )
    rerankers = []
    for spec in plan.rerankers:
        reranker = _find("re-ranker", spec.name, components.rerankers, place)
        try:
            rerankers.append((reranker, reranker.config.model_validate(spec.settings)))
        except ValidationError as error:
            raise _wrong_field(error, place, f"rerankers.{spec.name}.") from error
    return Built(
        plan,
        sources,
        tuple(None if n == "any" else _find("source", n, components.sources, place) for n in plan.fallback),
        tuple(rerankers),
    )


def reranker(text: str, built: Built, components: Components) -> tuple[Reranker, RoomConfig]:
    """A re-ranker as a command line names it: "quota:share=0.3,days=30"; without settings as the pipeline has it.

    Raises:
        ConfigError: nobody brings it, or it has no such setting.
    """
    name, _, told = text.partition(":")
    if not told:
        for known, config in built.rerankers:
            if known.name == name:
                return known, config
    found = _find("re-ranker", name, components.rerankers, text)
    settings = dict(part.partition("=")[::2] for part in told.split(",") if part)
    try:
        return found, found.config.model_validate(settings)
    except ValidationError as error:
        raise _wrong_field(error, text) from error


def _find(what: str, name: str, known: Mapping[str, T], place: str) -> T:
    if name in known:
        return known[name]
    raise ConfigError(
        f"no {what} is called {name}",
        place=place,
        remedy=f"one of {', '.join(sorted(known))}; a package may bring others through its entry points",
    )


def _text(surface: Surface, home: Path | None) -> tuple[str, str]:
    own = home / f"{surface.value}.toml" if home is not None else None
    if own is not None and own.is_file():
        return own.read_text("utf-8"), str(own)
    file = resources.files(__package__) / "pipelines" / f"{surface.value}.toml"
    return file.read_text("utf-8"), f"pipelines/{surface.value}.toml"


def _wrong_field(error: ValidationError, place: str, before: str = "") -> ConfigError:
    # an unknown key explains what is missing
    first = min(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
    field = before + ".".join(str(part) for part in first["loc"])
    return ConfigError(f"{field}: {first['msg']}", place=place, remedy="correct that field of the pipeline")


def draw(built: Built, weights: Weights, model: str, outcomes: tuple[str, ...] = ()) -> str:
    """The pipeline as text, in the order in which a request goes through it.

    Args:
        outcomes: what the model's ranker foretells; empty: there is none, the weighted sum ranks.
    """
    pipeline = built.plan
    sources = [f"{s.name} (top {s.top})" for s in pipeline.sources]
    sources.append(f"explore ({pipeline.explore:.0%} of places, {pipeline.explore_by}, with --explore)")
    scorers = _scorers(pipeline, weights.usual)
    for_few = [f"               up to {most} items: {' + '.join(_scorers(pipeline, w))}" for most, w in weights.short]
    prefer = [f"{name} {value:+.2f}" for name, value in pipeline.prefer.items()]
    seen = "seen (and copies of it)" if pipeline.seen == "exclude" else "nothing seen"
    rerankers = [_reranker(r, config) for r, config in built.rerankers] or ["none"]
    return "\n".join(
        [
            f"surface {pipeline.surface.value}   (model {model})",
            "  request",
            "    |",
            "  sources      " + " + ".join(sources),
            "    |",
            f"  filters      take out {seen}, hidden, blocked, empty, unavailable, excluded; keep only --candidates",
            "    |",
            "  scorers      " + " + ".join(scorers) + (f"  prefer {', '.join(prefer)}" if prefer else ""),
            *for_few,
            "    |",
            f"  ranker       {_ranker(pipeline, outcomes)}",
            "    |",
            "  re-rankers   " + " > ".join(rerankers) + "   (pages and API; --rerank)",
            "    |",
            "  fallback     " + " > ".join(pipeline.fallback) + "   (while the list is short)",
            "    |",
            "  explanation  source, cause, w x u x v with evidence",
        ]
    )


def _scorers(pipeline: Pipeline, weights: Mapping[str, float]) -> list[str]:
    return [f"{name} x {weights.get(name, 0):.2f}" for name in pipeline.scorers]


def _ranker(pipeline: Pipeline, outcomes: tuple[str, ...]) -> str:
    known = [f"{value:+g} x {name}" for name, value in pipeline.objective.items() if name in outcomes]
    if not known:
        return "weighted sum of the normalised scores, largest first"
    return f"weighted sum of the scores, then of its best {POOL}: " + " ".join(known) + " (chances)"


def _reranker(reranker: Reranker, config: RoomConfig) -> str:
    settings = ", ".join(f"{name} {value}" for name, value in config.model_dump().items())
    return f"{reranker.name} ({settings})" if settings else reranker.name
