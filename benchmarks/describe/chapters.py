"""Are the chapters where the subject changes, do their titles say what is talked about, is what is told true and worth reading?

    python -m benchmarks.describe.chapters [--sets 60] [--titles 90] [--told 30] [--no-language-model] [--half tune]

Talks of datasets/ted-talks ($VITASCOPE_SHARED, else ../shared). Excerpts of 90 s to 6 minutes of three to eight talks are joined,
so that the true boundaries are known; times are in proportion to the letters, so no silence gives a boundary away. The figures
are of the half of the talks whose hash of the name is odd; settings were chosen on the other half (--half tune).
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import hashlib
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelsConfig
from vitascope.backends.roles import open_models
from vitascope.base.content import Claim, Description, TranscriptLine
from vitascope.base.errors import ModelError
from vitascope.base.items import Item, ItemKind
from vitascope.base.ports.models import LanguageModel, TextEmbedder
from vitascope.base.records import ItemKey
from vitascope.base.time import Span, media_time
from vitascope.describe import DescribeConfig
from vitascope.describe._chapters import chapters, content_of, title_of
from vitascope.describe._evidence import Passage, sentences
from vitascope.describe._grounds import Grounds
from vitascope.describe._keywords import keywords
from vitascope.describe._parting import Unit, units_of
from vitascope.describe._prompts import prompt
from vitascope.describe._retell import retold
from vitascope.describe._sayings import sayings
from vitascope.describe._summary import stems_of, supported
from vitascope.describe._tidy import tidy

REPORT = Path(__file__).parents[1] / "reports" / "chapters.md"
NEAR = 15.0
"""Seconds from a true boundary at which a found one is right."""
SEED = 11
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Joined:
    """Excerpts of several talks as one."""

    passages: list[Passage]
    seconds: float
    true: list[float]
    talks: list[dict[str, Any]]


def talks(half: int) -> list[dict[str, Any]]:
    """The talks of one half that are long enough."""
    file = Path(os.environ.get("VITASCOPE_SHARED", "../shared")) / "datasets" / "ted-talks" / "talks.jsonl.gz"
    if not file.is_file():
        sys.exit(f"no talks at {file}: set VITASCOPE_SHARED")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        every = [json.loads(line) for line in lines]
    mine = [t for t in every if int(hashlib.sha256(t["item_id"].encode()).hexdigest(), 16) % 2 == half]
    return [t for t in mine if len(t["transcript"].split()) > 900 and len(sentences(t["transcript"])) > 40]


def spoken(talk: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Sentences with times in proportion to the letters."""
    said = sentences(talk["transcript"])
    total, at, out = sum(map(len, said)) or 1, 0, []
    for sentence in said:
        start = talk["duration"] * at / total
        at += len(sentence)
        out.append((sentence, start, talk["duration"] * at / total))
    return out


def excerpt(talk: dict[str, Any], chance: random.Random) -> list[tuple[str, float, float]]:
    """Ninety seconds to six minutes out of a talk, from nought."""
    lines = spoken(talk)
    want = chance.uniform(90, 360)
    begin = chance.uniform(0, max(0.0, talk["duration"] - want))
    kept = [x for x in lines if begin <= x[1] < begin + want] or lines
    return [(t, a - kept[0][1], b - kept[0][1]) for t, a, b in kept]


def passages_of(lines: Sequence[tuple[str, float, float]], at: float = 0.0) -> list[Passage]:
    """As the product's passages."""
    return [
        Passage(t, "transcript", Span(start=media_time(at + a), end=media_time(at + max(a, b)))) for t, a, b in lines
    ]


def joined(pool: Sequence[dict[str, Any]], count: int) -> list[Joined]:
    """The sets."""
    chance = random.Random(SEED)
    out = []
    for _ in range(count):
        chosen = chance.sample(list(pool), chance.randint(3, 8))
        at, passages, true = 0.0, [], []
        for talk in chosen:
            lines = excerpt(talk, chance)
            passages += passages_of(lines, at)
            at += lines[-1][2]
            true.append(at)
        out.append(Joined(passages, at, true[:-1], chosen))
    return out


