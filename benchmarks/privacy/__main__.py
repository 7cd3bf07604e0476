"""Writes benchmarks/privacy/report.md: `python -m benchmarks.privacy [--clip FILE] [--turns N]`.

A clip with speech adds a phrase that is heard in it.
"""

from __future__ import annotations

import argparse
import datetime
import os
from pathlib import Path

from benchmarks.privacy import canaries, cost, personal_data

REPORT = Path(__file__).parent / "report.md"


def main() -> None:
    """Measure, and write the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--turns", type=int, default=30)
    asked = parser.parse_args()
    sealed, control = (canaries.run(encrypted, asked.clip) for encrypted in (True, False))
    costs = cost.measure(asked.turns)
    clip = "" if asked.clip is None else f" --clip {asked.clip.name}"
    lines = [
        "# Privacy, measured",
        "",
        f"Command: `python -m benchmarks.privacy{clip} --turns {asked.turns}`, {datetime.date.today()}, seed 0, "
        f"{os.cpu_count()} processors shared with other work. What is meant by each row is said in the modules of this folder.",
        "",
        "## Planted texts in raw files",
        "",
        "A full run (ingest, describe, import, comment, fit, list, profile, backup); then a search of the home, its logs, its "
        "folder for temporary files and the backup, in the forms that `backends/privacy/_search.py` lists. Bar: 0 with "
        "encryption, and the control finds them.",
        "",
        "| planted | encrypted home | control: a plain home |",
        "| --- | --- | --- |",
    ]
    inside, outside = sealed.told(sealed.before), control.told(control.before)
    for name in sealed.texts:
        where = ", ".join(sorted({place.split("/")[0].split(" (")[0] for place in outside.get(name, [])}))
        lines.append(f"| {name} | {len(inside[name])} | {len(outside.get(name, []))}{f': {where}' if where else ''} |")
    lines += [
        "",
        "What is personal (name, e-mail address, comment, event, row) is sealed in a plain home too, so the control finds there "
        "what the rest of the library holds: titles and what is heard.",
        f"Looked through: {sealed.before.files} files, {sealed.before.bytes / 1e6:.1f} MB (encrypted); "
        f"{control.before.files} files, {control.before.bytes / 1e6:.1f} MB (control). Not readable: "
        f"{len(sealed.before.unread)} and {len(control.before.unread)}.",
        "",
        "## After erasure, with the keys at hand",
        "",
        "The people are erased; then the same search of raw files, and of every value that the keys open. Bar: 0.",
        "",
        "| home | traces of people | values looked through | receipts verified |",
        "| --- | --- | --- | --- |",
        *(
            f"| {'encrypted' if one.encrypted else 'plain'} | {len(one.after.found)} | {one.after.rows} "
            f"| {'yes' if one.verified else 'NO'} |"
            for one in (sealed, control)
        ),
        "",
        "## What encryption costs",
        "",
        "Turn by turn on both homes; medians. Bars: under 25% on event writes, under 5% on recommendations.",
        "",
        "| work | turns | plain, ms | encrypted, ms | median of ratios |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {c.name} | {c.turns} | {c.plain * 1e3:.2f} | {c.encrypted * 1e3:.2f} | {c.ratio - 1:+.1%} |"
            for c in costs
        ),
        "",
        "## Personal data in text",
        "",
        "Texts of our own with made-up data (tests/evals/personal_data), marked by hand. Odd lines were looked at while the "
        "patterns were written, even ones are held back. Whole: every character of a label is masked.",
        "",
        *personal_data.table(),
        "",
        "What is missed is names that nothing in the text marks as such (no title, no cue, a given name that is not among the "
        "frequent ones, a family name alone), above all in Chinese in the middle of a sentence.",
        "",
    ]
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    print(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
