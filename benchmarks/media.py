"""How right is what Vitascope says about real media? Everything through the commands, scored by the media's own referee.

    python benchmarks/media.py [--home DIR]      # writes benchmarks/reports/media.md

Ingests and describes all of media/dev (with the language model on), kept in --home so that an interrupted run goes on, exports
the descriptions and gives them to media/score.py. The folder is $VITASCOPE_SHARED, else ../shared.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REPORT = Path(__file__).parent / "reports" / "media.md"
FLOORS = {"WER en": ".148", "WER other": ".411", "CER zh/ja/ko": ".430", "language": ".887"}
"""Bare Whisper base, from media/FLOORS.md."""


def vitascope(home: Path, *arguments: str) -> dict[str, Any]:
    """A command's --json answer."""
    command = [sys.executable, "-m", "vitascope", *arguments, "--home", str(home), "--json"]
    answer: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path)
    home = parser.parse_args().home or Path(tempfile.mkdtemp(prefix="vitascope-media-"))
    os.environ["VITASCOPE_SIGNALS__SHARED"] = "false"  # nothing is taken from other libraries
    shared = Path(os.environ.get("VITASCOPE_SHARED", "../shared")) / "media"
    if not (shared / "score.py").is_file():
        sys.exit(f"no media to score at {shared}: set VITASCOPE_SHARED")
    done = vitascope(home, "ingest", str(shared / "dev"))
    problems = vitascope(home, "problems")["problems"]
    status = vitascope(home, "status")["counts"]
    export = home / "exports" / "media.jsonl"
    vitascope(home, "describe", "--export", str(export))
    lines = len(export.read_text("utf-8").splitlines())
    referee = [sys.executable, str(shared / "score.py"), str(export), "--json"]
    figures = json.loads(subprocess.run(referee, check=True, stdout=subprocess.PIPE).stdout)
    rows = "\n".join(f"| {name} | {value:.3f} | {FLOORS.get(name, '')} |" for name, value in figures.items())
    REPORT.write_text(
        f"""# What is said about real media

    python benchmarks/media.py

{datetime.date.today()}, embedded pack, language model on, one `vitascope ingest` of media/dev: {status["items"]} items,
{lines} lines exported, {status["pending"]} left undescribed, {len(problems)} problems kept with reason and remedy; the last
run took {done["seconds"]:.0f} s (an interrupted one goes on, so that may be a part).

| figure of the referee | here | bare Whisper base |
| --- | --- | --- |
{rows}

The coefficients of speech, music and other were trained on these clips: `python benchmarks/train_audio_kind.py MEDIA` has the
held-out figures. The thresholds of near-duplicates were chosen while looking at these families.
""",
        encoding="utf-8",
    )
    print(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
