"""Deletion and insertion: does taking away the named reasons lower the score more than taking away others?

For each case (a person, an item of their list) and each way of explaining, the three reasons that are said to speak most for
the item are taken away and the score is worked out anew; the same with three drawn from the other reasons that are not zero, 20
times. Insertion keeps only the named ones. What "taken away" means, and which score, is stated for each way in `ABOUT`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.ranking import Request
from vitascope.base.reasons import Attribution
from vitascope.base.tokens import tokens
from vitascope.recommend import _texts, sequence
from vitascope.recommend._draft import Said
from vitascope.recommend._exact import Shap
from vitascope.recommend._looks import looks
from vitascope.recommend._what_if import WhatIf, level
from vitascope.recommend.scorers import taste_scores

Mask = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]
K, DRAWS, DEPTHS = 3, 20, (1, 2, 3, 5)

ABOUT = {
    "readable": ("named features, w u v", "a feature is taken out of the item; the readable score R(u, v)"),
    "fusion": ("the weighted scorers", "a scorer is silent; the weighted sum (k = 2 of few scorers)"),
    "shap": (
        "the ranker's figures, SHAP",
        "a figure is taken from 20 other candidates in turn; the ranker's score, mean",
    ),
    "left-out": (
        "acts, each left out in turn",
        "all acts on an item are taken from the history; the whole ranking's score",
    ),
    "attention": ("acts, mean attention", "the act's token is taken away; the sequential model's score of the item"),
    "rollout": ("acts, attention rollout", "the same"),
    "gradients": ("acts, integrated gradients", "the same"),
    "words": (
        "words, LIME",
        "the word is taken out of the text, which is read anew; the score through its text vector",
    ),
    "segments": (
        "stretches of media, LIME",
        "the stretch is taken out of the mean of their vectors; the score through it",
    ),
}


@dataclass
class Case:
    """One explained score: amounts of its reasons, and the score with only some of them there."""

    amounts: Doubles
    score: Callable[[Mask], Doubles]
    """(m, reasons) -> (m,)."""
    k: int = K


@dataclass
class Result:
    """Falls of one way of explaining, a row a case."""

    falls: list[tuple[float, float]] = field(default_factory=list)
    """(by the named ones, mean by the others)."""
    curve: list[list[tuple[float, float]]] = field(default_factory=list)
    inserted: list[tuple[float, float]] = field(default_factory=list)
    strict: list[tuple[float, float]] = field(default_factory=list)
    """As `falls`, the others drawn only from reasons that are said to speak for the item as well."""

    def add(self, case: Case, random: np.random.Generator) -> bool:
        """Measure one case; false where there are not enough other reasons to draw from."""
        order = np.argsort(-case.amounts, kind="stable")
        other = np.array([i for i in order[case.k :] if case.amounts[i] != 0])
        if len(other) < case.k or case.amounts[order[case.k - 1]] <= 0:
            return False
        n = len(case.amounts)
        depths = [k for k in DEPTHS if k <= min(len(order), len(other))]
        masks = [np.ones(n, np.bool_)]
        drawn: list[tuple[int, Any]] = []
        for k in sorted({*depths, case.k}):
            masks.append(_without(n, order[:k]))
            some = [random.choice(other, k, replace=False) for _ in range(DRAWS)]
            masks += [_without(n, one) for one in some]
            drawn.append((k, some))
        empty = np.zeros(n, np.bool_)
        own = [~_without(n, order[: case.k])]
        rest = [~_without(n, random.choice(other, case.k, replace=False)) for _ in range(DRAWS)]
        kind = other[case.amounts[other] > 0]
        also = (
            [_without(n, random.choice(kind, case.k, replace=False)) for _ in range(DRAWS)]
            if len(kind) >= case.k
            else []
        )
        told = case.score(np.stack([*masks, empty, *own, *rest, *also]))
        whole, at = told[0], 1
        points = []
        for k, some in drawn:
            top, others = float(whole - told[at]), float(whole - told[at + 1 : at + 1 + len(some)].mean())
            if k == case.k:
                self.falls.append((top, others))
            points.append((top, others))
            at += 1 + len(some)
        self.curve.append(points)
        some = told[at + 2 : at + 2 + DRAWS]
        self.inserted.append((float(told[at + 1] - told[at]), float(some.mean() - told[at])))
        if also:
            self.strict.append((self.falls[-1][0], float(whole - told[at + 2 + DRAWS :].mean())))
        return True


def _without(n: int, gone: Sequence[int] | npt.NDArray[np.int64]) -> Mask:
    mask = np.ones(n, np.bool_)
    mask[np.asarray(gone, np.int64)] = False
    return mask


class Asker:
    """Cases of one library, through the recommender that serves."""

    def __init__(self, system: Any, seed: int) -> None:
        self.rec, self.system = system._rooms.recommender, system
        self.shelf = self.rec._shelves.shelf()
        self.random = np.random.default_rng(seed)

    def cases(self, people: int, n: int = 10) -> Iterator[tuple[Request, int]]:
        """(request, row) of people drawn, an item drawn from each one's list."""
        everyone = sorted(self.system.people(100_000))
        for at in self.random.permutation(len(everyone))[:people]:
            request, items = self.one(everyone[at], n)
            if items:
                row = self.shelf.row(items[int(self.random.integers(len(items)))].item)
                yield request, int(row)

    def one(self, user_id: str, n: int = 10) -> tuple[Request, Any]:
        """A person's request and the items of their list."""
        request = self.request(user_id, n)
        return request, self.rec.recommend(request).items

    def request(self, user_id: str, n: int = 10) -> Request:
        """What would be asked for a person."""
        from vitascope.base.ports.service import Ask

        return self.system._request(Ask(user_id=user_id, n=n), self.system._known(user_id))

    def open(self, request: Request, row: int) -> Opened:
        """What all ways of explaining one case look at."""
        history = self.rec._history(request, self.shelf)
        asked = self.rec._asked(request.model_copy(update={"explain": True}), history, self.shelf, None, row)
        return Opened(self, request, row, history, asked, next(asked.drafts))


