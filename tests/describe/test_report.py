"""The report of the bars takes figures from reports, and says what they do not state."""

from __future__ import annotations

import pytest
from benchmarks.describe import report as bars

MEDIA = """# What is said

    python benchmarks/media.py

| figure | here |
| --- | --- |
| described | **1.000** |
| language | 0.930 |
| WER en | 0.131 |
"""


def row(name: str, reports: dict[str, str]) -> list[str]:
    told = next(line for line in bars.written(reports).splitlines() if line.startswith(f"| {name}"))
    return [cell.strip() for cell in told.strip("|").split("|")]


def test_a_figure_comes_with_its_command_and_report() -> None:
    assert row("described", {"media.md": MEDIA})[3:] == [
        "1.000",
        "must",
        "`python benchmarks/media.py`",
        "[media.md](../reports/media.md)",
    ]


def test_a_missed_bar_is_said() -> None:
    assert row("language", {"media.md": MEDIA})[3:5] == ["0.930", "**missed**"]


def test_what_no_report_states_is_not_measured() -> None:
    assert row("cuts and fades", {"media.md": MEDIA})[3:5] == ["not measured", ""]
    assert "no such row" in row("kind", {"media.md": MEDIA})[3]
    assert row("WER", {"media.md": MEDIA})[3].startswith("0.131; the rest not measured")


@pytest.mark.parametrize(("text", "value"), [("9.82 (45)", 9.82), ("1 of 40", 0.025), (".5", 0.5), ("-", None)])
def test_the_number_of_a_cell(text: str, value: float | None) -> None:
    assert bars.figure(text) == value


def test_every_bar_asks_for_a_place() -> None:
    assert all(bar.places for bar in bars.BARS)


def test_recall_is_that_of_the_reason_found_least() -> None:
    reasons = ("hate", "harassment", "self-harm", "sexual", "violence", "drugs")
    rows = [
        f"| {reason} | 1.00 of 9 | 0.9{n} of 9 | {'0.60' if n == 4 else '1.00'} of 9 |"
        for n, reason in enumerate(reasons)
    ]
    table = "\n".join([*rows, "| all | 0.99 of 54 | 0.99 of 54 | 0.99 of 54 |"])
    told = row("moderation: recall", {"moderation.md": table})
    assert told[3:5] == ["1.00 of 9 / 0.90 of 9 / 0.60 of 9", "**missed**"]
