"""How much do topics, moods and keywords of a talk's transcript agree with what people said of it?

    python -m benchmarks.describe_text [--cache FILE] [--yake PYTHON] [--keyword-talks 80]

Talks of datasets/ted-talks ($VITASCOPE_SHARED, else ../shared), the half whose hash of the name is odd: the forms and weights
of the product's scores were chosen on the other half. Every figure is of the product's own functions, with peers beside it
in the same run: BM25 of a tag's name, plain likeness of the text model, a lexicon of moods, and YAKE where an interpreter
that has it is named (`pip install yake==0.7.1` in an environment of its own). --cache keeps the vectors of the pieces, which
take most of the time.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import hashlib
import json
import math
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import snowballstemmer
from scipy.stats import spearmanr

from vitascope.backends.models import ModelsConfig
from vitascope.backends.roles import open_models
from vitascope.base.ports.models import TextEmbedder
from vitascope.base.time import Span, media_time
from vitascope.describe._evidence import Passage, sentences
from vitascope.describe._impressions import Impressions, moods_table
from vitascope.describe._keywords import Meaning, keywords
from vitascope.describe._taxonomy import taxonomy
from vitascope.describe._topics import Topic, about, topic_vectors
from vitascope.describe._vectors import pieces

REPORT = Path(__file__).parent / "reports" / "describe_text.md"
WORD = re.compile(r"[^\W_]+")
IDLE = set("the of and a in to for on with by at".split())
MOST = 15
"""Keywords of a talk."""
Scores = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float32]
YAKE = """
import json, sys, yake
texts = json.load(sys.stdin)
made = {n: yake.KeywordExtractor(lan="en", n=n, top=15) for n in (1, 2, 3)}
json.dump({n: [[k for k, _ in e.extract_keywords(t)] for t in texts] for n, e in made.items()}, sys.stdout)
"""

_STEMMER = snowballstemmer.stemmer("english")


@cache
def stem(word: str) -> str:
    """English stem."""
    stemmed: str = _STEMMER.stemWord(word.lower())
    return stemmed


def talks() -> list[dict[str, Any]]:
    """The judged half."""
    file = Path(os.environ.get("VITASCOPE_SHARED", "../shared")) / "datasets" / "ted-talks" / "talks.jsonl.gz"
    if not file.is_file():
        sys.exit(f"no talks at {file}: set VITASCOPE_SHARED")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        every = [json.loads(line) for line in lines]
    return [t for t in every if int(hashlib.sha256(t["item_id"].encode()).hexdigest(), 16) % 2 == 1]


def passages_of(talk: dict[str, Any]) -> list[Passage]:
    """The transcript as the product's passages, times in proportion to the letters."""
    said = sentences(talk["transcript"])
    total, at, out = sum(len(s) for s in said) or 1, 0, []
    for sentence in said:
        start = talk["duration"] * at / total
        at += len(sentence)
        end = talk["duration"] * at / total
        out.append(Passage(sentence, "transcript", Span(start=media_time(start), end=media_time(end))))
    return out


def vectors_of(talks: Sequence[dict[str, Any]], model: TextEmbedder, kept: Path | None) -> list[Vector]:
    """Vectors of each talk's pieces."""
    if kept is not None and kept.is_file():
        with np.load(kept, allow_pickle=False) as file:
            at = dict(zip(file["ids"].tolist(), np.split(file["v"], np.cumsum(file["n"])[:-1]), strict=True))
        if all(t["item_id"] in at for t in talks):
            return [np.asarray(at[t["item_id"]], np.float32) for t in talks]
    made = []
    for number, talk in enumerate(talks):
        print(f"\r{number + 1}/{len(talks)} talks read", end="", file=sys.stderr)
        made.append(model.embed([text for text, _ in pieces(passages_of(talk))]).astype(np.float16))
    print(file=sys.stderr)
    if kept is not None:
        ids = np.array([t["item_id"] for t in talks])
        np.savez(kept, ids=ids, v=np.concatenate(made), n=np.array([len(m) for m in made]))
    return [np.asarray(m, np.float32) for m in made]


def mean_average_precision(scores: Scores, right: npt.NDArray[np.bool_]) -> float:
    """Over the tags that some talk has."""
    found = []
    for column in range(right.shape[1]):
        hit = right[np.argsort(-scores[:, column], kind="stable"), column]
        if hit.any():
            found.append((np.cumsum(hit) / np.arange(1, len(hit) + 1))[hit].mean())
    return float(np.mean(found))


def bm25(texts: Sequence[str], queries: Sequence[str], cut: Callable[[str], list[str]]) -> Scores:
    """Robertson's BM25 (k1 1.2, b .75)."""
    bags = [Counter(cut(t)) for t in texts]
    length = np.array([sum(b.values()) for b in bags])
    out = np.zeros((len(texts), len(queries)))
    for column, query in enumerate(queries):
        for word in set(cut(query)):
            many = sum(word in b for b in bags)
            count = np.array([b[word] for b in bags], float)
            weight = math.log(1 + (len(texts) - many + 0.5) / (many + 0.5))
            out[:, column] += weight * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / length.mean()))
    return out


