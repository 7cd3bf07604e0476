"""Writes benchmarks/privacy/report.md: `python -m benchmarks.privacy [--part NAME]... [--clip FILE] [--turns N]`.

A clip with speech adds a phrase that is heard in it. Named parts alone are measured anew; the others stay as they were written.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
from pathlib import Path

from benchmarks.privacy import canaries, cost, personal_data

REPORT = Path(__file__).parent / "report.md"
PARTS = ("canaries", "cost", "text")


def main() -> None:
    """Measure, and write the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--clip", type=Path)
    parser.add_argument("--turns", type=int, default=30)
    asked = parser.parse_args()
    written = REPORT.read_text("utf-8") if REPORT.exists() else ""
    parts = dict(re.findall(r"<!-- (\w+) -->\n(.*?)(?=<!-- |\Z)", written, re.S))
    for part in asked.part or PARTS:
        command = f"python -m benchmarks.privacy --part {part}"
        if part == "canaries":
            command += "" if asked.clip is None else f" --clip {asked.clip.name}"
            lines = planted(asked.clip)
        elif part == "cost":
            command += f" --turns {asked.turns}"
            lines = costs(asked.turns)
        else:
            lines = texts()
        told = f"`{command}`, {datetime.date.today()}, {os.cpu_count()} processors shared with other work."
        parts[part] = "\n".join([*lines[:2], told, "", *lines[2:], "", ""])
    head = "# Privacy, measured\n\nWhat each row means is said in the modules of this folder.\n\n"
    REPORT.write_text(head + "".join(f"<!-- {p} -->\n{parts[p]}" for p in PARTS if p in parts), encoding="utf-8")


def planted(clip: Path | None) -> list[str]:
    """Planted texts: in raw files, and after erasure."""
    sealed, control = (canaries.run(encrypted, clip) for encrypted in (True, False))
    inside, outside = sealed.told(sealed.before), control.told(control.before)
    lines = [
        "## Planted texts in raw files",
        "",
        "A full run (ingest, describe, import, comment, fit, list, profile, backup); then a search of the home, its logs, its "
        "folder for temporary files and the backup, in the forms that `backends/privacy/_search.py` lists. Bar: 0 with "
        "encryption, and the control finds them.",
        "",
        "| planted | found in an encrypted home | control: found in a plain home |",
        "| --- | --- | --- |",
    ]
    for name in sealed.texts:
        where = ", ".join(sorted({place.split(" (")[0].split("/")[0] for place in outside.get(name, [])}))
        lines.append(f"| {name} | {len(inside[name])} | {len(outside.get(name, []))}{f': {where}' if where else ''} |")
    found = (("encrypted", sealed), ("plain", control))
    return [
        *lines,
        "",
        "Name, e-mail address, comment and event are sealed in a plain home too; the control finds what the rest of the library "
        "holds: titles, what is heard or read in media, and a value of a bad row that the reason of its problem quotes.",
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
        *(f"| {n} | {len(o.after.found)} | {o.after.rows} | {'yes' if o.verified else 'NO'} |" for n, o in found),
    ]


def costs(turns: int) -> list[str]:
    """What encryption costs."""
    return [
        "## What encryption costs",
        "",
        "Turn by turn on both homes, seed 0; medians. Bars: under 25% on event writes, under 5% on recommendations.",
        "",
        "| work | turns | plain, ms | encrypted, ms | median of ratios | quarter to three quarters |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| {c.name} | {c.turns} | {c.plain * 1e3:.2f} | {c.encrypted * 1e3:.2f} | {c.ratio - 1:+.1%} "
            f"| {c.low - 1:+.1%} to {c.high - 1:+.1%} |"
            for c in cost.measure(turns)
        ),
    ]


def texts() -> list[str]:
    """How much personal data is found."""
    return [
        "## Personal data in text",
        "",
        "Texts of our own with made-up data (tests/evals/personal_data), marked by hand. Odd lines were looked at while the "
        "patterns were written, even ones are held back. Whole: every character of a label is masked.",
        "",
        *personal_data.table(),
        "",
        "What is missed is names that nothing in the text marks as such (no title, no cue, a given name that is not among the "
        "frequent ones, a family name alone), above all in Chinese in the middle of a sentence.",
    ]


if __name__ == "__main__":
    main()
