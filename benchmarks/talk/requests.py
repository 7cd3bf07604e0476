"""How many requests are read right: rules alone, and with the language model of the pack or of an endpoint.

usage: python -m benchmarks.talk.requests [--model] [--whole N] [--seed 0] [--set VARIABLE=VALUE ...] [--report FILE]

The texts are tests/evals/requests: `dev`, on which the rules were made, and `held`, which were written after the rules
stood and on which nothing was changed. A request is right only where every field is right, the empty ones too. `--model`
asks the language model about the words that rules leave over (`unsure`); `--whole N` has it fill the whole form for N
requests of `held` in each language, drawn by seed (`always`; it is slow). `--set` names another model, as VITASCOPE_MODELS__ENDPOINTS__LANGUAGE_MODEL__URL=http://localhost:8000/v1.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from vitascope.base.ports.models import LanguageModel
from vitascope.recommend.talk import parse
from vitascope.recommend.talk.evaluate import Case, missed, read
from vitascope.recommend.talk.model import ModelReader, prompt
from vitascope.recommend.talk.talker import Reader, by_rules

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT / "tests" / "evals" / "requests"
REPORT = ROOT / "benchmarks" / "talk" / "report.md"
LANGUAGES = ("en", "zh")


def judged(cases: list[Case], reader: Reader) -> tuple[list[tuple[str, tuple[str, ...]]], float]:
    """(text, wrong fields) of those that are wrong, and seconds a request."""
    began = time.perf_counter()
    wrong = [(case.text, bad) for case in cases if (bad := missed(reader(case.text)[0], case.want))]
    return wrong, (time.perf_counter() - began) / max(1, len(cases))


def row(name: str, cases: list[Case], reader: Reader, failures: dict[str, list[tuple[str, tuple[str, ...]]]]) -> str:
    """One line of the table."""
    wrong, seconds = judged(cases, reader)
    failures[name] = wrong
    fields = Counter(field for _, bad in wrong for field in bad)
    most = ", ".join(f"{f} {n}" for f, n in fields.most_common(4))
    right = len(cases) - len(wrong)
    return f"| {name} | {len(cases)} | {right} | {right / max(1, len(cases)):.3f} | {1000 * seconds:.1f} | {most} |"


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", action="store_true")
    parser.add_argument("--whole", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--report", type=Path, default=REPORT)
    told = parser.parse_args()
    os.environ.update(dict(pair.split("=", 1) for pair in told.settings))
    head = "| what reads | requests | right | share | ms a request | fields that are wrong most |"
    rows = [head, "| --- | --- | --- | --- | --- | --- |"]
    failures: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    parse("warm up")
    for part in ("dev", "held"):
        for language in LANGUAGES:
            cases = read(TEXTS / f"{language}_{part}.jsonl")
            rows.append(row(f"rules, {language}, {part}", cases, by_rules, failures))
    notes = []
    if told.model or told.whole:
        from vitascope.assemble import open_system

        with tempfile.TemporaryDirectory() as folder:
            system = open_system(Path(folder) / "home")
            model: LanguageModel | None = system.rooms.language
            if model is None:
                sys.exit("there is no language model: vitascope models pull")
            notes.append(f"Model {model.info.id}; prompts {prompt('subject')[0]}, {prompt('request')[0]}.")
            for language in LANGUAGES:
                cases = read(TEXTS / f"{language}_held.jsonl")
                if told.model:
                    rows.append(
                        row(f"rules + model on words left over, {language}, held", cases, ModelReader(model), failures)
                    )
                if told.whole:
                    drawn = random.Random(told.seed).sample(cases, min(told.whole, len(cases)))
                    rows.append(
                        row(
                            f"model fills the form, {language}, {len(drawn)} of held",
                            drawn,
                            ModelReader(model, "always"),
                            failures,
                        )
                    )
                    rows.append(row(f"rules, the same {len(drawn)}, {language}", drawn, by_rules, failures))
            system.close()
    told.report.write_text(report(rows, failures, notes), encoding="utf-8")
    print("\n".join(rows))


def report(rows: list[str], failures: dict[str, list[tuple[str, tuple[str, ...]]]], notes: list[str]) -> str:
    """The report's text."""
    command = " ".join(["python -m benchmarks.talk.requests", *sys.argv[1:]])
    lines = [
        "# Requests in words: how many are read right",
        "",
        f"    {command}",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}. Exact match of every field. `held` was written after the rules stood, and nothing was",
        "changed on it. One author wrote texts and rules, so other people's requests will be read worse still. Bar: the pack",
        "with rules at or above rules alone; aim 0.900.",
        *notes,
        "",
        *rows,
    ]
    for name, wrong in failures.items():
        if "held" in name and name.startswith(("rules,", "rules +")):
            lines += ["", f"## Read wrong: {name}", "", *(f"* {text} ({', '.join(bad)})" for text, bad in wrong)]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
