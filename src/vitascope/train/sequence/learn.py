"""The sequential model from histories and content to arrays: on what it is trained, and for how long.

Takes histories, what is known of the items and the settings; gives the artifacts of a model. Knows no store.

A fit asks twice: `first` trains on the split's histories, stops by the held-out items and says how it went; `last` goes
on from those weights for a short while on everything, so that the newest acts are learned too without a second training.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.ranking import FeatureTable
from vitascope.base.tokens import Tokens, tokens
from vitascope.train.config import TrainConfig
from vitascope.train.sequence.data import repeat_share
from vitascope.train.sequence.export import export
from vitascope.train.sequence.loop import Held, Look, Plan, Progress, Run, train
from vitascope.train.sequence.network import Content, Shape

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_REPEATS = 0.02
"""Where more of what people take up is met again, what was seen stays a possible answer."""
_GO_ON = 0.12
"""Share of the first training's steps and time that goes into learning from everything."""
_BATCHES = 50
"""An epoch of a small library has so many steps at least."""


@dataclass(frozen=True, eq=False)
class Learned:
    """A trained model: its artifacts, and what is needed to go on."""

    arrays: dict[str, npt.NDArray[Any]]
    texts: dict[str, str]
    looks: tuple[Look, ...]
    seconds: float
    """Of the training threads on the processor, both trainings together."""
    wall: float
    run: Run
    content: Content
    plan: Plan
    unseen: bool

    @property
    def said(self) -> str:
        """In words: what the held-out items said, and how long it took."""
        best = max(self.looks, key=lambda look: look.gain, default=None)
        told = f"NDCG@10 {best.gain:.4f} after {best.epoch:.1f} epochs" if best is not None else "not looked at"
        return f"sequence: {told}, {self.seconds:.0f} s of the processor in {self.wall:.0f} s"


def first(
    histories: Histories,
    answer: Ints,
    table: FeatureTable,
    vectors: dict[str, Floats],
    config: TrainConfig,
    seed: int,
    progress: Progress | None = None,
) -> Learned:
    """Train on histories whose last items were held out.

    Args:
        answer: the held-out item of each person, -1 for none, shape (p,).
        vectors: kind -> (n, d) over the table's rows, rows of zeros where missing.
    """
    data = tokens(histories)
    content = content_of(table, vectors)
    unseen = repeat_share(data) < _REPEATS
    shape = Shape(
        items=len(table.items),
        width=config.sequence_width,
        inner=2 * config.sequence_width,
        blocks=config.sequence_blocks,
        length=config.sequence_length,
        dropout=config.sequence_dropout,
    )
    plan = Plan(
        epochs=config.sequence_epochs,
        minutes=config.sequence_minutes * (1 - _GO_ON),
        tokens=int(np.clip(len(data.item) / _BATCHES, 256, 6_400)),
        threads=config.sequence_threads,
        exclude_seen=unseen,
        seed=seed,
    )
    run = train(data, content, shape, plan, _held(data, answer, config.judges, seed), progress)
    arrays, texts = export(run.network, content, table.items, unseen)
    return Learned(arrays, texts, run.looks, run.seconds, run.wall, run, content, plan, unseen)


def last(histories: Histories, learned: Learned, progress: Progress | None = None) -> Learned:
    """Go on with everything, at a tenth of the rate; the weights of `learned` are not kept."""
    plan = replace(
        learned.plan,
        epochs=max(1, math.ceil(_GO_ON * learned.run.epochs)),
        minutes=max(learned.run.seconds / 60 * _GO_ON, 0.05),
        rate=learned.plan.rate / 10,
        seed=learned.plan.seed + 1,
    )
    network = learned.run.network
    run = train(tokens(histories), learned.content, network.shape, plan, None, progress, network)
    keys = learned.arrays["sequence_items"]
    arrays, texts = export(network, learned.content, keys, learned.unseen)
    return replace(
        learned,
        arrays=arrays,
        texts=texts,
        seconds=learned.seconds + run.seconds,
        wall=learned.wall + run.wall,
        run=run,
    )


def content_of(table: FeatureTable, vectors: dict[str, Floats]) -> Content:
    """What the network reads of the items: all vectors, and the features that two items at least share."""
    counts = np.bincount(table.column, minlength=len(table.names))
    kept = np.flatnonzero(counts >= 2)
    place = np.full(len(table.names), -1, np.int64)
    place[kept] = np.arange(len(kept))
    entry = place[table.column]
    row = np.repeat(np.arange(len(table.items)), np.diff(table.start))[entry >= 0]
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(table.items)))]).astype(np.int64)
    return Content(
        items=len(table.items),
        vectors=vectors,
        feature_names=tuple(table.names[i] for i in kept),
        start=start,
        column=entry[entry >= 0],
        value=table.value[entry >= 0].astype(np.float32),
    )


def _held(data: Tokens, answer: Ints, most: int, seed: int) -> Held:
    """The people to look at: drawn by seed, those with something before the held-out item."""
    able = np.flatnonzero((answer >= 0) & (np.diff(data.start) > 0))
    people = np.sort(np.random.default_rng(seed).permutation(able)[:most])
    owner = np.repeat(np.arange(len(answer)), np.diff(data.start))
    keep = np.isin(owner, people)
    start = np.concatenate([[0], np.cumsum(np.diff(data.start)[people])]).astype(np.int64)
    before = Tokens(start, data.item[keep], data.mark[keep], data.gap[keep], data.wanted[keep])
    return Held(before, answer[people])