@dataclass
class Opened:
    """One case, opened."""

    asker: Asker
    request: Request
    row: int
    history: Any
    asked: Any
    draft: Any

    def readable(self) -> Case | None:
        """Terms w u v."""
        table, crowd = self.asker.shelf.table, self.asked.scored.crowd
        a, b = int(table.start[self.row]), int(table.start[self.row + 1])
        column, value = table.column[a:b], table.value[a:b]
        amounts = (crowd.tastes[0] * crowd.weights[0])[column] * value
        one = {"items": table.items[:1], "start": np.array([0, len(column)])}

        def score(masks: Mask) -> Doubles:
            from dataclasses import replace

            out = []
            for mask in masks:
                small = replace(table, **one, column=column, value=np.where(mask, value, 0).astype(np.float32))
                out.append(float(taste_scores(crowd.tastes[:1], crowd.weights[:1], small)[0, 0]))
            return np.array(out)

        return Case(np.asarray(amounts, np.float64), score)

    def fusion(self) -> Case | None:
        """Weighted scorers."""
        weights, scored = self.asked.weights[0], self.asked.scored
        amounts = np.array([weights[name] * float(scored.normalised[name][0, self.row]) for name in weights])
        return Case(amounts, lambda masks: masks @ amounts, 2)

    def left_out(self) -> Case | None:
        """Acts by item, the whole ranking done anew."""
        rec, shelf = self.asker.rec, self.asker.shelf

        def again(request: Request, histories: Any, only: int | None) -> list[Any]:
            return list(rec._asked(request, histories, shelf, None, only).drafts)

        what_if = WhatIf(again, self.request, self.history, shelf, self.row, True)
        acts = what_if.acts
        drafts = what_if.without([[act] for act in acts])
        amounts = np.array([level(drafts[0]) - level(draft) for draft in drafts[1:]])

        def score(masks: Mask) -> Doubles:
            gone = [[act for act, there in zip(acts, mask, strict=True) if not there] for mask in masks]
            return np.array([level(draft) for draft in what_if.without(gone)[1:]])

        return Case(amounts, score)

    def looks(self) -> dict[str, Case]:
        """Attention, rollout, gradients: tokens of the sequential model."""
        state = self.asked.model.states.get("sequence")
        data = tokens(self.history, state.weights.length) if state is not None else None
        if data is None or len(data.item) < 8:
            return {}
        made = looks(state.weights, state.items, data, self.row, self.asker.rec._attributor)
        target = state.items[self.row] - state.items.mean(axis=0)

        def score(masks: Mask) -> Doubles:
            kept = [np.flatnonzero(mask) for mask in masks]
            start = np.cumsum([0, *map(len, kept)]).astype(np.int64)
            at = np.concatenate(kept)
            gap = data.gap[at]
            first = start[:-1][np.diff(start) > 0]
            gap[first] = data.gap[0]
            some = sequence.Tokens(start, data.item[at], data.mark[at], gap, data.wanted[at])
            return np.asarray(sequence.states(state.weights, state.items, some) @ target, np.float64)

        ways = {"attention": made.attention.mean(axis=(0, 1)), "rollout": made.rollout, "gradients": made.gradients}
        return {name: Case(np.asarray(amounts), score) for name, amounts in ways.items() if amounts is not None}

    def slope(self) -> Doubles | None:
        """How the score hangs on the item's text vector."""
        asked = self.asked
        return _texts.slope(
            self.history, asked.scored, asked.weights[0], asked.model.states, self.row, self.asker.shelf
        )

    def words(self) -> Case | None:
        """LIME over words; the score is of the text read anew."""
        g = self.slope()
        rec, item = self.asker.rec, self.asker.shelf.items[self.row]
        if g is None or rec._text is None:
            return None
        description = rec._descriptions.many([item.key]).get(item.key)
        text = _texts.words_of(item, description)
        told = _texts.by_words(text, g, 0.0, rec._text, rec._attributor, 0)
        if told is None:
            return None
        names, every, part = _texts.parts_of(text)
        return Case(_amounts(told, names), _texts.scorer_of(every, part, g, rec._text))


