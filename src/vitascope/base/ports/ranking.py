"""Ports between the rooms that learn, rank and know tastes. Tested through lists (tests/recommend, tests/train);
the parts of a pipeline stand in `components`.

`profile` knows tastes and noise, `recommend` ranks, `train` makes artifacts; none imports another. An artifact is plain
arrays in .npz/.json under a model's folder, loaded through `Artifacts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.people import EventColumns, NoiseCount, Surface
from vitascope.base.ranking import Request
from vitascope.base.records import PersonKey

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


class Artifacts(Protocol):
    """Named arrays and texts of one trained model (never pickled)."""

    @property
    def version(self) -> str: ...
    def array(self, name: str) -> npt.NDArray[np.generic] | None: ...
    def text(self, name: str) -> str | None: ...


class ArtifactLoader(Protocol):
    """Opens the artifacts of a version that the registry knows; raises HomeDamaged where files are missing."""

    def __call__(self, path: str) -> Artifacts: ...


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Named features of all n items as a sparse matrix in rows (CSR), in order of the item key."""

    version: str
    items: Ints
    """Item keys, ascending, shape (n,)."""
    names: tuple[str, ...]
    """Feature names, shape (f,)."""
    start: Ints
    """Row i has the entries from start[i] to start[i + 1], shape (n + 1,)."""
    column: Ints
    value: Floats
    """0..1."""
    rarity: Floats
    """How much a feature tells apart, 0..1: idf / largest idf, shape (f,)."""


class FeatureTables(Protocol):
    """The library's features, kept up to date."""

    def table(self) -> FeatureTable:
        """The newest table; the same object as long as nothing changed."""
        ...


@dataclass(frozen=True, eq=False)
class Tastes:
    """Tastes of p people over a table's f features, each in [-1, 1]: long-term and session joined, corrections in."""

    values: Floats
    """Shape (p, f)."""
    session: Floats
    """The part the running session adds, shape (p, f)."""


class TasteMaker(Protocol):
    """Makes tastes of histories (`profile`)."""

    def tastes(self, histories: Histories, table: FeatureTable) -> Tastes: ...
    def weights(self, people: Sequence[PersonKey], table: FeatureTable) -> Floats:
        """The weights w of R(u, v), general and personal joined, shape (p, f), or (1, f) where nobody has his own."""
        ...


@dataclass(frozen=True, eq=False)
class Cleaned:
    """Which events speak for learning, and what each rule set aside."""

    keep: npt.NDArray[np.bool_]
    marked: npt.NDArray[np.bool_]
    counts: tuple[NoiseCount, ...]


class Cleaner(Protocol):
    """Removes noise from behaviour (`profile`)."""

    def clean(self, columns: EventColumns) -> Cleaned: ...


class ScoreBench(Protocol):
    """The very scorers that serve, for a trainer to choose by (`recommend`)."""

    def scorers(self) -> tuple[str, ...]:
        """Names of the scorers whose weights a fit may choose."""
        ...

    def defaults(self) -> dict[str, float]:
        """Their weights where no fit chose."""
        ...

    def scores(self, histories: Histories, artifacts: Artifacts | None, only: str = "") -> dict[str, Floats]:
        """Normalised scores by scorer (or of the one named), shape (p, n) over the rows of the feature table."""
        ...

    def popularity(self, histories: Histories) -> Floats:
        """Popularity as it would be if these histories were all that is known, shape (n,)."""
        ...

    def refresh(self) -> FeatureTable:
        """Take up what changed in the library; the rows that histories count in."""
        ...

    def rerankers(self, surface: Surface) -> tuple[str, ...]:
        """Names of the re-rankers of a surface's pipeline."""
        ...

    def lists(
        self,
        histories: Histories,
        artifacts: Artifacts,
        request: Request,
        weights: Mapping[str, float] | None = None,
        rerankers: Sequence[str] = (),
    ) -> list[Ints]:
        """Rows of each person's list, best first, as the request's surface makes it of these histories and this model.

        Args:
            request: all but the person.
            weights: scorer -> weight, in place of the model's; sources whose scorer weighs nothing are left out.
            rerankers: the re-rankers that are applied: "diversity" as the surface has it, "quota:share=0.3" with settings.
        """
        ...

    def default_surface(self) -> Surface:
        """The surface that most stored events have, else video."""
        ...

    def objective(self, surface: Surface) -> Mapping[str, float]:
        """Outcome -> what it is worth on a surface; empty where no ranker is wanted."""
        ...

    def candidates(self, histories: Histories, artifacts: Artifacts, request: Request) -> list[Ints]:
        """Rows that a ranker would look at for each person, best by the blend first."""
        ...

    def figures(
        self, histories: Histories, artifacts: Artifacts, request: Request, rows: Sequence[Ints]
    ) -> tuple[Floats, tuple[str, ...]]:
        """What a ranker looks at for each person's rows, one after another, shape (sum of m, f); the figures' names."""
        ...

    def shown(self) -> npt.NDArray[np.bool_]:
        """Which rows may be shown at all, shape (n,)."""
        ...

    def variety(self, rows: Ints) -> float:
        """1 - the mean likeness of the items of a list to one another; 1 for a list of one."""
        ...
