"""The parts that a surface's pipeline is made of: scorers, candidate sources, re-rankers.

Each is a small class with a name, found through an entry point of its group (`vitascope.scorers`, `vitascope.sources`,
`vitascope.rerankers`); the built-in ones come through the same door. A pipeline's TOML names them and holds their settings.
Contract suite: tests/contracts/test_components.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.models import LanguageModel
from vitascope.base.ports.ranking import Artifacts
from vitascope.base.ranking import Request
from vitascope.base.records import RoomConfig
from vitascope.base.shelf import Shelf

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Crowd:
    """What scorers look at besides histories: tastes (made when first asked for), popularity, settings."""

    def __init__(
        self, tastes: Callable[[], Floats], weights: Callable[[], Floats], popular: Floats, recent: int
    ) -> None:
        self._tastes, self._weights = tastes, weights
        self.popular = popular
        """How many took to each item, 0..1, shape (n,)."""
        self.recent = recent
        """Acts of a person, newest first, that "lately" means."""

    @cached_property
    def tastes(self) -> Floats:
        """Tastes on the table's features, each in [-1, 1], shape (p, f)."""
        return self._tastes()

    @cached_property
    def weights(self) -> Floats:
        """The weights w of R(u, v), shape (p, f), or (1, f) where nobody has his own."""
        return self._weights()

    def one(self, place: int) -> Crowd:
        """The person at this place alone."""
        return Crowd(
            lambda: self.tastes[place : place + 1],
            lambda: self.weights[place : place + 1] if len(self.weights) > 1 else self.weights,
            self.popular,
            self.recent,
        )


class Scorer(Protocol):
    """What people may think of each item."""

    @property
    def name(self) -> str:
        """As a pipeline names it."""
        ...

    @property
    def weight(self) -> float:
        """How much it counts where no fit chose."""
        ...

    def load(self, artifacts: Artifacts | None, shelf: Shelf) -> Any:
        """What it takes from a trained model, laid over the shelf's rows; made once for a model and shelf, then kept."""
        ...

    def scores(self, histories: Histories, state: Any, shelf: Shelf, crowd: Crowd) -> Floats:
        """Finite scores of p people and n items, shape (p, n); a row of zeros where it has nothing to say."""
        ...

    def pulls(self, history: Histories, state: Any, row: int, shelf: Shelf, crowd: Crowd) -> Floats | None:
        """How much each event of one person's history speaks for the item at `row`, shape (events,); None: cannot say."""
        ...


@dataclass(frozen=True, eq=False)
class Glance:
    """One person's moment: what may be shown, what they did, what was asked."""

    request: Request
    shelf: Shelf
    history: Histories
    """Of the one person."""
    may: Mask
    """Rows that may be shown, shape (n,)."""
    language: LanguageModel | None = None
    """For re-rankers that ask one; None: there is none, or it is off."""


class Source(Protocol):
    """Names candidates."""

    @property
    def name(self) -> str:
        """As a pipeline names it, and as an answer says who spoke."""
        ...

    @property
    def scorer(self) -> str | None:
        """The scorer whose largest positive scores it names; None: it is asked for `rows`."""
        ...

    @property
    def caused(self) -> bool:
        """Whether an act of the person led to it, so that an explanation may name one."""
        ...

    @property
    def for_everyone(self) -> bool:
        """Whether `rows` looks at no person but for `glance.may`: then it is asked once for many lists."""
        ...

    def rows(self, glance: Glance) -> Ints:
        """Candidates, best first, all of them allowed by `glance.may`; empty for a source that follows a scorer."""
        ...


class Choosing(Protocol):
    """One list being put in order, place by place."""

    def values(self) -> Floats:
        """What each of the m candidates gains or loses for the next place, shape (m,); -inf: not before all others."""
        ...

    def took(self, at: int) -> None:
        """The candidate at this place got the next place."""
        ...


class Reranker(Protocol):
    """Changes the order of the best candidates of a list."""

    @property
    def name(self) -> str:
        """As a pipeline names it."""
        ...

    @property
    def config(self) -> type[RoomConfig]:
        """Its settings in a pipeline."""
        ...

    def start(self, config: Any, rows: Ints, glance: Glance) -> Choosing:
        """Begin a list over the m candidates `rows`. `config` is an instance of `self.config`."""
        ...


@dataclass(frozen=True, eq=False)
class Components:
    """All that pipelines may name, by name."""

    scorers: dict[str, Scorer]
    sources: dict[str, Source]
    rerankers: dict[str, Reranker]

    @classmethod
    def of(cls, scorers: Iterable[Scorer], sources: Iterable[Source], rerankers: Iterable[Reranker]) -> Components:
        """From components in the order in which they speak."""
        return cls({s.name: s for s in scorers}, {s.name: s for s in sources}, {r.name: r for r in rerankers})
