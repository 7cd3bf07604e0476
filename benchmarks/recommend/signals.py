"""What do picture, sound and speech add over titles and tags? Described media with human labels, people made from the labels.

usage: python -m benchmarks.recommend.signals HOME [--people 400] [--seeds 0 1 2] [--report FILE]

HOME is a library that has ingested and described the public media (vitascope ingest MEDIA/dev). It is only read. Each person
is made by seed: likes two themes, a theme being a label that people gave (MANIFEST.tsv: a genre, a mood, an object, an action, a
scene, a topic, a language of speech, a way of speaking or sounding) and that 4 to 60 works share. Three liked works are known,
all other liked works are wanted, nobody else's behaviour is known (a new library). Works are ranked by the likeness of content
to the known ones, by the very kernels that a fit uses (train/content.py), masked where a work lacks a signal. How much each
signal counts beside titles and tags is chosen, as a fit does, on half of the people, and judged on the other half. The ranking
never sees a label, and of a title not its first word, which names the collection that a file came from: themes lie in few
collections.

What this shows: whether each signal carries what people hear, see and understand in a work, beyond its name. What it does not
show: how much real people go by that; the people are made, and the labels chosen by who made the collections. Titles come from
the files, and many name the thing itself ("dogbark"), which flatters them. Where few works are videos, part of what picture
adds is to tell videos from recordings.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.recommend.ml1m_loo import ROOT
from benchmarks.referee import media_folder, rows_of
from vitascope.assemble import open_system
from vitascope.train.content import Channel, joined
from vitascope.train.words import tfidf

REPORT = ROOT / "benchmarks" / "reports" / "recommend_signals.md"
NAMES, SPEECH, PICTURE, SOUND = "titles and tags", "speech", "picture", "sound"
WAYS = (
    (NAMES,),
    (NAMES, SPEECH),
    (NAMES, PICTURE),
    (NAMES, SOUND),
    (NAMES, SPEECH, PICTURE),
    (NAMES, SPEECH, SOUND),
    (NAMES, PICTURE, SOUND),
    (NAMES, SPEECH, PICTURE, SOUND),
)
LABELS = ("", "event", "genre", "mood", "emotion", "object", "objects", "action", "scene", "topic", "instrument")
COUNTS = (0.03, 0.1, 0.3, 1.0, 3.0)
FEWEST, MOST, KNOWN, K = 4, 60, 3, 10
Floats = npt.NDArray[np.float32]


def themes_of(media: Path) -> dict[str, set[str]]:
    """Label -> paths of the works that have it."""
    out: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(media, "speech", "emotion", "music", "sound", "video"):
        for part in row["labels"].split(";"):
            name, _, value = part.strip().partition("=") if "=" in part else ("", "", part.strip())
            for one in value.split(",") if name in LABELS else ():
                out[f"{name.rstrip('s') or 'way'}={one.strip()}"].add(row["path"])
        if row["group"] in ("speech", "emotion") and row["language"]:
            out[f"language={row['language']}"].add(row["path"])
    return {name: paths for name, paths in out.items() if FEWEST <= len(paths) <= MOST}


def library(home: Path, media: Path) -> tuple[list[str], dict[str, Channel]]:
    """Paths of the works, relative to the media, and their channels."""
    system = open_system(home)
    try:
        stores = system._rooms.stores
        items = [item for item in stores.items.iter() if item.available]
        known = stores.descriptions.many([item.key for item in items])
        assets = stores.items.assets([item.key for item in items])
        paths, kept = [], []
        for item in items:
            uri = next((a.uri for a in assets.get(item.key, ())), "")
            if "/dev/" in uri:
                paths.append("dev/" + uri.partition("/dev/")[2])
                kept.append(item)
        out = {NAMES: tfidf([" ".join([(i.title or "").partition(" ")[2], *i.tags, i.creator or ""]) for i in kept])}
        said = []
        for item in kept:
            told = known.get(item.key)
            said.append(" ".join(line.text for line in told.transcript) if told is not None else "")
        out[SPEECH] = tfidf(said)
        for name, key in ((PICTURE, "picture"), (SOUND, "sound")):
            owners, matrix = stores.vectors.matrix(key)
            place = {int(o): n for n, o in enumerate(owners)}
            full = np.zeros((len(kept), matrix.shape[1]), np.float32)
            middle = matrix.mean(axis=0)
            for row, item in enumerate(kept):
                if int(item.key) in place:
                    moved = matrix[place[int(item.key)]] - middle
                    full[row] = moved / max(float(np.linalg.norm(moved)), 1e-9)
            out[name] = full
    finally:
        system.close()
    return paths, {name: Channel(rows, np.asarray(np.abs(rows).sum(axis=1) > 0).ravel()) for name, rows in out.items()}


def ndcg(scores: Floats, wanted: npt.NDArray[np.bool_]) -> float:
    """NDCG@10."""
    best = np.argsort(-scores, kind="stable")[:K]
    ideal = sum(1 / math.log2(place + 2) for place in range(min(K, int(wanted.sum()))))
    return float(sum(1 / math.log2(place + 2) for place, row in enumerate(best) if wanted[row]) / ideal)


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--report", type=Path, default=REPORT)
    args = parser.parse_args()
    media = media_folder()
    if not (args.home / "library.db").is_file():
        sys.exit(f"no library at {args.home}: vitascope ingest {media / 'dev'} --home {args.home}")
    paths, channels = library(args.home, media)
    place = {path: row for row, path in enumerate(paths)}
    themes = {name: sorted(place[p] for p in on if p in place) for name, on in themes_of(media).items()}
    themes = {name: rows for name, rows in themes.items() if len(rows) >= FEWEST}
    kernels = {name: channel.kernel() for name, channel in channels.items()}
    has = {name: channel.has for name, channel in channels.items()}
    may = np.zeros(len(paths), np.bool_)
    may[sorted({row for rows in themes.values() for row in rows})] = True
    names = sorted(themes)
    kinds = {name: name.partition("=")[0] for name in names}
    seed_of: list[int] = []
    about: list[str] = []
    people: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], Floats]] = []
    for seed in args.seeds:
        random = np.random.default_rng(seed)
        for _ in range(args.people):
            mine = [names[int(i)] for i in random.permutation(len(names))[:2]]
            liked = random.permutation(sorted({row for name in mine for row in themes[name]}))
            wanted = np.zeros(len(paths), np.bool_)
            wanted[liked[KNOWN:]] = True
            if wanted.any():
                seed_of.append(seed)
                about.append(kinds[mine[0]])
                people.append((liked[:KNOWN], wanted, random.random(len(paths)).astype(np.float32)))

    def worth(kernel: Floats | None, whose: npt.NDArray[np.int64]) -> Floats:
        found = []
        for person in whose.tolist():
            known, wanted, chance = people[person]
            scores = np.where(may, chance if kernel is None else kernel[known].sum(axis=0), -np.inf)
            scores[known] = -np.inf
            found.append(ndcg(scores, wanted))
        return np.array(found, np.float32)

    everyone = np.arange(len(people))

    def judged(way: tuple[str, ...]) -> tuple[Floats, list[dict[str, float]]]:
        """What each person gets by weights that the other half chose; those weights."""
        out, chosen = np.zeros(len(people), np.float32), []
        for half in (0, 1):
            own, weights = everyone[everyone % 2 != half], {NAMES: 1.0}
            for name in way[1:]:
                tries = [weights | {name: count} for count in COUNTS]
                weights = max(tries, key=lambda w: float(worth(joined(kernels, has, w), own).mean()))
            chosen.append(weights)
            here = everyone[everyone % 2 == half]
            out[here] = worth(joined(kernels, has, weights), here)
        return out, chosen

    told = {way: judged(way) for way in WAYS}
    made = {way: values for way, (values, _) in told.items()} | {(): worth(None, everyone)}
    seeds, first = np.array(seed_of), np.array(about)
    base = made[(NAMES,)]

    def line(way: tuple[str, ...]) -> str:
        values = made[way]
        change = values - base
        error = change.std() / math.sqrt(len(change))
        by_seed = ", ".join(f"{values[seeds == s].mean():.4f}" for s in args.seeds)
        by_kind = " | ".join(f"{values[first == kind].mean():.3f}" for kind in sorted(set(about)))
        gained = f"{change.mean():+.4f} +-{error:.4f}"
        return f"| {' + '.join(way) or 'chance'} | {values.mean():.4f} | {by_seed} | {gained} | {by_kind} |"

    whole = made[WAYS[-1]]
    without = []
    for signal in (SPEECH, PICTURE, SOUND):
        rest = made[tuple(name for name in WAYS[-1] if name != signal)]
        change = whole - rest
        without.append(
            f"* {signal}: {change.mean():+.4f} +-{change.std() / math.sqrt(len(change)):.4f} over everything but it"
        )
    columns = " | ".join(f"{kind} ({int((first == kind).sum())})" for kind in sorted(set(about)))
    counts = ", ".join(f"{name} {int(h[may].sum())}" for name, h in has.items())
    text = f"""# What each signal adds

    python -m benchmarks.recommend.signals HOME --people {args.people} --seeds {" ".join(map(str, args.seeds))}

{datetime.now(UTC):%Y-%m-%d}. {(__doc__ or "").split(chr(10) * 2, 2)[2].strip()}

{len(base)} people over {int(may.sum())} works and {len(themes)} themes; works that have each signal: {counts}.
NDCG@{K} of the wanted works; the last columns are people by what their first theme is of.

| by | NDCG@{K} | by seed | over titles and tags | {columns} |
| --- | --- | --- | --- |{" --- |" * len(set(about))}
{chr(10).join(line(way) for way in ((), *WAYS))}

What is lost without one:

{chr(10).join(without)}

Weights that the halves chose: {"; ".join(f"{' + '.join(way)}: {chosen}" for way, (_, chosen) in told.items() if len(way) > 1)}
"""
    args.report.parent.mkdir(parents=True, exist_ok=True)
    args.report.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
