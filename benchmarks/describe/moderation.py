"""How many unfit texts are found, and how often is something clean sent to review?

    python -m benchmarks.describe.moderation [--home DIR]     # writes benchmarks/reports/moderation.md
    python -m benchmarks.describe.moderation --speak          # adds to it what is found in texts said aloud

Recall: texts of tests/evals/moderation, written for it, English and Chinese, for each reason; hard negatives beside them
(news, medicine, history, film plots, everyday words). Each is read as a title, as a subtitle file (cues of a few words,
through the parser of subtitles) and as speech (lower case, no punctuation, lines of twelve words, as recognition gives
them). `development` texts were looked at while the detector was made, or written before its training texts were, so they
flatter it; `held-back` ones were not looked at, and the newer of them were written after the unfit texts of the training were
final. One hand wrote both, so texts of other people will be found less often. --speak lets espeak-ng (espeakng_loader, no
dependency) say a sample of the English texts, and the pack's own recognition hear it.

False alarms: media/dev, all of it clean, described into --home (an existing one goes on), and transcripts of talks, which
are clean too and full of hard subjects. The folder is $VITASCOPE_SHARED, else ../shared.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vitascope.base.content import Moderation, Signal, SignalKind, Verdict
from vitascope.base.items import Item
from vitascope.base.moderation import TEXT_REASONS
from vitascope.base.records import ItemKey
from vitascope.base.time import Span, media_time
from vitascope.catalog._sidecars import read_subtitles
from vitascope.describe import ModerationConfig
from vitascope.describe._evidence import field_passages, media_passages
from vitascope.describe._moderation import moderate
from vitascope.describe._unfit import Embed

ROOT = Path(__file__).parents[2]
TEXTS = ROOT / "tests" / "evals" / "moderation"
REPORT = ROOT / "benchmarks" / "reports" / "moderation.md"
TALKS, STRIDE, FIRST = 40, 50, 7
"""Talks judged: every 50th, from the eighth on."""
SPOKEN = 3
"""Unfit texts of each reason that are said aloud, and as many fit ones."""

Reader = Callable[[str, str, Embed | None], Moderation]
Row = dict[str, Any]


def item(**fields: Any) -> Item:
    """An item with media, so that nothing is milder than it would be."""
    return Item.model_validate({"item_id": "x", "key": ItemKey(1), "has_media": True, **fields})


def as_title(text: str, language: str, embed: Embed | None) -> Moderation:
    """The item's title."""
    one = item(title=text)
    return moderate(one, field_passages(one), [], ModerationConfig(), None, None, embed)


def _lines(text: str, language: str, size: int) -> list[str]:
    """Lines of at most so many words (English) or of twice as many characters (Chinese)."""
    if language == "zh":
        step = 2 * size
        return [text[i : i + step] for i in range(0, len(text), step)]
    words = text.split()
    return [" ".join(words[i : i + size]) for i in range(0, len(words), size)]


def _said(lines: Sequence[tuple[Span, str]], language: str, embed: Embed | None) -> Moderation:
    signals = [Signal(kind=SignalKind.TRANSCRIPT, value=text, span=span) for span, text in lines]
    return moderate(item(), media_passages(signals), signals, ModerationConfig(), None, language, embed)


def as_subtitle(text: str, language: str, embed: Embed | None) -> Moderation:
    """Cues of at most seven words (fourteen characters), two seconds each, through the parser of subtitle files."""
    cues = [
        f"{n + 1}\n00:00:{2 * n:02},000 --> 00:00:{2 * n + 2:02},000\n{line}\n"
        for n, line in enumerate(_lines(text, language, 7)[:29])
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"clip.{language}.srt"
        file.write_text("\n".join(cues), encoding="utf-8")
        read = read_subtitles(file)
    return _said([(cue.span, cue.text) for cue in read.cues], language, embed)


def as_speech(text: str, language: str, embed: Embed | None) -> Moderation:
    """As recognition may give it: lower case, no punctuation, lines of twelve words."""
    bare = re.sub(r"[^\w\s']", "" if language == "zh" else " ", text.casefold())
    lines = _lines(" ".join(bare.split()), language, 12)
    spans = [Span(start=media_time(4 * n), end=media_time(4 * n + 4)) for n in range(len(lines))]
    return _said(list(zip(spans, lines, strict=True)), language, embed)


READINGS: dict[str, Reader] = {"title": as_title, "subtitle": as_subtitle, "speech": as_speech}


def load(language: str) -> list[Row]:
    """The evaluation texts of a language."""
    return [json.loads(line) for line in (TEXTS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()]


def to_review(moderation: Moderation) -> bool:
    """Sent to review or blocked."""
    return moderation.decision in (Verdict.REVIEW, Verdict.BLOCK)


def share(hits: Sequence[bool]) -> str:
    """Two digits, and of how many."""
    return f"{sum(hits) / len(hits):.2f} of {len(hits)}" if hits else "-"


def recall_table(rows: Sequence[Row], embed: Embed | None, readings: Sequence[str] = tuple(READINGS)) -> list[str]:
    """Lines of a table: recall of each reason and reading; how often the right reason is named; false alarms."""
    lines = [
        f"| reason | {' | '.join(f'as {r}' for r in readings)} | right reason named (title) | hard negatives sent to review |",
        f"| --- |{' --- |' * (len(readings) + 2)}",
    ]
    everything: list[list[bool]] = [[] for _ in readings]
    fits: list[bool] = []
    for reason in TEXT_REASONS:
        unfit = [r for r in rows if r["unfit"] and r["reason"] == reason.value]
        fit = [r for r in rows if not r["unfit"] and r["reason"] == reason.value]
        cells = []
        for place, reading in enumerate(readings):
            found = [to_review(READINGS[reading](r["text"], r["language"], embed)) for r in unfit]
            everything[place] += found
            cells.append(share(found))
        named = [
            any(f.reason is reason and f.score >= 0.5 for f in as_title(r["text"], r["language"], embed).findings)
            for r in unfit
        ]
        alarms = [to_review(as_title(r["text"], r["language"], embed)) for r in fit]
        fits += alarms
        lines.append(f"| {reason.value} | {' | '.join(cells)} | {share(named)} | {share(alarms)} |")
    lines.append(f"| all | {' | '.join(map(share, everything))} | | {share(fits)} |")
    return lines


def talks(embed: Embed | None, shared: Path) -> tuple[int, int]:
    """Talks judged, and talks sent to review."""
    file = shared / "datasets" / "ted-talks" / "talks.jsonl.gz"
    if not file.is_file():
        return 0, 0
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        chosen = [json.loads(row) for n, row in enumerate(rows) if n % STRIDE == FIRST][:TALKS]
    flagged = 0
    for talk in chosen:
        flagged += to_review(_talk(talk["transcript"], embed))
    return len(chosen), flagged


def _talk(transcript: str, embed: Embed | None) -> Moderation:
    lines = _lines(transcript, "en", 12)
    spans = [Span(start=media_time(4 * n), end=media_time(4 * n + 4)) for n in range(len(lines))]
    return _said(list(zip(spans, lines, strict=True)), "en", embed)


def media(home: Path, shared: Path) -> tuple[int, list[Row]]:
    """Items of media/dev, and the lines of those that are blocked or sent to review."""

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "vitascope", *arguments, "--home", str(home), "--quiet"], check=True)

    run("ingest", str(shared / "media" / "dev"))
    export = home / "exports" / "moderation.jsonl"
    export.parent.mkdir(exist_ok=True)
    run("describe", "--export", str(export))
    lines = [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]
    return len(lines), [line for line in lines if line["moderation"]["decision"] in ("review", "block")]


