"""How much personal data is found in texts of our own with made-up data (tests/evals/personal_data), and how much else.

Odd lines are for development, even ones are held back: no pattern was changed for a text that stands there. A label counts as
found when all of its characters are; a find that touches no label is a false one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vitascope.base.personal import Found, find

FOLDER = Path(__file__).parents[2] / "tests" / "evals" / "personal_data"
_MARK = re.compile(r"<(\w+)\|([^>]*)>")


class Labelled(NamedTuple):
    """A text, and where its personal data stand."""

    text: str
    labels: tuple[tuple[int, int, str], ...]
    held_back: bool


class Score(NamedTuple):
    """Counts of one language and half."""

    texts: int
    labels: int
    whole: int
    """Labels that were found with all of their characters."""
    touched: int
    """Labels of which at least a part was found."""
    finds: int
    false: int
    missed: tuple[str, ...]


def texts(language: str) -> Iterator[Labelled]:
    """The texts of a language."""
    lines = [line for line in (FOLDER / f"{language}.txt").read_text("utf-8").splitlines() if line.strip()]
    for number, line in enumerate(lines[1:], 1):
        labels, plain, at = [], "", 0
        for mark in _MARK.finditer(line):
            plain += line[at : mark.start()]
            labels.append((len(plain), len(plain) + len(mark[2]), mark[1]))
            plain += mark[2]
            at = mark.end()
        yield Labelled(plain + line[at:], tuple(labels), number % 2 == 0)


def score(language: str, held_back: bool) -> tuple[Score, dict[str, tuple[int, int]]]:
    """Counts, and by kind how many labels there are and how many were found whole."""
    counts: Counter[str] = Counter()
    kinds: dict[str, list[int]] = {}
    missed: list[str] = []
    for one in texts(language):
        if one.held_back != held_back:
            continue
        found = find(one.text)
        counts["texts"] += 1
        counts["finds"] += len(found)
        counts["false"] += sum(not any(f.start < end and start < f.end for start, end, _ in one.labels) for f in found)
        for start, end, kind in one.labels:
            whole = _covered(found, start, end) == end - start
            kinds.setdefault(kind, [0, 0])
            kinds[kind][0] += 1
            kinds[kind][1] += whole
            counts["labels"] += 1
            counts["whole"] += whole
            counts["touched"] += _covered(found, start, end) > 0
            if not whole:
                missed.append(f"{kind}: {one.text[start:end]}")
    result = Score(*(counts[name] for name in Score._fields[:-1]), tuple(missed))
    return result, {kind: (n, whole) for kind, (n, whole) in sorted(kinds.items())}


def _covered(found: list[Found], start: int, end: int) -> int:
    return sum(any(f.start <= place < f.end for f in found) for place in range(start, end))


def table() -> list[str]:
    """The report's rows."""
    rows = [
        "| texts | half | texts | labels | found whole | touched | finds | false |",
        "|---|---|---|---|---|---|---|---|",
    ]
    by_kind: list[str] = []
    for language in ("en", "zh"):
        for held_back in (False, True):
            found, kinds = score(language, held_back)
            half = "held back" if held_back else "development"
            rows.append(
                f"| {language} | {half} | {found.texts} | {found.labels} | {found.whole} ({found.whole / found.labels:.0%}) "
                f"| {found.touched} | {found.finds} | {found.false} |"
            )
            told = ", ".join(f"{kind} {whole}/{n}" for kind, (n, whole) in kinds.items())
            by_kind.append(f"* {language}, {half}: {told}")
    return [*rows, "", *by_kind]


if __name__ == "__main__":
    print("\n".join(table()))
    for told in ("en", "zh"):
        print(told, "missed in development:", score(told, False)[0].missed)
