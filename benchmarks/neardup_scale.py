"""Does finding copies grow with the library, or with its square? What one work costs, by how many are there.

    python -m benchmarks.neardup_scale [--seed 1]      # writes benchmarks/reports/neardup_scale.md

Works are made, not real: 40 s of prints of sound and pictures that wander as prints do (each bit flips with a chance of .15 from
one to the next), every tenth a copy of an earlier one with one bit in twenty wrong, so that it shows whether they are still
found. Twelve works are asked in each library. Counted are equal hashes looked at and alignments checked, which no other work on
the machine changes, and CPU seconds.

The index keeps a bounded number of rows (8 million of sound, 2 million of pictures) and thins them evenly where there are more:
below the bound a work's cost grows with the library, above it it does not. Both bounds are divided by --down here, so that a
small library shows what a large one does.
"""

from __future__ import annotations

import argparse
import datetime
import math
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from vitascope.base.ports.stores import Fingerprint
from vitascope.base.records import AssetKey, ItemKey
from vitascope.catalog import _picture_match, _sound_match
from vitascope.catalog._neardup import MOST_CHECKS, Index

REPORT = Path(__file__).parent / "reports" / "neardup_scale.md"
SIZES = (50, 100, 200, 400, 800)
SECONDS, ASKED = 40, 12


def wandering(draw: np.random.Generator, rows: int, width: int) -> np.ndarray:
    """Bits, shape (rows, width), each like the one before it."""
    flips = draw.random((rows, width)) < 0.15
    flips[0] = draw.random(width) < 0.5
    return np.logical_xor.accumulate(flips, axis=0)


def works(count: int, seed: int) -> tuple[list[Fingerprint], dict[int, int]]:
    """Made works, and which of them are copies of which."""
    draw = np.random.default_rng(seed)
    sounds, pictures, copies = [], [], {}
    for number in range(count):
        if number % 10 == 9:
            source = int(draw.integers(0, number))
            copies[number] = source
            sounds.append(sounds[source] ^ (draw.random(sounds[source].shape) < 0.05))
            pictures.append(pictures[source] ^ (draw.random(pictures[source].shape) < 0.05))
        else:
            sounds.append(wandering(draw, SECONDS * 25, 96))
            shown = wandering(draw, SECONDS * 4, 64)
            pictures.append(np.stack([shown, shown, shown], axis=1))
    found = [
        Fingerprint(
            asset=AssetKey(number + 1),
            item=ItemKey(number + 1),
            duration=Fraction(SECONDS),
            picture=np.packbits(picture, axis=-1).tobytes(),
            picture_step=0.25,
            audio=np.packbits(sound, axis=-1).tobytes(),
            audio_step=0.04,
        )
        for number, (sound, picture) in enumerate(zip(sounds, pictures, strict=True))
    ]
    return found, copies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--down", type=int, default=40)
    asked = parser.parse_args()
    rooms = {part: part._ROOM // asked.down for part in (_sound_match, _picture_match)}
    for part, room in rooms.items():
        part._ROOM = room
    rows, totals = [], []
    for size in SIZES:
        made, copies = works(size, asked.seed)
        began = time.process_time()
        index = Index(made)
        built = time.process_time() - began
        some = list(copies)[: ASKED // 2]
        some += [n for n in range(size) if n not in copies][: ASKED - len(some)]
        began, right = time.process_time(), 0
        for number in some:
            whole = {m.other - 1 for m in index.matches(made[number]) if m.whole}
            right += number in copies and copies[number] in whole
        each = (time.process_time() - began) / len(some)
        hits, checks = (n / len(some) for n in index.looked)
        totals.append(built + size * each)
        known = sum(n in copies for n in some)
        rows.append(
            f"| {size} | {hits:,.0f} | {checks:.1f} | {each * 1000:.0f} | {built:.2f} | {totals[-1]:.1f} | {right} of {known} |"
        )
        print(rows[-1], flush=True)
    full = rooms[_sound_match] / (SECONDS * 25 * len(_sound_match.PHASES))
    growths = [
        math.log(totals[b] / totals[a]) / math.log(SIZES[b] / SIZES[a])
        for a, b in ((0, 2), (len(SIZES) - 3, len(SIZES) - 1))
    ]
    table = "\n".join(rows)
    REPORT.write_text(
        f"""# What finding copies costs as a library grows

    python -m benchmarks.neardup_scale --seed {asked.seed}

{datetime.date.today()}. Made works of {SECONDS} s, {ASKED} of each library asked. At most {MOST_CHECKS} alignments are checked
for one work. Rows kept: {", ".join(f"{room:,}" for room in rooms.values())} (1/{asked.down} of what the product keeps), full at
{full:.0f} works of sound ({full * asked.down:,.0f} in the product, {full * asked.down * SECONDS / 3600:.0f} h).

| works | equal hashes looked at, a work | alignments checked, a work | ms CPU, a work | index, s | all works, s | copies found |
| --- | --- | --- | --- | --- | --- | --- |
{table}

The cost of all works grows as their number to the power of {growths[0]:.2f} from {SIZES[0]} to {SIZES[2]} works, of
{growths[1]:.2f} from {SIZES[-3]} to {SIZES[-1]}.
""",
        encoding="utf-8",
    )
    print(REPORT.read_text("utf-8"))


if __name__ == "__main__":
    main()
