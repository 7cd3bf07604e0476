"""RecTools' sequential models beside ours on MovieLens 1M, after the same minutes of one processor thread.

    python -m benchmarks.recommend.beside_rectools PEERS OURS [OURS ...]

PEERS is the folder that `peer_rectools.py` filled (MODEL-MINUTES.jsonl, MODEL.json); each OURS is a report that
`ml1m_loo.py --report FILE --set VITASCOPE_TRAIN__SEQUENCE_MINUTES=N` wrote. All count what the training thread used of the
processor, one thread each, so that a busy machine slows nobody's count. Writes reports/rectools.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.recommend.ml1m_loo import referee

REPORT = Path(__file__).parents[1] / "reports" / "rectools.md"


def ours(path: Path) -> list[str]:
    """One row for a report of `ml1m_loo.py`."""
    text = path.read_text(encoding="utf-8")
    command = re.search(r"Made by `([^`]*)`", text)
    minutes = re.search(r"SEQUENCE_MINUTES=([0-9.]+)", text)
    figures = re.search(r"\*\*Vitascope, mean of (\d+) seed\(s\)\*\* \| ([0-9.]+)[^|]*\| ([0-9.]+)", text)
    epochs = re.findall(r"after ([0-9.]+) epochs, ([0-9]+) s of the processor", text)
    fits = re.findall(r"; fit ([0-9]+) s", text)
    if command is None or minutes is None or figures is None:
        raise SystemExit(f"{path} is no report of ml1m_loo.py with stated minutes")
    trained = ", ".join(f"{e} epochs in {int(s) / 60:.1f} min" for e, s in epochs)
    return [
        f"| **Vitascope's defaults**, {figures[1]} seed(s) | {minutes[1]} | {figures[2]} | {figures[3]} | {trained} | "
        f"whole fit, wall: {', '.join(f'{int(s) / 60:.0f} min' for s in fits)} |"
    ]


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", type=Path)
    parser.add_argument("ours", type=Path, nargs="+")
    args = parser.parse_args()
    source = Path(os.environ.get("VITASCOPE_SHARED", "../shared")).resolve() / "datasets" / "ml-1m-loo"
    rows = [line for path in args.ours for line in ours(path)]
    for told in sorted(args.peers.glob("*.json")):
        said = json.loads(told.read_text(encoding="utf-8"))
        for minutes, at in said["at"].items():
            lists = args.peers / f"{told.stem}-{float(minutes):g}.jsonl"
            found = referee(source, lists)
            rows.append(
                f"| RecTools {told.stem} | {float(minutes):g} | {found['HR@10']:.4f} | {found['NDCG@10']:.4f} | "
                f"{at['epochs']:.1f} epochs | {at['wall'] / 60:.0f} min |"
            )
    settings = "; ".join(
        f"{told.stem}: {json.loads(told.read_text(encoding='utf-8'))['settings']}"
        for told in sorted(args.peers.glob("*.json"))
    )
    text = (
        f"""# Beside RecTools, after the same minutes of a processor thread

    python benchmarks/recommend/peer_rectools.py DATASETS/ml-1m-loo PEERS --model sasrec|esasrec --minutes 10 20
    python benchmarks/recommend/ml1m_loo.py --seeds 0 --set VITASCOPE_TRAIN__SEQUENCE_MINUTES=N --report FILE
    python -m benchmarks.recommend.beside_rectools PEERS FILE ...

{datetime.now(UTC):%Y-%m-%d}; MovieLens 1M, leave one out, 6,040 people, the set's own referee; peers: RecTools 0.19.0, seed 0.
Minutes are those that the training thread used of the processor; ours also fits its closed forms, weights and ranker, which
the last column holds on the wall of a busy machine.

| | minutes of training | HR@10 | NDCG@10 | trained | on the wall |
| --- | --- | --- | --- | --- | --- |
"""
        + "\n".join(rows)
        + f"""

Settings of the peers are their own defaults, with histories of 200 as published runs on this set use ({settings}).
They are meant for a GPU and far more epochs, and none was tuned; popularity is at .0180. This says what each is worth where
only a processor is there, not what they are worth in the end.
"""
    )
    REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
