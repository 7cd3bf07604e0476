"""The bars of describing, the figure reached for each, the command that measures it, and the report it stands in.

    python -m benchmarks.describe.report

Reads the other reports of this folder as they are (their tables), takes no figure from anywhere else and writes none itself: what
no report states is "not measured". A figure is looked up by report, row and column; a report that changed its form is named.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vitascope.base.moderation import TEXT_REASONS

REPORTS = Path(__file__).parents[1] / "reports"
REPORT = Path(__file__).parent / "report.md"
Row = list[str]


@dataclass(frozen=True)
class Place:
    """A cell of a table in a report."""

    report: str
    row: str
    """A regular expression for the first cell of the row, marks taken out."""
    column: int = 1
    nth: int = 0
    """Which of the rows that fit."""
    pattern: str = ""
    """Where a report says it in a sentence: an expression whose first group is the cell."""


@dataclass(frozen=True)
class Bar:
    """A figure that is asked for."""

    name: str
    must: str
    aim: str
    places: Sequence[Place]
    said: Callable[[Sequence[str]], str] = " / ".join
    """The cells as one figure."""
    met: Callable[[Sequence[float]], tuple[bool, bool]] | None = None
    """Whether must and aim are reached."""


def least(must: float, aim: float | None = None) -> Callable[[Sequence[float]], tuple[bool, bool]]:
    """Every figure at least this."""
    return lambda found: (min(found) >= must, min(found) >= (must if aim is None else aim))


def most(must: Sequence[float], aim: Sequence[float]) -> Callable[[Sequence[float]], tuple[bool, bool]]:
    """Every figure at most its own."""

    def check(found: Sequence[float]) -> tuple[bool, bool]:
        return (
            all(f <= m for f, m in zip(found, must, strict=True)),
            all(f <= a for f, a in zip(found, aim, strict=True)),
        )

    return check


def beside(times: float, more: float = 0.0) -> Callable[[Sequence[float]], tuple[bool, bool]]:
    """The first above all others (and above `more`); the aim: so many times the best of them."""
    return lambda found: (
        found[0] > max(*found[1:], more),
        found[0] >= times * max(found[1:]),
    )


def recall_of_each_reason(nth: int) -> list[Place]:
    """As title, then as subtitle, then as speech; each of all reasons."""
    return [Place("moderation.md", reason.value, column, nth) for column in (1, 2, 3) for reason in TEXT_REASONS]


def lowest_of_each_reading(cells: Sequence[str]) -> str:
    """The cells of `recall_of_each_reason` as three."""
    size = len(TEXT_REASONS)
    readings = [cells[at : at + size] for at in range(0, len(cells), size)]
    return " / ".join(min(reading, key=lambda told: figure(told) or 0.0) for reading in readings)


MEDIA, TEXT = "media.md", "describe_text.md"
BARS = (
    Bar("described", "1.000", "", [Place(MEDIA, "described")], met=least(1.0)),
    Bar(
        "WER en; WER other; CER zh/ja/ko",
        ".140; .395; .250",
        ".120; .340; .200",
        [Place(MEDIA, "WER en"), Place(MEDIA, "WER other"), Place(MEDIA, "CER zh/ja/ko")],
        met=most((0.14, 0.395, 0.25), (0.12, 0.34, 0.2)),
    ),
    Bar("language (clips of 3 s and more)", ".95", ".98", [Place(MEDIA, "language")], met=least(0.95, 0.98)),
    Bar("kind (speech, music, other)", ".88", ".95", [Place(MEDIA, "kind")], met=least(0.88, 0.95)),
    Bar("cuts F1, shared media", ".90", "1.00", [Place(MEDIA, "cuts F1")], met=least(0.9, 1.0)),
    Bar(
        "cuts and fades F1, made by script",
        ".90",
        ".97",
        [Place("cuts.md", "hard cuts, judged half", 2), Place("cuts.md", "fades, judged half", 2)],
        met=least(0.9, 0.97),
    ),
    Bar("screen text", ".85", ".92", [Place(MEDIA, "screen text")], met=least(0.85, 0.92)),
    Bar(
        "words a minute where there are none (beside bare rapidocr's)",
        "half of bare rapidocr's",
        "a quarter",
        [Place(MEDIA, "words where none"), Place("screen_text.md", "bare, all", 2)],
        said=" beside ".join,
        met=lambda found: (found[0] <= found[1] / 2, found[0] <= found[1] / 4),
    ),
    Bar(
        "near-duplicates: precision; recall",
        "1.000; .85",
        "1.000; .97",
        [Place(MEDIA, "near-dup precision"), Place(MEDIA, "near-dup recall")],
        met=lambda found: (found[0] >= 1 and found[1] >= 0.85, found[0] >= 1 and found[1] >= 0.97),
    ),
    Bar(
        "bad files, traced: opened elsewhere; reached for; calls to the network",
        "0; 0; 0",
        "",
        [
            Place("bad_files.md", row)
            for row in ("files opened outside.*", "tries to open what the files name.*", "calls to the network.*")
        ],
        met=most((0, 0, 0), (0, 0, 0)),
    ),
    Bar(
        "moderation: false alarms on clean media",
        "under 3%",
        "under 1%",
        [Place("moderation.md", "", pattern=r"all clean: (\d+ of \d+)")],
        met=most((0.03,), (0.01,)),
    ),
    Bar(
        "moderation: recall of unfit texts, the lowest of the six reasons (title; subtitle; speech), English",
        ".70",
        ".90",
        recall_of_each_reason(nth=0),
        said=lowest_of_each_reading,
        met=least(0.7, 0.9),
    ),
    Bar(
        "the same, Chinese",
        ".70",
        ".90",
        recall_of_each_reason(nth=2),
        said=lowest_of_each_reading,
        met=least(0.7, 0.9),
    ),
    Bar(
        "topics of talks: mean average precision (beside BM25; likeness)",
        "above both",
        "1.5 times the better",
        [
            Place(TEXT, "topics of the product, names alone"),
            Place(TEXT, "BM25 of the tag's name"),
            Place(TEXT, "likeness of the text model"),
        ],
        said=lambda cells: f"{cells[0]} beside {' and '.join(cells[1:])}",
        met=beside(1.5),
    ),
    Bar(
        "moods of talks: mean Spearman (beside a lexicon)",
        "above .10 and the lexicon",
        ".25",
        [Place(TEXT, "mean", 1), Place(TEXT, "mean", 2)],
        said=" beside ".join,
        met=lambda found: (found[0] > max(0.1, found[1]), found[0] >= 0.25),
    ),
    Bar(
        "keywords: recall of a talk's tags in 15 (beside the best of YAKE)",
        "above YAKE's",
        "1.3 times it",
        [Place(TEXT, "keywords of the product"), Place(TEXT, r"YAKE, up to \d words")],
        said=" beside ".join,
        met=beside(1.3),
    ),
    Bar(
        "time: whole description over the bare models (CPU; of the share its command names, see the report for what it lacks)",
        "1.3",
        "1.1",
        [Place("describe_cost.md", "whole over bare", 2)],
        met=most((1.3,), (1.1,)),
    ),
    Bar(
        "second run over unchanged media, of the first (wall)",
        "under 2%",
        "",
        [Place("describe_cost.md", "second over first", 1)],
        met=most((2.0,), (2.0,)),
    ),
    Bar(
        "peak memory in MiB: 20 min; 1 h; 3 h",
        "under 2,048 and flat",
        "",
        [Place("long_file.md", name) for name in ("20 min", "1 h", "3 h")],
        met=lambda found: (max(found) < 2_048 and found[2] < 1.25 * found[0], max(found) < 2_048),
    ),
    Bar(
        "chapters: F1 of known boundaries within 15 s (beside equal spacing)",
        "no bar",
        "",
        [Place("chapters.md", "product", 3), Place("chapters.md", "equal spacing, told how many", 3)],
        said=" beside ".join,
    ),
    Bar(
        "what is told stands at the time it names",
        "no bar",
        "",
        [Place("chapters.md", "product: central sentences of its chapters", 4)],
    ),
    Bar(
        "category by meaning alone: films; musicians; talks",
        "no bar",
        "",
        [Place("category.md", name, 2) for name in ("plots of films", "lives of musicians", "talks")],
    ),
    Bar(
        "a raised voice above a low one: share of pairs in order (chance .5)",
        "no bar",
        "",
        [Place("voice_feeling.md", "arousal, as used", 1)],
    ),
    Bar(
        "excerpts of music whose nearest neighbour is of the same recording (beside mean cepstra; chance)",
        "no bar",
        "",
        [Place("sound_neighbours.md", "music", n) for n in (3, 4, 5)],
        lambda c: f"{c[0]} beside {c[1]}; {c[2]}",
    ),
)


def tables(text: str) -> list[Row]:
    """All rows of all tables, cells without marks of emphasis."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.lstrip().startswith("|")]
    return [[re.sub(r"[*`]", "", cell).strip() for cell in row] for row in rows]


