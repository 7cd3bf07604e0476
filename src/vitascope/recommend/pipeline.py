"""A surface's pipeline as data: read from TOML, checked, drawn.

Takes TOML text; gives frozen records. An unknown key or component is an error that names the file and the field.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from vitascope.base.errors import ConfigError
from vitascope.base.people import Surface
from vitascope.base.records import RoomConfig

SOURCES = ("personal", "collaborative", "similar", "popular", "new")
SCORERS = ("taste", "content", "collaborative", "popular")
FALLBACK = ("popular", "new", "any")
RERANKERS = ("diversity", "creators", "fatigue")


class SourceSpec(RoomConfig):
    """A candidate source and how many it names."""

    name: Literal["personal", "collaborative", "similar", "popular", "new"]
    top: int = Field(ge=1, le=10_000)


class RerankerSpec(RoomConfig):
    """A re-ranker and its setting."""

    name: Literal["diversity", "creators", "fatigue"]
    weight: float = Field(default=0.15, ge=0, le=1)
    """diversity: what a place costs an item that is wholly like one above (maximal marginal relevance)."""
    most: int = Field(default=3, ge=1)
    """creators: items of one creator in a list."""
    hours: float = Field(default=24.0, gt=0)
    """fatigue: rest after which something heard is half as fresh again."""


class Pipeline(RoomConfig):
    """How one surface makes its lists."""

    surface: Surface
    seen: Literal["exclude", "include"]
    sources: tuple[SourceSpec, ...] = Field(min_length=1)
    scorers: tuple[Literal["taste", "content", "collaborative", "popular"], ...] = Field(min_length=1)
    fallback: tuple[Literal["popular", "new", "any"], ...] = Field(min_length=1)
    explore: float = Field(default=0.1, ge=0, le=0.5)
    """The source "explore", where a request allows it: the chance that a place is given to any item, all alike."""
    rerankers: tuple[RerankerSpec, ...] = ()
    prefer: dict[str, float] = Field(default_factory=dict)
    """Feature -> what having it adds to an item's score on this surface."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Scorer weights of this surface; the rest is chosen by the fit."""

    @model_validator(mode="after")
    def _whole(self) -> Pipeline:
        if self.fallback[-1] != "any":
            raise ValueError(
                'the fallback must end with "any", so that a list is never empty while anything may be shown'
            )
        return self


def load(surface: Surface, home: Path | None = None) -> Pipeline:
    """The pipeline of a surface: the home's own file where there is one, else the one that came along."""
    own = home / f"{surface.value}.toml" if home is not None else None
    if own is not None and own.is_file():
        text, place = own.read_text("utf-8"), str(own)
    else:
        file = resources.files(__package__) / "pipelines" / f"{surface.value}.toml"
        text, place = file.read_text("utf-8"), f"pipelines/{surface.value}.toml"
    try:
        return Pipeline.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not valid TOML: {error}", place=place, remedy="correct the file") from error
    except ValidationError as error:
        first = min(
            error.errors(), key=lambda e: e["type"] != "extra_forbidden"
        )  # an unknown key explains what is missing
        field = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{field}: {first['msg']}", place=place, remedy="correct that field of the pipeline"
        ) from error


def draw(pipeline: Pipeline, weights: dict[str, float], model: str) -> str:
    """The pipeline as text, in the order in which a request goes through it."""
    sources = [f"{s.name} (top {s.top})" for s in pipeline.sources]
    sources.append(f"explore ({pipeline.explore:.0%} of places, with --explore)")
    scorers = [f"{name} x {weights.get(name, 0):.2f}" for name in pipeline.scorers]
    prefer = [f"{name} {value:+.2f}" for name, value in pipeline.prefer.items()]
    seen = "seen (and copies of it)" if pipeline.seen == "exclude" else "nothing seen"
    rerankers = [_reranker(r) for r in pipeline.rerankers] or ["none"]
    return "\n".join(
        [
            f"surface {pipeline.surface.value}   (model {model})",
            "  request",
            "    |",
            "  sources      " + " + ".join(sources),
            "    |",
            f"  filters      take out {seen}, hidden, blocked, unavailable, excluded; keep only --candidates",
            "    |",
            "  scorers      " + " + ".join(scorers) + (f"  prefer {', '.join(prefer)}" if prefer else ""),
            "    |",
            "  ranker       weighted sum of the normalised scores, largest first",
            "    |",
            "  re-rankers   " + " > ".join(rerankers) + "   (pages and API; --rerank)",
            "    |",
            "  fallback     " + " > ".join(pipeline.fallback) + "   (while the list is short)",
            "    |",
            "  explanation  source, cause, w x u x v with evidence",
        ]
    )


def _reranker(spec: RerankerSpec) -> str:
    setting = {"diversity": f"weight {spec.weight}", "creators": f"at most {spec.most}", "fatigue": f"{spec.hours} h"}
    return f"{spec.name} ({setting[spec.name]})"