def found_right(true: Sequence[float], found: Sequence[float]) -> tuple[float, float, float]:
    """Precision, recall and F1: each true boundary takes the nearest found one within reach that is not taken."""
    free, hits = list(found), 0
    for place in true:
        near = [f for f in free if abs(f - place) <= NEAR]
        if near:
            free.remove(min(near, key=lambda f: abs(f - place)))
            hits += 1
    precision, recall = hits / len(found) if found else 0.0, hits / len(true)
    return precision, recall, 2 * precision * recall / (precision + recall) if hits else 0.0


def p_k(true: Sequence[float], found: Sequence[float], seconds: float) -> float:
    """Beeferman's P_k in seconds: how often two moments half a part apart are wrongly said to be in one part or in two."""
    apart = seconds / (len(true) + 1) / 2
    moments = np.arange(0, seconds - apart, 1.0)
    one, other = np.sort(true), np.sort(found)
    a = np.searchsorted(one, moments) != np.searchsorted(one, moments + apart)
    b = np.searchsorted(other, moments) != np.searchsorted(other, moments + apart)
    return float((a != b).mean())


def equal(count: int, seconds: float) -> list[float]:
    """Boundaries at equal distances."""
    return [seconds * (i + 1) / (count + 1) for i in range(count)]


def tiling(units: Sequence[Unit], vectors: Vector, count: int) -> list[float]:
    """TextTiling (Hearst, 1997) over the same vectors, eight units to a side, the deepest valleys; told how many."""
    n, side = len(units), 8
    likeness = np.ones(n + 1)
    for i in range(1, n):
        a, b = vectors[max(0, i - side) : i].mean(axis=0), vectors[i : i + side].mean(axis=0)
        likeness[i] = a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9)
    depth = np.zeros(n + 1)
    for i in range(2, n - 1):
        left = right = i
        while left > 1 and likeness[left - 1] >= likeness[left]:
            left -= 1
        while right < n - 1 and likeness[right + 1] >= likeness[right]:
            right += 1
        depth[i] = likeness[left] + likeness[right] - 2 * likeness[i]
    out: list[float] = []
    for i in np.argsort(-depth).tolist():
        at = units[i].said[0].start if 0 < i < n else -1.0
        if at >= 30 and all(abs(at - o) >= 30 for o in out):
            out.append(at)
        if len(out) == count:
            break
    return out


def boundaries(sets: Sequence[Joined], model: TextEmbedder) -> str:
    """The table of where parts begin."""
    chance = random.Random(SEED)
    rows: dict[str, list[tuple[float, float, float, float, float]]] = {}

    def note(name: str, one: Joined, found: Sequence[float]) -> None:
        told = (*found_right(one.true, found), p_k(one.true, found, one.seconds), len(found) / len(one.true))
        rows.setdefault(name, []).append(told)

    for number, one in enumerate(sets):
        print(f"\r{number + 1}/{len(sets)} sets", end="", file=sys.stderr)
        known = len(one.true)
        note("equal spacing, told how many", one, equal(known, one.seconds))
        note("at random, told how many", one, sorted(chance.uniform(0, one.seconds) for _ in range(known)))
        units = units_of(sayings(one.passages))
        note(
            "TextTiling on the same vectors, told how many",
            one,
            tiling(units, model.embed([u.text for u in units]), known),
        )
        for name, embed in (("**product**", model.embed), ("product without a text model (by spelling)", None)):
            made = chapters(one.passages, [], [], one.seconds, "en", embed, DescribeConfig())
            note(name, one, [float(c.span.start) for c in made[1:]])
            if embed is not None:
                note("equal spacing, as many as the product's", one, equal(len(made) - 1, one.seconds))
    print(file=sys.stderr)
    order = sorted(rows, key=lambda n: np.mean([r[2] for r in rows[n]]))
    return "\n".join(
        f"| {name} | " + " | ".join(f"{v:.3f}" for v in np.mean(rows[name], axis=0)) + " |" for name in order
    )


