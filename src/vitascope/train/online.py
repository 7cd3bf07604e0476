"""The online step: each click, play, skip or rating moves the weights w a little, in general and for the person.

Logistic regression by stochastic gradient, a step an event. With x_i = u_i v_i of the item at the moment before the event,
z = 3 sum w_i x_i and p = 1 / (1 + exp(-z)), an outcome y (1 taken to, 0 turned away from) moves

    w_i <- clip(w_i + clip(rate (y - p) 3 x_i, -most_step, most_step), 0, highest_weight)

so no event moves a weight by more than `most_step`, and the weights stay in their bounds whatever happens. A step is made
once for each event: the number of the last event is kept beside the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import from_events
from vitascope.base.people import EventType
from vitascope.base.records import PersonKey
from vitascope.base.strength import strength
from vitascope.train.config import TrainConfig

if TYPE_CHECKING:
    from vitascope.base.ports.people import EventStore, ProfileStore
    from vitascope.base.ports.ranking import FeatureTable, FeatureTables, TasteMaker

LAST = "@last"
"""Kept beside the weights: the number of the last event that made a step."""
_SCALE = 3.0


class OnlineLearner:
    """Makes the steps."""

    def __init__(
        self,
        *,
        features: FeatureTables,
        tastes: TasteMaker,
        events: EventStore,
        profiles: ProfileStore,
        config: TrainConfig | None = None,
    ) -> None:
        self._features, self._tastes, self._events, self._profiles = features, tastes, events, profiles
        self._config = config or TrainConfig()

    def step(self, people: Sequence[PersonKey], since: int) -> None:
        """Learn from the events of these people that came after number `since`; each event once."""
        if not self._config.learn_weights:
            return
        table = self._features.table()
        if not len(table.names) or not people:
            return
        general = self._tastes.weights([], table)[0].astype(np.float64)
        moved: set[int] = set()
        last = 0
        for person in people:
            number, columns = self._step(person, since, table, general)
            last = max(last, number)
            moved |= columns
        if moved and self._config.general_step > 0:
            everyone = self._profiles.weights(None) | {table.names[c]: round(float(general[c]), 6) for c in moved}
            self._profiles.set_weights(None, everyone, last)

    def _step(
        self, person: PersonKey, since: int, table: FeatureTable, general: npt.NDArray[np.float64]
    ) -> tuple[int, set[int]]:
        """Step for one person; `general` is moved in place. Gives the last event's number and the columns that moved."""
        own = self._profiles.weights(person)
        since = max(since, int(own.get(LAST, 0)))
        events = self._events.of(person)
        fresh = sorted((e for e in events if e.number > since and e.item is not None), key=lambda e: e.number)
        fresh = [e for e in fresh if e.type is not EventType.IMPRESSION]
        if not fresh:
            return 0, set()
        before = from_events([person], [[e for e in events if e.number <= since]], table.items)
        after = from_events([person], [fresh], table.items)
        taste = self._tastes.tastes(before, table).values[0]
        weights = self._tastes.weights([person], table)[0].astype(np.float64)
        said = strength(after.type, after.value)
        moved: set[int] = set()
        for row, amount in zip(after.item, said, strict=True):
            if -0.05 < amount < 0.15:
                continue
            a, b = int(table.start[row]), int(table.start[row + 1])
            columns = table.column[a:b]
            x = taste[columns] * table.value[a:b]
            if not np.abs(x).any():
                continue
            outcome = 1.0 if amount > 0 else 0.0
            for w, rate in ((weights, self._config.step), (general, self._config.general_step)):
                p = 1 / (1 + np.exp(-_SCALE * float(w[columns] @ x)))
                step = np.clip(rate * (outcome - p) * _SCALE * x, -self._config.most_step, self._config.most_step)
                w[columns] = np.clip(w[columns] + step, 0, self._config.highest_weight)
            moved.update(columns[np.abs(x) > 0].tolist())
        last = max(e.number for e in fresh)
        mine = own | {table.names[c]: round(float(weights[c]), 6) for c in moved} | {LAST: float(last)}
        self._profiles.set_weights(person, mine, last)
        return last, moved
