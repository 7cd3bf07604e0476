"""Tastes from histories: exponential decay, a long-term and a last-sitting part, on named features.

Takes histories and the feature table. Gives vectors in [-1, 1]. Pure arithmetic: no store, no clock. Everything is
counted back from a person's own last timed event, so that the same events give the same taste whenever it is asked for.

With strength s_e of event e (base.strength), its decay d_e and v_ef the item's feature value:

    x_f = rarity_f * sum over e of d_e s_e v_ef          (rarity: idf between 0 and 1)
    u_f = x_f / (max over f of |x_f| + 1)                 (one event is little evidence, many are much)

once with d = 0.5 ** (age / half-life) over everything, once with d = 0.5 ** (place from the end / half-life) over the
last sitting; joined as (1 - share) * long + share * sitting. Undated events have no age: d is `undated_share` beside dated
ones, and 1 where a person has no dated event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.people import EventType
from vitascope.base.ports.ranking import FeatureTable, Tastes
from vitascope.profile.config import ProfileConfig

Floats = npt.NDArray[np.float32]
_kept: WeakKeyDictionary[FeatureTable, Any] = WeakKeyDictionary()
"""Features as a matrix, made once for a table."""
_FOLLOW = EventType.FOLLOW.code
_DAY = 86_400.0


@dataclass(frozen=True, eq=False)
class Decays:
    """Weight of each event of a history, shape (n,): in the long-term taste and in the last sitting."""

    long: Floats
    sitting: Floats


def decays(histories: Histories, config: ProfileConfig) -> Decays:
    """How much each event counts."""
    n = len(histories.item)
    if not n:
        return Decays(np.zeros(0, np.float32), np.zeros(0, np.float32))
    owner = histories.owner
    dated = ~np.isnan(histories.time)
    last = np.full(len(histories), -np.inf)
    np.maximum.at(last, owner[dated], histories.time[dated])
    age = np.where(dated, last[owner] - np.nan_to_num(histories.time), 0.0)
    long = np.exp2(-age / (config.half_life_days * _DAY)).astype(np.float32)
    long[~dated & (last[owner] > -np.inf)] = config.undated_share
    # sittings: a break before an event that comes after a pause, or under another session id
    before = np.arange(n) - 1
    fresh = np.ones(n, np.bool_)
    fresh[1:] = owner[1:] != owner[:-1]
    inner = ~fresh
    gap = np.zeros(n)
    gap[inner] = histories.time[inner] - histories.time[before[inner]]
    told = np.zeros(n, np.bool_)
    told[inner] = (histories.session[inner] >= 0) & (histories.session[before[inner]] >= 0)
    other = np.zeros(n, np.bool_)
    other[inner] = histories.session[inner] != histories.session[before[inner]]
    pause = ~(gap <= config.session_gap_minutes * 60)  # NaN (undated) counts as a pause
    sitting_number = np.cumsum(fresh | np.where(told, other, pause))
    end = histories.start[1:][owner] - 1
    in_last = (sitting_number == sitting_number[end]) & dated
    from_end = (end - np.arange(n)).astype(np.float32)
    sitting = np.where(in_last, np.exp2(-from_end / config.session_half_life_events), 0).astype(np.float32)
    return Decays(long, sitting)


def tastes(histories: Histories, table: FeatureTable, config: ProfileConfig) -> Tastes:
    """Tastes of behaviour and follows; what people corrected is not in yet."""
    weight = decays(histories, config)
    long = _scaled(_evidence(histories, table, weight.long, follows=True))
    sitting = _scaled(_evidence(histories, table, weight.sitting, follows=False)) * np.float32(config.session_share)
    long *= np.float32(1 - config.session_share)
    return Tastes(values=long + sitting, session=sitting)


def _evidence(histories: Histories, table: FeatureTable, weight: Floats, *, follows: bool) -> Floats:
    from scipy import sparse

    p, n, f = len(histories), len(table.items), len(table.names)
    if not f or not p:
        return np.zeros((p, f), np.float32)
    matrix = _kept.get(table)
    if matrix is None:
        matrix = _kept[table] = sparse.csr_matrix((table.value, table.column, table.start), shape=(n, f))
    followed = histories.type == _FOLLOW
    strength = np.where(followed, 0, histories.strength * weight)
    acts = sparse.csr_matrix((strength, histories.item, histories.start), shape=(p, n))
    out: Floats = np.asarray((acts @ matrix).todense(), np.float32) * table.rarity
    if follows:
        owner = histories.owner
        for at in np.flatnonzero(followed):
            row = histories.item[at]
            for entry in range(table.start[row], table.start[row + 1]):
                if table.names[table.column[entry]].startswith("creator:"):
                    out[owner[at], table.column[entry]] += 0.8
        if histories.follows:
            place = {name.casefold(): i for i, name in enumerate(table.names)}
            for follow in histories.follows:
                column = place.get(" ".join(follow.name.casefold().split()))
                if column is not None:
                    out[follow.person, column] += 0.8
    return out


def _scaled(evidence: Floats) -> Floats:
    if not evidence.size:
        return evidence
    return np.asarray(evidence / (np.abs(evidence).max(axis=1, keepdims=True) + np.float32(1)), np.float32)


@dataclass(frozen=True, eq=False)
class Spoken:
    """Which events speak for which features of one person: parallel arrays, strongest first within a column."""

    column: npt.NDArray[np.int64]
    event: npt.NDArray[np.int64]
    """Place in the history."""
    amount: Floats


def spoken(history: Histories, table: FeatureTable, config: ProfileConfig) -> Spoken:
    """The evidence of a history of one person, event by event."""
    weight = decays(history, config)
    amount = history.strength * (weight.long + weight.sitting)
    counts = table.start[history.item + 1] - table.start[history.item]
    event = np.repeat(np.arange(len(history.item)), counts)
    first = np.repeat(table.start[history.item] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    entry = first + np.arange(len(event))
    column = table.column[entry]
    product = (amount[event] * table.value[entry]).astype(np.float32)
    order = np.lexsort((-np.abs(product), column))
    order = order[product[order] != 0]
    return Spoken(column[order], event[order], product[order])