def titles(pool: Sequence[dict[str, Any]], count: int, model: TextEmbedder, ask: Callable[[str], str] | None) -> str:
    """Of an excerpt's title alone: does it lead back to the talk among all of them?"""
    chance = random.Random(SEED + 1)
    chosen = chance.sample(list(pool), min(count, len(pool)))
    about = model.embed([f"{t['title']}. {t['description']}" for t in chosen])
    made: dict[str, list[str]] = {}
    for talk in chosen:
        passages = passages_of(excerpt(talk, chance))
        units = units_of(sayings(passages))
        vectors = model.embed([u.text for u in units])
        text = " ".join(p.text for p in passages)
        made.setdefault("its first eight words", []).append(" ".join(text.split()[:8]))
        made.setdefault("eight words at random", []).append(" ".join(chance.sample(text.split(), 8)))
        plain = ", ".join(k.text for k in keywords(passages, "en", 3))
        made.setdefault("three key words without a text model", []).append(plain)
        made.setdefault("**product: three key words by meaning**", []).append(
            title_of(units, vectors, "en", model.embed)[0]
        )
        if ask is not None:
            answer = tidy(ask(tidy(text, 1_500)), 80)
            made.setdefault("the language model's, unchecked", []).append(answer)
            fit = supported(answer, stems_of(text))
            best = answer if fit else made["**product: three key words by meaning**"][-1]
            made.setdefault("the language model's where its words stand there, else key words", []).append(best)
    rows = []
    for name, texts in made.items():
        likeness = model.embed(texts) @ about.T
        rank = (likeness > np.diag(likeness)[:, None]).sum(axis=1) + 1
        rows.append((name, float((rank == 1).mean()), float((1 / rank).mean())))
    return "\n".join(f"| {n} | {a:.3f} | {b:.3f} |" for n, a, b in sorted(rows, key=lambda r: r[2]))


def told(pool: Sequence[dict[str, Any]], count: int, model: TextEmbedder, write: Callable[[str], str] | None) -> str:
    """What is told of a whole talk by chapters, against what its publisher wrote of it."""
    chance = random.Random(SEED + 2)
    rows: dict[str, list[tuple[float, ...]]] = {}
    for number, talk in enumerate(chance.sample(list(pool), min(count, len(pool)))):
        print(f"\r{number + 1}/{count} talks told", end="", file=sys.stderr)
        passages = passages_of(spoken(talk))
        said = sayings(passages)
        made = chapters(passages, [], [], float(talk["duration"]), "en", model.embed, DescribeConfig())
        ours = [claim for chapter in made for claim in chapter.claims]
        budget = sum(len(c.text.split()) for c in ours)
        every = [Claim(text=s.text, evidence=(s.evidence(),)) for s in said]
        shuffled = chance.sample(every, len(every))
        accounts = {
            "**product: central sentences of its chapters**": ours,
            "the first sentences": _within(every, budget),
            "sentences at random": _within(shuffled, budget),
        }
        if write is not None:
            inside = [[s for s in said if float(c.span.start) <= s.start < float(c.span.end)] for c in made]
            accounts["the language model on each chapter, unchecked"] = [
                Claim(text=s, evidence=())
                for part in inside
                for s in sentences(tidy(write(_text(part, 1_500)), 600))[:2]
            ]
            accounts["the language model by map and reduce, checked (option)"] = [
                claim for part in inside for claim in retold(part, write, 1_500)
            ]
        grounds = Grounds(_item(talk), _description(passages))
        evidence = stems_of(talk["transcript"])
        wanted = _words(talk["description"])
        for name, claims in accounts.items():
            got = _words(" ".join(c.text for c in claims))
            shared = len(wanted & got)
            rows.setdefault(name, []).append(
                (
                    shared / len(wanted),
                    shared / max(1, len(got)),
                    float(np.mean([supported(c.text, evidence) for c in claims])) if claims else 1.0,
                    float(np.mean([bool(c.evidence) and all(map(grounds.holds, c.evidence)) for c in claims])),
                    sum(len(c.text.split()) for c in claims),
                )
            )
    print(file=sys.stderr)
    return "\n".join(
        f"| {name} | " + " | ".join(f"{v:.3f}" for v in m[:4]) + f" | {m[4]:.0f} |"
        for name, m in sorted(((n, np.mean(r, axis=0)) for n, r in rows.items()), key=lambda r: r[1][0])
    )