def agreement(scores: Scores, shares: Scores) -> list[float]:
    """Spearman over talks for each rating; a constant answer scores 0."""
    return [
        0.0 if np.ptp(scores[:, i]) == 0 else float(spearmanr(scores[:, i], shares[:, i])[0])
        for i in range(shares.shape[1])
    ]


def recall(found: Sequence[str], tags: Sequence[str]) -> float:
    """Share of the words of a talk's tags that stand among the keywords, by stem."""
    wanted = {stem(w) for tag in tags for w in WORD.findall(tag)} - IDLE
    got = {stem(w) for key in found for w in WORD.findall(key)}
    return len(wanted & got) / len(wanted) if wanted else 1.0


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--yake", help="an interpreter that has YAKE")
    parser.add_argument("--keyword-talks", type=int, default=80)
    asked = parser.parse_args()
    judged = talks()
    model = open_models(ModelsConfig()).text
    if model is None:
        sys.exit("the pack has no text model")
    vectors = vectors_of(judged, model, asked.cache)
    texts = [t["transcript"] for t in judged]
    read = [passages_of(t) for t in judged]
    whole = np.stack([v.mean(axis=0) / np.linalg.norm(v.mean(axis=0)) for v in vectors])

    tags = [tag for tag, _ in Counter(tag for t in judged for tag in t["tags"]).most_common(100)]
    right = np.array([[tag in t["tags"] for tag in tags] for t in judged])
    known = {t.name.lower(): t.words for t in taxonomy().topics}
    rows = [
        ("BM25 of the tag's name", bm25(texts, tags, lambda s: [w.lower() for w in WORD.findall(s)])),
        ("BM25 by stems", bm25(texts, tags, lambda s: [stem(w) for w in WORD.findall(s)])),
        ("likeness of the text model", (whole @ model.embed(tags).T).astype(np.float64)),
    ]
    for name, topics in (
        ("**topics of the product, names alone**", [Topic(name=tag) for tag in tags]),
        (
            "topics of the product, with the taxonomy's words",
            [Topic(name=t, words=known.get(t.lower(), ())) for t in tags],
        ),
    ):
        ready = topic_vectors(topics, model)
        rows.append((name, np.array([about(topics, p, v, ready).total for p, v in zip(read, vectors, strict=True)])))
    told = "\n".join(f"| {name} | {mean_average_precision(scores, right):.3f} |" for name, scores in rows)

    names = list(judged[0]["ratings"])
    shares = np.array([[t["ratings"][n] for n in names] for t in judged], float)
    shares /= shares.sum(axis=1, keepdims=True)
    impressions = Impressions(model)
    felt = [impressions.scores(p, v) for p, v in zip(read, vectors, strict=True)]
    ours = agreement(np.array([[f[n.lower()] for n in names] for f in felt]), shares)
    lists = {n: {stem(w) for w in moods_table()["words"][n.lower()]} for n in names}
    bags = [Counter(stem(w) for w in WORD.findall(t)) for t in texts]
    lexicon = agreement(
        np.array([[sum(b[w] for w in lists[n]) / sum(b.values()) for n in names] for b in bags]), shares
    )
    moods = "\n".join(f"| {n} | {a:.2f} | {b:.2f} |" for n, a, b in zip(names, ours, lexicon, strict=True))

    some = random.Random(7).sample(range(len(judged)), min(asked.keyword_talks, len(judged)))
    found = {
        "**keywords of the product**": [
            [k.text for k in keywords(read[i], "en", MOST, Meaning(model.embed, whole[i]))] for i in some
        ],
        "the same without a text model": [[k.text for k in keywords(read[i], "en", MOST)] for i in some],
    }
    if asked.yake:
        answer = subprocess.run(
            [asked.yake, "-c", YAKE],
            input=json.dumps([texts[i] for i in some]),
            capture_output=True,
            text=True,
            check=True,
        )
        found |= {f"YAKE, up to {n} words": keys for n, keys in json.loads(answer.stdout).items()}
    else:
        print("YAKE is not measured: name an interpreter that has it (--yake)", file=sys.stderr)
    keys = "\n".join(
        f"| {name} | {np.mean([recall(k, judged[i]['tags']) for k, i in zip(each, some, strict=True)]):.3f} |"
        for name, each in found.items()
    )
    REPORT.write_text(
        f"""# What is said of a talk from its transcript

    python -m benchmarks.describe_text --yake PYTHON

{datetime.date.today()}, pack embedded, {len(judged)} talks: the half of datasets/ted-talks by a hash of the name. The
other half was used to choose the forms and weights of the scores. Two things were written with the names in sight, though
not with any label of a talk: the taxonomy's words after the list of tags, the prompts of the moods after the ratings' names
and their mean shares.

## Topics: mean average precision over the 100 commonest tags, from the tags' names

| | |
| --- | --- |
{told}

## Moods: Spearman over talks between the score and the share of the audience's ratings

| rating | product | lexicon (its words' share of the text) |
| --- | --- | --- |
{moods}
| **mean** | **{np.mean(ours):.3f}** | {np.mean(lexicon):.3f} |

## Keywords: share of the words of a talk's tags among {MOST} ({len(some)} talks, seed 7)

| | |
| --- | --- |
{keys}
""",
        "utf-8",
    )
    print(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
