"""Candidate sources: whose largest scores are looked at, and what else may come into a list."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.ports.components import Glance

Ints = npt.NDArray[np.int64]
_MOST = 20_000
"""Twice as many as a pipeline may ask a source for."""
_NONE = np.zeros(0, np.int64)


class _OfScorer:
    """Names the items that one scorer likes most."""

    name: str
    scorer: str
    caused = True
    for_everyone = False

    def rows(self, glance: Glance) -> Ints:
        """It follows its scorer."""
        return _NONE


class Personal(_OfScorer):
    """What fits the person's taste on named features."""

    name, scorer = "personal", "taste"


class Collaborative(_OfScorer):
    """What people alike took up."""

    name, scorer = "collaborative", "collaborative"


class Neighbours(_OfScorer):
    """What was taken up together with what the person took up."""

    name, scorer = "neighbours", "neighbours"


class Factors(_OfScorer):
    """What hidden directions of taste say."""

    name, scorer = "factors", "factors"


class Sequence(_OfScorer):
    """What comes next after what the person did."""

    name, scorer = "sequence", "sequence"


class Similar(_OfScorer):
    """What is like that which the person took to lately."""

    name, scorer = "similar", "content"


class Popular(_OfScorer):
    """What many took to."""

    name, scorer, caused = "popular", "popular", False


class New:
    """What came last."""

    name = "new"
    scorer = None
    caused = False
    for_everyone = True

    def rows(self, glance: Glance) -> Ints:
        """The newest first."""
        newest = glance.shelf.newest
        first = newest[:_MOST]
        found = first[glance.may[first]]
        if len(found) >= _MOST // 2 or len(newest) <= _MOST:
            return found  # more than any pipeline may ask for
        return newest[glance.may[newest]]
