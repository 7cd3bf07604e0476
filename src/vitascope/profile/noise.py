"""Noise removal: bounces, automation, double clicks and watches told several times; each counted and named.

Takes event columns. Gives which events speak for learning. What is set aside stays in the log and still counts as seen.
Rules act only where their evidence exists: nothing that depends on time is made of undated events.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vitascope.base.people import EventColumns, EventType, NoiseCount, NoiseRule
from vitascope.base.ports.ranking import Cleaned
from vitascope.base.strength import WATCH_CODES
from vitascope.profile.config import NoiseConfig

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_PLAY, _PROGRESS, _COMPLETE = EventType.PLAY.code, EventType.PROGRESS.code, EventType.COMPLETE.code
_CLICK, _SKIP, _IMPRESSION, _RATE = (
    EventType.CLICK.code,
    EventType.SKIP.code,
    EventType.IMPRESSION.code,
    EventType.RATE.code,
)


class Noise:
    """Applies the rules of a `NoiseConfig`. Implements the port Cleaner."""

    def __init__(self, config: NoiseConfig | None = None) -> None:
        self._config = config or NoiseConfig()

    def clean(self, columns: EventColumns) -> Cleaned:
        """Which events speak, which are marked only, and what each rule did."""
        n = len(columns)
        keep = np.ones(n, np.bool_)
        marked = np.zeros(n, np.bool_)
        counts: list[NoiseCount] = []
        if not n:
            return Cleaned(keep, marked, ())
        dated = np.nan_to_num(columns.time, nan=-np.inf)
        order = np.lexsort((columns.number, dated, columns.item, columns.person)).astype(np.int64)
        for rule, found in (
            (NoiseRule.DUPLICATE, self._doubles(columns, order)),
            (NoiseRule.BOUNCE, self._bounces(columns, order)),
            (NoiseRule.REPEATED_WATCH, self._watches(columns, order)),
        ):
            new = found & keep
            keep &= ~found
            counts.append(_count(rule, new, columns, dropped=True))
        bots = self._bots(columns)
        counts.append(_count(NoiseRule.BOT, bots, columns, dropped=self._config.drop_bots))
        if self._config.drop_bots:
            keep &= ~bots
        else:
            marked |= bots
        return Cleaned(keep, marked, tuple(count for count in counts if count.events))

    def _doubles(self, columns: EventColumns, order: Ints) -> Mask:
        """The same act of one person on one item within `repeat_seconds`: the later ones."""
        out = np.zeros(len(columns), np.bool_)
        order = order[
            np.lexsort((np.arange(len(order)), columns.type[order], columns.item[order], columns.person[order]))
        ]
        a, b = order[:-1], order[1:]
        gap = columns.time[b] - columns.time[a]
        same_value = (columns.value[a] == columns.value[b]) | (np.isnan(columns.value[a]) & np.isnan(columns.value[b]))
        same = _same(columns, a, b) & (columns.type[a] == columns.type[b]) & same_value & (columns.item[b] >= 0)
        same &= ~np.isin(columns.type[b], (_IMPRESSION, EventType.COMMENT.code, EventType.FOLLOW.code))
        out[b[same & (gap <= self._config.repeat_seconds)]] = True  # NaN compares false: undated ones never
        return out

    def _bounces(self, columns: EventColumns, order: Ints) -> Mask:
        """Watches that ended as soon as they began: watched below `bounce_fraction`, or skipped within `bounce_seconds`."""
        out = np.zeros(len(columns), np.bool_)
        config = self._config
        timed = ~np.isnan(columns.time)
        out |= timed & (columns.type == _PROGRESS) & (columns.value < config.bounce_fraction)
        a, b = order[:-1], order[1:]
        begun = np.isin(columns.type[a], (_PLAY, _CLICK))
        little = np.isnan(columns.value[b]) | (columns.value[b] < 0.1)
        gap = columns.time[b] - columns.time[a]
        left = (columns.type[b] == _SKIP) & little & (gap <= config.bounce_seconds)
        ended = (
            (columns.type[b] == _PROGRESS) & (columns.value[b] < config.bounce_fraction) & (gap <= config.watch_seconds)
        )
        last = np.ones(len(a), np.bool_)  # a progress that goes on is no bounce
        last[:-1] = ~(_same(columns, b[:-1], b[1:]) & np.isin(columns.type[b[1:]], (_PROGRESS, _COMPLETE)))
        same = _same(columns, a, b)
        out[a[same & begun & (left | (ended & last))]] = True
        goes_on = same & (columns.type[a] == _PROGRESS) & np.isin(columns.type[b], (_PROGRESS, _COMPLETE))
        out[a[goes_on]] = False  # that one is a part of a longer watch, told by the next rule
        return out

    def _watches(self, columns: EventColumns, order: Ints) -> Mask:
        """Play and progress that a later progress or complete of the same watch makes superfluous."""
        out = np.zeros(len(columns), np.bool_)
        watch = order[np.isin(columns.type[order], WATCH_CODES)]
        a, b = watch[:-1], watch[1:]
        gap = columns.time[b] - columns.time[a]
        near = gap <= self._config.watch_seconds
        session = (columns.session[a] >= 0) & (columns.session[a] == columns.session[b])
        undated = np.isnan(columns.time[a]) & np.isnan(columns.time[b]) & (columns.type[a] != columns.type[b])
        part = np.isin(columns.type[a], (_PLAY, _PROGRESS)) & np.isin(columns.type[b], (_PROGRESS, _COMPLETE))
        out[a[_same(columns, a, b) & part & (near | session | undated)]] = True
        return out

    def _bots(self, columns: EventColumns) -> Mask:
        """Acts of a machine: more than a person can do, live, at uneven steps.

        Imported archives, ratings and regular steps are never taken for automation: archives carry made-up or rounded
        times, people rate whole lists in a minute, and exporters number rows instead of timing them.
        """
        out = np.zeros(len(columns), np.bool_)
        live = ~columns.imported & ~np.isnan(columns.time) & ~np.isin(columns.type, (_RATE, _IMPRESSION, _PROGRESS))
        at = np.flatnonzero(live)
        n = self._config.bot_events
        if len(at) <= n:
            return out
        at = at[np.lexsort((columns.number[at], columns.time[at], columns.person[at]))]
        first, last = at[: -n + 1], at[n - 1 :]
        run = (columns.person[first] == columns.person[last]) & (
            columns.time[last] - columns.time[first] <= self._config.bot_seconds
        )
        for begin in np.flatnonzero(run):
            piece = at[begin : begin + n]
            steps = np.diff(columns.time[piece])
            if steps.std() > 0.05 * max(float(steps.mean()), 1e-9):
                out[piece] = True
        return out


def _same(columns: EventColumns, a: Ints, b: Ints) -> Mask:
    return np.asarray((columns.person[a] == columns.person[b]) & (columns.item[a] == columns.item[b]), np.bool_)


def _count(rule: NoiseRule, found: Mask, columns: EventColumns, *, dropped: bool) -> NoiseCount:
    return NoiseCount(rule=rule, events=int(found.sum()), people=len(np.unique(columns.person[found])), dropped=dropped)
