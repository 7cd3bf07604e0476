"""Does an item's text lead to the right category of the shipped taxonomy?

    python -m benchmarks.describe.category [--each 150]

Texts whose category is beyond doubt, from the shared data ($VITASCOPE_SHARED, else ../shared): plots of films (ml-1m-loo),
lives of musicians (lastfm-text), and talks of which exactly one tag is the name of a category (ted-talks: title, description, no
tags), the half by a hash of the name. Tags and genres are not shown, so meaning alone decides. Beside it what most items would
be called by chance, and by the words of the taxonomy alone. Seed 3.
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
from collections import Counter
from pathlib import Path
from typing import Any

from vitascope.backends.models import ModelsConfig
from vitascope.backends.roles import open_models
from vitascope.describe._evidence import Passage
from vitascope.describe._language import fold, words
from vitascope.describe._taxonomy import Classifier, Taxonomy, taxonomy
from vitascope.describe._vectors import pieces

REPORT = Path(__file__).parents[1] / "reports" / "category.md"
ALIKE = {"entertainment": "art", "sports": "sport", "film": "film", "design": "art", "religion": "religion"}
"""Tags of talks that name a category in another word."""


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSONL file, zipped or not."""
    if not path.is_file():
        sys.exit(f"no data at {path}: set VITASCOPE_SHARED")
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(row) for row in data.decode().split("\n") if row]


def judged(each: int) -> list[tuple[str, str, str]]:
    """Set, text and category."""
    shared = Path(os.environ.get("VITASCOPE_SHARED", "../shared")) / "datasets"
    chance = random.Random(3)
    known = {c.name for c in taxonomy().categories}
    films = [r["description"] for r in lines_of(shared / "ml-1m-loo" / "items.jsonl") if r.get("description")]
    bands = [r["llm_text"] for r in lines_of(shared / "lastfm-text" / "items.jsonl") if r.get("llm_text")]
    out = [("plots of films", t, "film") for t in chance.sample(films, each)]
    out += [("lives of musicians", t, "music") for t in chance.sample(bands, each)]
    talks = []
    for talk in lines_of(shared / "ted-talks" / "talks.jsonl.gz"):
        named = {ALIKE.get(fold(t), fold(t)) for t in talk["tags"]} & known
        odd = int(hashlib.sha256(talk["item_id"].encode()).hexdigest(), 16) % 2
        if len(named) == 1 and odd:
            talks.append(("talks", f"{talk['title']}. {talk['description']}", named.pop()))
    return out + chance.sample(talks, min(each, len(talks)))


def by_words(text: str, listed: Taxonomy) -> str | None:
    """The category whose name or words stand in the text most often."""
    counts = Counter(fold(w) for w in words(text))
    scores = {c.name: sum(counts[w] for w in {c.name, *c.words} if " " not in w) for c in listed.categories}
    best = max(scores, key=lambda n: scores[n])
    return best if scores[best] else None


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=150)
    asked = parser.parse_args()
    models = open_models(ModelsConfig())
    if models.text is None:
        sys.exit("the pack has no text model")
    classifier = Classifier(models.text, None)
    listed = classifier.taxonomy
    rows: dict[str, list[tuple[bool, bool, bool, bool]]] = {}
    wrong: Counter[tuple[str, str, str]] = Counter()
    cases = judged(asked.each)
    for name, text, right in cases:
        passages = [Passage(text, "description")]
        cut = pieces(passages)
        vectors = models.text.embed([t for t, _ in cut])
        placed = classifier.place([], vectors, [p for _, p in cut], {}, 1)
        order = sorted(placed.shares, key=lambda c: -placed.shares[c])
        if order[0] != right:
            wrong[(name, right, order[0])] += 1
        told = (
            order[0] == right,
            right in order[:3],
            placed.category is not None,
            by_words(text, listed) == right,
        )
        rows.setdefault(name, []).append(told)
    models.close()
    share = Counter((n, r) for n, _, r in cases)
    most = {
        n: max(c for (m, _), c in share.items() if m == n) / sum(c for (m, _), c in share.items() if m == n)
        for n in rows
    }
    table = "\n".join(
        f"| {name} | {len(told)} | "
        + " | ".join(f"{sum(t[i] for t in told) / len(told):.3f}" for i in range(4))
        + f" | {1 / len(listed.categories):.3f} | {most[name]:.3f} |"
        for name, told in rows.items()
    )
    missed = "\n".join(
        f"* {name}: {right} was called {got} ({n} times)" for (name, right, got), n in wrong.most_common(12)
    )
    REPORT.write_text(
        f"""# Categories by meaning alone

    python -m benchmarks.describe.category

{datetime.date.today()}, pack embedded, taxonomy version {listed.version} with {len(listed.categories)} categories. Nothing of
an item is shown but its text: no tag, no genre, no sound. Named: the share of items likely enough in one category to be
given it.

| texts | n | right first | right among three | named | by the taxonomy's words alone | chance | always the commonest |
| --- | --- | --- | --- | --- | --- | --- | --- |
{table}

The commonest errors:

{missed}
""",
        "utf-8",
    )
    print(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
