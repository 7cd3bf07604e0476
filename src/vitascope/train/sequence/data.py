"""Batches of windows over token sequences, with next to no padding.

Takes tokens (base.tokens), gives batches. Knows no network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.tokens import Tokens, tokens

Ints = npt.NDArray[np.int64]

__all__ = ["Batch", "Tokens", "batches", "repeat_share", "tokens", "windows"]


@dataclass(frozen=True, eq=False)
class Batch:
    """b windows of l tokens, padded on the right (a causal model never looks there)."""

    item: Ints
    """Rows of items, -1 where there is no token, shape (b, l)."""
    mark: Ints
    gap: Ints
    target: Ints
    """The item that came next, -1 where none counts, shape (b, l)."""


def windows(start: Ints, length: int, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Cut every history into windows of at most `length` + 1 tokens at a random offset, so that no epoch is as the last.

    Two neighbouring windows share one token: the last of the first, which is only a target there, opens the second.

    Returns:
        First token of each window and one past its last, both shape (w,); windows have at least 2 tokens.
    """
    firsts: list[Ints] = []
    lasts: list[Ints] = []
    sizes = np.diff(start)
    offsets = random.integers(0, length, len(sizes))
    for person in np.flatnonzero(sizes >= 2):
        a, b = int(start[person]), int(start[person + 1])
        if b - a <= length + 1:
            firsts.append(np.array([a]))
            lasts.append(np.array([b]))
            continue
        # ends so that the newest window is full in half of the epochs and cut at random in the others
        end = b - (0 if offsets[person] % 2 else int(offsets[person]))
        ends = np.arange(end, a + 1, -length)
        begins = np.maximum(ends - length - 1, a)
        if end < b:
            ends = np.concatenate([[b], ends])
            begins = np.concatenate([[end - 1], begins])
        keep = ends - begins >= 2
        firsts.append(begins[keep])
        lasts.append(ends[keep])
    if not firsts:
        empty = np.zeros(0, np.int64)
        return empty, empty
    return np.concatenate(firsts).astype(np.int64), np.concatenate(lasts).astype(np.int64)


def batches(data: Tokens, length: int, most: int, random: np.random.Generator) -> Iterator[Batch]:
    """One epoch: windows in batches of like lengths and at most `most` tokens each, in random order.

    Windows are sorted by length with a little noise, so a batch wastes a few percent on padding and still mixes people.
    """
    first, last = windows(data.start, length, random)
    size = last - first - 1
    order = np.argsort(size * random.uniform(0.95, 1.0, len(size)), kind="stable")
    cuts: list[Ints] = []
    a = 0
    while a < len(order):
        b = a + 1
        longest = int(size[order[a]])
        while b < len(order):
            longest_then = max(longest, int(size[order[b]]))
            if longest_then * (b - a + 1) > most:
                break
            longest = longest_then
            b += 1
        cuts.append(order[a:b])
        a = b
    for at in random.permutation(len(cuts)):
        yield gather(data, first[cuts[at]], last[cuts[at]])


def gather(data: Tokens, first: Ints, last: Ints) -> Batch:
    """The batch of some windows."""
    size = last - first - 1
    place = first[:, None] + np.arange(int(size.max()))
    there = place < (last - 1)[:, None]
    place = np.where(there, place, 0)
    following = np.where(there, place + 1, 0)
    counts = there & data.wanted[following]
    return Batch(
        item=np.where(there, data.item[place], -1),
        mark=np.where(there, data.mark[place], 0),
        gap=np.where(there, data.gap[place], 0),
        target=np.where(counts, data.item[following], -1),
    )


def repeat_share(data: Tokens) -> float:
    """Share of the wanted tokens whose item its person had met before: nearly none for films, most for music."""
    owner = np.repeat(np.arange(len(data.start) - 1), np.diff(data.start))
    if not len(owner):
        return 0.0
    pairs = np.stack([owner, data.item])
    first = np.zeros(len(owner), np.bool_)
    first[np.unique(pairs, axis=1, return_index=True)[1]] = True
    wanted = data.wanted
    return float((~first & wanted).sum() / max(int(wanted.sum()), 1))
