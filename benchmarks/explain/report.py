"""How true the explanations are, measured: writes benchmarks/explain/report.md.

usage: python -m benchmarks.explain.report --home HOME [--talks FILE] [--only SECTION ...] [--people 60] [--seed 0]

HOME is a fitted library (python -m benchmarks.explain.home makes one); --talks the talks of datasets/ted-talks, whose
transcripts stand for stretches of media. With --only, the other sections of the report stay as they are.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.explain import faithful
from benchmarks.explain.faithful import ABOUT, Asker, Result

HERE = Path(__file__).resolve().parent
REPORT = HERE / "report.md"
MEDIA: Path | None = None
"""A copy of a library of described media: people are made in it."""
MODEL_CASES = 8
"""Records that the language model is asked about."""
WORDY = 20
"""Cases of LIME, which reads each text some hundred times."""


def ratio(falls: list[tuple[float, float]], random: np.random.Generator) -> tuple[float, float, float]:
    """Mean fall by the named ones over the mean fall by others, and its 95% interval (percentiles of 1,000 resamples)."""
    told = np.array(falls)

    def of(some: Any) -> float:
        top, others = some.mean(axis=0)
        return float("inf") if others <= 0 else float(top / others)

    tries = [of(told[random.integers(len(told), size=len(told))]) for _ in range(1_000)]
    low, high = np.percentile(np.minimum(tries, 1e6), [2.5, 97.5])
    return of(told), float(low), float(high)


def spell(x: float) -> str:
    """A ratio; others that do not lower the score at all make it boundless."""
    return "∞" if x >= 1e6 else f"{x:.1f}"


def run_faithful(home: Any, talks: Path | None, people: int, seed: int) -> str:
    """Deletion and insertion of every way."""
    results: dict[str, Result] = {name: Result() for name in ABOUT}
    random = np.random.default_rng(seed)
    asker = Asker(home, seed)
    for number, (request, row) in enumerate(asker.cases(people)):
        opened = asker.open(request, row)
        cases = {"readable": opened.readable(), "fusion": opened.fusion(), "left-out": opened.left_out()}
        cases |= opened.looks()
        if number < WORDY:
            cases["words"] = opened.words()
        for name, case in cases.items():
            if case is not None:
                results[name].add(case, random)
    model, saids = faithful.ranker(asker, seed)
    for said in saids[: 4 * people]:
        results["shap"].add(faithful.ranker_cases(said, model, {"take": 1.0}, random), random)
    if talks is not None:
        for case in faithful.talk_cases(talks, asker.rec, seed):
            results["segments"].add(case, random)
    lines = [
        f"Cases: {people} people drawn by seed {seed}, an item drawn from each one's list of ten "
        f"({WORDY} of them for words; SHAP: candidates of {4 * people} lists); others are drawn {faithful.DRAWS} times a case. "
        "The ranker is fitted here on people's last items, whether or not the library's own gate took one. "
        "Others drawn at random may speak against the item: taking them away raises its score, and a ratio is then without "
        "bound; beside it stands the ratio to others that are said to speak for it too. Ratio: mean fall by the three named "
        "over mean fall by three others, with its 95% interval; 2 is wanted, 5 aimed at.",
        "",
        "| way | reasons | cases | fall by named | by others | ratio | 95% interval | over others that speak for it | "
        "kept alone: named / others | shown |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    curves = [
        "",
        "Falls by how many are taken away (named / others):",
        "",
        "| way | " + " | ".join(f"{k}" for k in faithful.DEPTHS) + " |",
    ]
    curves.append("| --- |" + " --- |" * len(faithful.DEPTHS))
    for name, result in results.items():
        if len(result.falls) < 10:
            lines.append(f"| {name} | {ABOUT[name][0]} | {len(result.falls)} | too few cases | | | | | | no |")
            continue
        top, others = np.mean(result.falls, axis=0)
        mean, low, high = ratio(result.falls, random)
        kept, rest = np.mean(result.inserted, axis=0)
        strict = "" if len(result.strict) < 10 else "{} ({} to {})".format(*map(spell, ratio(result.strict, random)))
        lines.append(
            f"| {name} | {ABOUT[name][0]} | {len(result.falls)} | {top:.4f} | {others:.4f} | {spell(mean)} | "
            f"{spell(low)} to {spell(high)} | {strict} | {kept:.4f} / {rest:.4f} | {'yes' if mean >= 2 else 'no'} |"
        )
        cells = []
        for at in range(len(faithful.DEPTHS)):
            some = [c[at] for c in result.curve if len(c) > at]
            pair = np.mean(some, axis=0) if len(some) > 5 else None
            cells.append("" if pair is None else f"{pair[0]:.3f} / {pair[1]:.3f}")
        curves.append(f"| {name} | " + " | ".join(cells) + " |")
    what = [
        "",
        "What is taken away, and from which score:",
        "",
        *(f"* {name}: {text}." for name, (_, text) in ABOUT.items()),
    ]
    return "\n".join([*lines, *curves, *what])


def run_exact(home: Any, talks: Path | None, people: int, seed: int) -> str:
    """How exactly parts sum to scores."""
    asker = Asker(home, seed)
    worst = {"fusion, the score": 0.0, "SHAP, the score": 0.0, "SHAP, an outcome's log-odds": 0.0}
    for request, row in asker.cases(people):
        why = asker.rec.why(request, asker.shelf.table.items[row], deep=False)
        for told in why.item.explanation.told:
            away = abs(told.base + sum(r.amount for r in told.reasons) - told.score)
            name = "fusion, the score" if told.method == "fusion" else "SHAP, the score"
            worst[name] = max(worst[name], away)
    model, saids = faithful.ranker(asker, seed, 200)
    for said in saids[:people]:
        shap = faithful.Shap(model, {"take": 1.0}, said)
        for told in shap.told([int(r) for r in said.rows[:10]]).values():
            away = abs(told.base + sum(r.amount for r in told.reasons) - told.score)
            worst["SHAP, the score"] = max(worst["SHAP, the score"], away)
        for told in shap.outcomes(int(said.rows[0])):
            away = abs(told.base + sum(r.amount for r in told.reasons) - told.score)
            worst["SHAP, an outcome's log-odds"] = max(worst["SHAP, an outcome's log-odds"], away)
    rows = [f"| {name} | {away:.1e} |" for name, away in worst.items()]
    return "\n".join(["| sum | largest difference |", "| --- | --- |", *rows])


def run_time(home: Any, talks: Path | None, people: int, seed: int) -> str:
    """What explaining adds to a list of ten."""
    asker = Asker(home, seed)
    requests = [request for request, _ in asker.cases(min(people, 20))]
    spent: dict[str, list[float]] = {"list": [], "with explanations": []}
    for turn in range(4):
        for request in requests:
            for name, explain in (("list", False), ("with explanations", True)):
                asked = request.model_copy(update={"explain": explain, "n": 10})
                began = time.perf_counter()
                asker.rec.recommend(asked)
                if turn:
                    spent[name].append(time.perf_counter() - began)
    plain, told = (float(np.median(spent[name])) for name in spent)
    deep: list[float] = []
    for request, row in list(asker.cases(2)):
        began = time.perf_counter()
        asker.rec.why(request, asker.shelf.table.items[row])
        deep.append(time.perf_counter() - began)
    return "\n".join(
        [
            f"Median over {len(requests)} people, three turns: a list of ten {1e3 * plain:.1f} ms, with its explanations (terms, "
            f"parts, cause, sentence) {1e3 * told:.1f} ms: {100 * (told / plain - 1):.0f}% more. "
            f"Everything of one item (LIME, attention, gradients, acts left out): {np.median(deep):.1f} s.",
        ]
    )


def run_checker(home: Any, talks: Path | None, people: int, seed: int) -> str:
    """The checker on true sentences and on ones with a planted falsehood."""
    from benchmarks.explain import sentences
    from vitascope.assemble import open_system
    from vitascope.recommend.spoken import unsupported

    sources = sentences.records(home, 80, seed, 4)
    if MEDIA is not None:
        media = open_system(MEDIA)
        if not media.people(1):
            sentences.people_made(media, seed)
        sources = sentences.records(media, 150, seed) + sources
        media.close()
    lines = [
        f"Records: {len(sources)} (films with plays; described media with made people, who like, finish and skip), patterns of "
        "tests/evals/sentences, 300 true and 300 false sentences each (a name, number, time, feature or sign planted, as even as "
        "the records allow).",
        "",
        "| language | patterns | wrongly refused | caught | missed, by kind |",
        "| --- | --- | --- | --- | --- |",
    ]
    for language in ("en", "zh"):
        for which in ("true", "held", "fresh"):
            true, false = sentences.samples(sources, language, 300, seed, which)
            refused = [s for s in true if unsupported(s.text, s.facts, language)]
            missed = [s for s in false if not unsupported(s.text, s.facts, language)]
            kinds = ", ".join(sorted({s.false for s in missed})) or "none"
            lines.append(
                f"| {language} | {which} | {len(refused) / len(true):.3f} of {len(true)} | "
                f"{1 - len(missed) / len(false):.4f} of {len(false)} | {kinds} |"
            )
    return "\n".join(lines)


def run_spoken(home: Any, talks: Path | None, people: int, seed: int) -> str:
    """The sentences that records get, judged by the checker; 100 drawn stand with their records in explanations.md."""
    from benchmarks.explain import sentences
    from vitascope.assemble import open_system
    from vitascope.recommend.speak import speak
    from vitascope.recommend.spoken import unsupported

    system = open_system(MEDIA) if MEDIA is not None else home
    if not system.people(1):
        sentences.people_made(system, seed)
    found = sentences.records(system, 500, seed)
    language = system._rooms.language
    counts = {"en": 0, "zh": 0}
    lines = [
        "# A hundred explanations with their records",
        "",
        f"Drawn by seed {seed} of {len(found)}; made by the same command.",
        "",
    ]
    drawn = set(np.random.default_rng(seed).permutation(len(found))[:100].tolist())
    asked = (
        [int(i) for i in np.random.default_rng(seed).permutation(len(found))[:MODEL_CASES]]
        if language is not None
        else []
    )
    by_model = sum(speak(language, found[i].why, found[i].because, found[i].facts)[1] != "template" for i in asked)
    for at, one in enumerate(found):
        why = one.why.item.explanation
        assert why is not None
        for name, text in (("en", why.sentence), ("zh", why.sentence_zh)):
            counts[name] += not unsupported(text, one.facts, name)
        if at in drawn:
            terms = ", ".join(f"{c.feature} {c.product:+.3f}" for c in why.contributions[:6])
            cause = f"{one.because[1]} “{one.because[0]}”" if one.because is not None else "none"
            lines += [
                f"* “{one.why.title}” ({why.source}), cause: {cause}; {terms}",
                f"  * {why.sentence}",
                f"  * {why.sentence_zh}",
            ]
    (HERE / "explanations.md").write_text("\n".join(lines) + "\n", "utf-8")
    if system is not home:
        system.close()
    model = f"The language model was asked for {len(asked)} of them and kept to the record in {by_model}."
    return (
        f"Records: {len(found)} of described media, people made. Template sentences without a finding: "
        f"English {counts['en']}, Chinese {counts['zh']}. {model if asked else 'No language model was asked.'} "
        "A hundred stand in [explanations.md](explanations.md)."
    )


SECTIONS = {
    "Deletion and insertion": run_faithful,
    "Sums": run_exact,
    "Checker of sentences": run_checker,
    "Sentences": run_spoken,
    "Time": run_time,
}


def put(head: str, text: str) -> None:
    """Put a section into the report in place of the older one."""
    old = REPORT.read_text("utf-8") if REPORT.is_file() else "# How true the explanations are\n"
    made = f"## {head}\n\n{text.rstrip()}\n"
    pattern = re.compile(rf"^## {re.escape(head)}\n.*?(?=^## |\Z)", re.M | re.S)
    new = pattern.sub(lambda _: made + "\n", old) if pattern.search(old) else old.rstrip() + "\n\n" + made
    REPORT.write_text(new.rstrip() + "\n", "utf-8")


def main() -> None:
    """Measure and write."""
    from vitascope.assemble import open_system

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--talks", type=Path, help="talks.jsonl.gz, for the stretches")
    parser.add_argument(
        "--media", type=Path, help="copy of a library of described media, for sentences; people are made in it"
    )
    parser.add_argument("--only", nargs="*", choices=list(SECTIONS), default=list(SECTIONS))
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    global MEDIA
    MEDIA = args.media
    home = open_system(args.home)
    try:
        for head in args.only:
            began = time.process_time()
            text = SECTIONS[head](home, args.talks, args.people, args.seed)
            more = (" --talks FILE" if args.talks else "") + (" --media MEDIA" if args.media else "")
            command = f"python -m benchmarks.explain.report --home HOME{more} --only '{head}'"
            made = f"Made on {time.strftime('%Y-%m-%d')} by `{command} --people {args.people} --seed {args.seed}`"
            put(head, f"{made} in {time.process_time() - began:.0f} s of the processor.\n\n{text}")
            print(text, flush=True)
    finally:
        home.close()


if __name__ == "__main__":
    main()