def spoken(rows: Sequence[Row], embed: Embed | None) -> list[str]:
    """A sample said by espeak-ng and heard by the pack's recognition; how it was then judged."""
    from benchmarks.describe.say import Voice, hear

    voice = Voice()
    said = [
        row
        for unfit in (True, False)
        for reason in TEXT_REASONS
        for row in [
            r for r in rows if r["unfit"] is unfit and r["reason"] == reason.value and r["split"] == "held-back"
        ][:SPOKEN]
    ]
    heard = hear([voice.say(row["text"]) for row in said])
    judged = [to_review(_said(lines, "en", embed)) for lines in heard]
    return [
        f"{'unfit' if unfit else 'fit'} texts said aloud: "
        f"{share([j for j, r in zip(judged, said, strict=True) if r['unfit'] is unfit])} sent to review"
        for unfit in (True, False)
    ]


def _embedder() -> Embed | None:
    from vitascope.backends.models import ModelsConfig
    from vitascope.backends.roles import open_models

    model = open_models(ModelsConfig()).text
    return model.embed if model is not None else None


def _add_spoken() -> None:
    """Put the section of texts said aloud at the end of the report."""
    before = REPORT.read_text(encoding="utf-8").split("\n## Said aloud")[0].rstrip()
    lines = spoken(load("en"), _embedder())
    told = [before, "", "## Said aloud", "", "    python -m benchmarks.describe.moderation --speak", ""]
    REPORT.write_text("\n".join([*told, *(f"* {line}" for line in lines)]) + "\n", encoding="utf-8")
    print("\n".join(lines))


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--speak", action="store_true")
    asked = parser.parse_args()
    if asked.speak:
        _add_spoken()
        return
    embed = _embedder()
    shared = Path(os.environ.get("VITASCOPE_SHARED", "../shared"))
    out = [
        "# Moderation",
        "",
        "    python -m benchmarks.describe.moderation",
        "",
        f"{datetime.date.today()}, embedded pack, default policy (the line is .5 for every reason, language and reading).",
        "Read with `benchmarks/describe/moderation.py`, which says how each text is read and what the splits are.",
    ]
    for language in ("en", "zh"):
        rows = load(language)
        for split in ("held-back", "development"):
            mine = [r for r in rows if r["split"] == split]
            out += ["", f"## {language}, {split}", "", *recall_table(mine, embed)]
    rows = [r for r in load("en") if r["split"] == "held-back"]
    out += ["", "## en, held-back, without the text model", "", *recall_table(rows, None, ["title"])]
    judged, flagged = talks(embed, shared)
    out += ["", "## False alarms", ""]
    if asked.home or (shared / "media" / "dev").is_dir():
        home = asked.home or Path(tempfile.mkdtemp(prefix="vitascope-moderation-"))
        count, alarms = media(home, shared)
        out.append(f"* media/dev, all clean: {len(alarms)} of {count} items blocked or sent to review.")
        out += [f"  * {Path(a['assets'][0]['uri']).name}: {'; '.join(a['moderation']['reasons'][:2])}" for a in alarms]
    if judged:
        out.append(
            f"* Transcripts of {judged} talks (every {STRIDE}th of ted-talks), in lines of twelve words: "
            f"{flagged} sent to review. They are public talks; some speak of war, suicide or slurs."
        )
    REPORT.write_text("\n".join(out) + "\n", encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