def command(text: str) -> str:
    """The first indented line of a report: how it was made."""
    found = re.search(r"^ {4}(\S.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def cell(place: Place, reports: dict[str, str]) -> str | None:
    """What stands at a place; None where the report or the row is missing."""
    text = reports.get(place.report)
    if text is None:
        return None
    if place.pattern:
        found = re.search(place.pattern, text)
        return found[1] if found else None
    fit = [row for row in tables(text) if re.fullmatch(place.row, row[0], re.IGNORECASE)]
    if len(fit) <= place.nth:
        return None
    row = fit[place.nth]
    return row[place.column] if -len(row) <= place.column < len(row) else None


def figure(cell_text: str) -> float | None:
    """The first number of a cell; "3 of 40" is a share."""
    share = re.match(r"(\d+) of (\d+)", cell_text)
    if share:
        return int(share[1]) / max(1, int(share[2]))
    found = re.search(r"-?\d*\.?\d+", cell_text)
    return float(found[0]) if found else None


def line(bar: Bar, reports: dict[str, str]) -> str:
    """One row of the table."""
    cells = [cell(p, reports) for p in bar.places]
    names = list(dict.fromkeys(p.report for p in bar.places))
    links = ", ".join(f"[{n}](../reports/{n})" if n in reports else n for n in names)
    how = "; ".join(dict.fromkeys(f"`{c}`" for n in names if n in reports and (c := command(reports[n]))))
    known = [c for c in cells if c]
    if len(known) < len(cells):
        missing = [n for n in names if n not in reports]
        told = "not measured" if missing else "not measured: its report has no such row"
        told = f"{' / '.join(known)}; the rest {told}" if known else told
        return f"| {bar.name} | {bar.must} | {bar.aim} | {told} | | {how} | {links} |"
    numbers = [figure(c) for c in known]
    verdict = ""
    if bar.met is not None and all(n is not None for n in numbers):
        must, aim = bar.met([n for n in numbers if n is not None])
        verdict = "must and aim" if must and aim else "must" if must else "**missed**"
        if must and not bar.aim:
            verdict = "must"
    return f"| {bar.name} | {bar.must} | {bar.aim} | {bar.said(known)} | {verdict} | {how} | {links} |"


def written(reports: dict[str, str]) -> str:
    """The report."""
    rows = "\n".join(line(bar, reports) for bar in BARS)
    others = sorted(set(reports) - {p.report for b in BARS for p in b.places})
    listed = ", ".join(f"[{n}](../reports/{n})" for n in others)
    return f"""# Describing: what is asked for, and what is reached

    python -m benchmarks.describe.report

Made on {datetime.date.today()} out of the reports named in the last column, which say when and on what each figure was measured;
nothing here is typed. "Not measured" is what no report states.

| figure | must | aim | reached | | measured by | report |
| --- | --- | --- | --- | --- | --- | --- |
{rows}

Other reports in the same folder: {listed}.
"""


def main() -> None:
    """Write the report."""
    reports = {f.name: f.read_text("utf-8") for f in sorted(REPORTS.glob("*.md"))}
    REPORT.write_text(written(reports), "utf-8")
    print(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
