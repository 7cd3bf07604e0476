"""How long does `vitascope --help` take, as a ratio to `python -c pass`?

    python benchmarks/startup.py            # writes benchmarks/reports/startup.md

Runs both in turn (A B A B ...), so that a busy machine slows both alike, and compares the medians.
"""

from __future__ import annotations

import datetime
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
REPORT = Path(__file__).parent / "reports" / "startup.md"


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one run."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    vitascope = Path(sys.executable).with_name("vitascope")
    floor, help_page = [sys.executable, "-c", "pass"], [str(vitascope), "--help"]
    seconds(help_page)
    pairs = [(seconds(floor), seconds(help_page)) for _ in range(RUNS)]
    low, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(b / a for a, b in pairs)
    text = f"""# Start-up

    python benchmarks/startup.py

{datetime.date.today()}, {RUNS} pairs in turn after one warm-up, medians.

| command | seconds |
| --- | --- |
| `python -c pass` | {low:.3f} |
| `vitascope --help` | {ours:.3f} |

Ratio, pair by pair: {ratio:.1f} (the bound is {ours:.3f} s < 0.3 s: {"held" if ours < 0.3 else "MISSED"}).
"""
    REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
