"""Does the voice tell how lively somebody speaks? The baseline of neutral speech, and what it tells apart.

    python -m benchmarks.describe.voice_feeling [--write]

Speech: the group `speech` of the shared media, read by people in a neutral voice; every source counts alike. Feeling: the
acted sentences of the group `emotion`, which are used to judge alone, never to choose a number. Anger, happiness and fear
are spoken in a raised voice, sadness, boredom and neutral in a low one; disgust is neither. `--write` puts the baseline into
the package; the report goes to reports/voice_feeling.md.
"""

from __future__ import annotations

import argparse
import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.referee import media_folder, rows_of, sound_of
from vitascope.describe.extractors import _feeling

RAISED, LOW = ("anger", "happiness", "fear"), ("sadness", "boredom", "neutral")
HERE = Path(__file__).parents[1]
TARGET = HERE.parent / "src/vitascope/describe/data/voice_feeling.json"


def label(row: dict[str, str], name: str) -> str:
    """A label of the manifest: `name=value`."""
    return next((part.split("=", 1)[1].strip() for part in row["labels"].split(";") if part.startswith(name + "=")), "")


def baseline(media: Path) -> tuple[dict[str, object], int]:
    """Mean and deviation of each figure over the sources of neutral speech, each source alike."""
    by_source: dict[str, list[dict[str, float]]] = {}
    for row in rows_of(media, "speech"):
        found = _feeling.voice_figures(sound_of(media / row["path"]))
        if found is not None:
            by_source.setdefault(Path(row["path"]).name.split("__")[0], []).append(found)
    table: dict[str, object] = {"version": "1", "made_by": "benchmarks/describe/voice_feeling.py"}
    count = sum(map(len, by_source.values()))
    table["made_from"] = f"{count} clips of {len(by_source)} sources of neutral speech; no sound is contained"
    for name in ("pitch", "tilt"):
        means = [np.mean([f[name] for f in rows]) for rows in by_source.values()]
        squares = [np.mean([f[name] ** 2 for f in rows]) for rows in by_source.values()]
        mean = float(np.mean(means))
        table[name] = {
            "mean": round(mean, 3),
            "deviation": round(float(np.sqrt(np.mean(squares) - mean**2)), 3),
        }
    return table, count


def auc(high: list[float], low: list[float]) -> float:
    """Share of pairs in the right order, ties half."""
    return float(np.mean([(a > b) + 0.5 * (a == b) for a, b in itertools.product(high, low)]))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    media = media_folder()
    if write:
        table, _ = baseline(media)
        TARGET.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
        _feeling.baseline.cache_clear()
    by: dict[str, list[tuple[float, float, float]]] = {}
    silent = 0
    for row in rows_of(media, "emotion"):
        found = _feeling.voice_figures(sound_of(media / row["path"]))
        if found is None:
            silent += 1
            continue
        by.setdefault(label(row, "emotion"), []).append((_feeling.arousal(found), found["pitch"], found["tilt"]))
    raised = [v for e in RAISED for v in by.get(e, [])]
    low = [v for e in LOW for v in by.get(e, [])]
    rng = np.random.default_rng(0)
    draws = [
        auc([raised[i][0] for i in rng.integers(len(raised), size=len(raised))],
            [low[i][0] for i in rng.integers(len(low), size=len(low))])
        for _ in range(2_000)
    ]  # fmt: skip
    interval = np.percentile(draws, [2.5, 97.5])
    aucs = [auc([v[k] for v in raised], [v[k] for v in low]) for k in range(3)]
    table = _feeling.baseline()
    lines = [
        "# How lively a voice is",
        "",
        "    python -m benchmarks.describe.voice_feeling" + (" --write" if write else ""),
        "",
        f"{datetime.now(UTC):%Y-%m-%d}; baseline of {table['made_from']}. {sum(map(len, by.values()))} acted sentences judged,",
        f"{silent} without enough voice. They are German, two seconds each, and chose no number. Seed 0 for the interval.",
        "",
        "| raised voice (anger, happiness, fear) above low (sadness, boredom, neutral): share of pairs in order | |",
        "| --- | --- |",
        f"| arousal, as used | {aucs[0]:.3f} "
        f"(95% {interval[0]:.2f} to {interval[1]:.2f}; {len(raised)} and {len(low)}) |",
        f"| pitch alone | {aucs[1]:.3f} |",
        f"| tilt of the spectrum alone | {aucs[2]:.3f} |",
        "| chance | 0.500 |",
        "",
        "| feeling acted | sentences | arousal, mean | each |",
        "| --- | --- | --- | --- |",
    ]
    for name, rows in sorted(by.items(), key=lambda e: -float(np.mean([v[0] for v in e[1]]))):
        each = " ".join(f"{v[0]:.2f}" for v in rows)
        lines.append(f"| {name} | {len(rows)} | {np.mean([v[0] for v in rows]):.2f} | {each} |")
    lines += ["", "Anger and happiness are not told apart by it, nor sadness and boredom: only words do that."]
    text = "\n".join(lines) + "\n"
    (HERE / "reports/voice_feeling.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