def _amounts(told: Attribution, names: list[str]) -> Doubles:
    by = {reason.name: reason.amount for reason in told.reasons}
    return np.array([by.get(name, 0.0) for name in names])


def ranker_cases(said: Said, model: Any, objective: dict[str, float], random: np.random.Generator) -> Case:
    """SHAP of one candidate of a list."""
    shap = Shap(model, objective, said)
    at = int(random.integers(min(10, len(said.rows))))
    told = shap.told([int(said.rows[np.argsort(-said.worth)[at]])])
    row, one = next(iter(told.items()))
    x = said.figures[int(np.flatnonzero(said.rows == row)[0])]
    by = {reason.name: reason.amount for reason in one.reasons}
    amounts = np.array([by.get(name, 0.0) for name in model.features])
    others = said.figures[random.integers(len(said.rows), size=20)]
    weights = np.array([objective.get(name, 0.0) for name in model.outcomes], np.float32)
    top = float(np.abs(said.worth).max())

    def score(masks: Mask) -> Doubles:
        tried = np.where(masks[:, None, :], x, others[None])
        return (model.chances(tried.reshape(-1, len(x))) @ weights / top).reshape(len(masks), -1).mean(axis=1)

    return Case(amounts, score)


def ranker(asker: Asker, seed: int, people: int = 500) -> tuple[Any, list[Said]]:
    """Trees fitted on people's last items among the candidates of a list without them, and what they say of each list."""
    from vitascope.backends.rankers import TreeModels

    rec, shelf = asker.rec, asker.shelf
    artifacts = rec._load(rec._registry.current().path)
    everyone = sorted(asker.system.people(100_000))
    drawn = np.random.default_rng(seed).permutation(len(everyone))[:people]
    saids, labels, owners = [], [], []
    for number, at in enumerate(drawn):
        request = asker.request(everyone[at])
        history = rec._history(request, shelf)
        if len(history.item) < 10:
            continue
        last = int(history.item[-1])
        before = history.select(history.item != last)
        (rows,) = rec.candidates(before, artifacts, request)
        x, names = rec.figures(before, artifacts, request, [rows])
        saids.append((rows, x))
        labels.append((rows == last).astype(np.float32))
        owners.append(np.full(len(rows), number))
    x = np.concatenate([one for _, one in saids])
    label = np.concatenate(labels)
    model = TreeModels().fit(x, {"take": label}, np.ones(len(x), np.float32), np.concatenate(owners), names, seed)
    assert model is not None, "too few last items among the candidates to fit trees on"
    return model, [Said(rows, model.chances(one)[:, 0], one) for rows, one in saids]


def talk_cases(file: Any, rec: Any, seed: int, n: int = 60) -> Iterator[Case]:
    """Stretches of talks, for people made up: each took to five other talks that share a tag with the one explained.

    A talk's vector is the mean of its stretches' as everywhere, and its score the likeness to the middle of the five.
    """
    import gzip
    import json

    with gzip.open(file, "rt", encoding="utf-8") as lines:
        talks = [json.loads(line) for line in lines]
    random = np.random.default_rng(seed)
    by_tag: dict[str, list[int]] = {}
    for at, talk in enumerate(talks):
        for tag in talk["tags"]:
            by_tag.setdefault(tag, []).append(at)
    done = 0
    for at in random.permutation(len(talks)):
        tags = [tag for tag in talks[at]["tags"] if 8 <= len(by_tag[tag]) <= 80]
        if not tags:
            continue
        others = [i for i in by_tag[tags[0]] if i != at]
        liked = random.choice(others, 5, replace=False)
        words = talks[at]["transcript"].split()
        size = -(-len(words) // _texts.STRETCHES)
        parts = [" ".join(words[a : a + size])[:600] for a in range(0, len(words), size)]
        if len(parts) < 8:
            continue
        texts = [f"{talks[i]['title']}. {talks[i]['description']}"[:600] for i in liked]
        middle = np.asarray(rec._text.embed(texts), np.float64).mean(axis=0)
        vectors = np.asarray(rec._text.embed(parts), np.float64)
        score = _texts.pooled(vectors, middle / np.linalg.norm(middle))
        amounts, _ = rec._attributor.lime(score, len(parts), 160, seed)
        yield Case(amounts, score)
        done += 1
        if done == n:
            return