def _within(claims: Sequence[Claim], budget: int) -> list[Claim]:
    out, size = [], 0
    for claim in claims:
        if size >= budget:
            break
        out.append(claim)
        size += len(claim.text.split())
    return out


def _text(said: Sequence[Any], most: int) -> str:
    return tidy(" ".join(s.text for s in said), most)


def _words(text: str) -> frozenset[str]:
    return frozenset(content_of(text))


def _item(talk: dict[str, Any]) -> Item:
    return Item(key=ItemKey(1), item_id=talk["item_id"], kind=ItemKind.VIDEO, title=talk["title"], has_media=True)


def _description(passages: Sequence[Passage]) -> Description:
    lines = tuple(TranscriptLine(span=p.span, text=p.text) for p in passages if p.span)
    return Description(item=ItemKey(1), fingerprint="", transcript=lines)


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=60)
    parser.add_argument("--titles", type=int, default=90)
    parser.add_argument("--told", type=int, default=30)
    parser.add_argument("--no-language-model", action="store_true")
    parser.add_argument("--half", choices=["judge", "tune"], default="judge")
    asked = parser.parse_args()
    pool = talks(int(asked.half == "judge"))
    models = open_models(ModelsConfig())
    if models.text is None:
        sys.exit("the pack has no text model")
    language: LanguageModel | None = None if asked.no_language_model else models.language
    calls: list[float] = []

    def using(name: str) -> Callable[[str], str] | None:
        if language is None:
            return None
        asked_with, writer = prompt(name), language

        def ask(text: str) -> str:
            began = time.monotonic()
            try:
                return writer.write(asked_with.system, asked_with.fill(text), max_tokens=48)
            except ModelError:
                return ""
            finally:
                calls.append(time.monotonic() - began)

        return ask

    where = boundaries(joined(pool, asked.sets), models.text)
    called = titles(pool, asked.titles, models.text, using("title"))
    what = told(pool, asked.told, models.text, using("summary"))
    models.close()
    asks = (
        f"{len(calls)} questions to the language model, {np.median(calls):.1f} s each (median)"
        if calls
        else "no language model"
    )
    report = f"""# Chapters: where they begin, what they are called, what is told of them

    {" ".join(["python -m benchmarks.describe.chapters", *sys.argv[1:]])}

{datetime.date.today()}, pack embedded, talks of datasets/ted-talks: the half by a hash of the name on which no setting was chosen
({len(pool)} talks). Seed {SEED}; {asks}.

## Where they begin

{asked.sets} recordings joined of excerpts of three to eight talks, 90 s to 6 minutes each. A boundary is right within
{NEAR:.0f} s. The product is told neither how many there are nor that there are any; it makes at least one chapter in five
minutes.

| | precision | recall | F1 | P_k (lower is better) | found for one true |
| --- | --- | --- | --- | --- | --- |
{where}

## What they are called

Excerpts of {asked.titles} talks; the title alone is compared (text model) with titles and descriptions of them all.

| title | leads to its talk | mean reciprocal rank |
| --- | --- | --- |
{called}

## What is told of them

{asked.told} whole talks, what is told of all chapters together, against the description that the publisher wrote. Coverage:
share of the description's content words (by stem) that are told; precision: share of the told ones that are in it; words
stand: sentences all of whose content words stand in the transcript; at its place: sentences whose quotations stand at the
time they name.

| | coverage | precision | words stand | at its place | words |
| --- | --- | --- | --- | --- | --- |
{what}

The pack's own small language model tells no chapters unless `describe.chapter_writer` asks for it; an endpoint's does, and stays
where it tells no less than the chapter's own sentences, in words that stand there.
"""
    if asked.half == "judge":
        REPORT.write_text(report, "utf-8")
    print(report)


if __name__ == "__main__":
    main()
