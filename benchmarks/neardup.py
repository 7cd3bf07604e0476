"""Precision and recall of copies over the families of the shared media, and what the search costs.

    python -m benchmarks.neardup SHARED/media [CACHE] > benchmarks/reports/neardup.md

CACHE: a folder that keeps the decoded bundles between runs. Counts pairs as the referee does: transitive, within one
family, montages left out.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import re
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path

from vitascope.backends.media import PyAvReader
from vitascope.base.media import Asset
from vitascope.base.ports.media import Limits
from vitascope.base.records import AssetKey, ItemKey
from vitascope.catalog._copies import fingerprint_of
from vitascope.catalog._neardup import Index

Pairs = set[frozenset[str]]


def joined(pairs: list[tuple[str, str]]) -> Pairs:
    """All pairs of the groups that the pairs make."""
    group: dict[str, set[str]] = {}
    for a, b in pairs:
        both = group.get(a, {a}) | group.get(b, {b})
        group.update(dict.fromkeys(both, both))
    return {frozenset(p) for g in group.values() for p in combinations(sorted(g), 2)}


def families(rows: list[dict[str, str]]) -> dict[str, str]:
    """Path -> family, originals of other groups included."""
    names = {r["path"].split("/", 1)[1]: r["path"] for r in rows}
    found: dict[str, str] = {}
    for row in rows:
        family = re.search(r"(?:^|;)family=([^;]*)", row["labels"])
        if family and "(negative)" not in row["labels"]:
            found[row["path"]] = family[1]
            for other in re.findall(r"(?:video|music|speech|sound)/[\w.,' -]+?\.\w{2,4}", row["labels"]):
                if other in names:
                    found[names[other]] = family[1]
    return found


def main() -> None:
    """Decode, index, ask, score."""
    media = Path(sys.argv[1])
    with open(media / "MANIFEST.tsv", encoding="utf-8") as file:
        rows = [
            r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["group"] not in {"bad", "meta"}
        ]
    prints, paths = [], []
    with tempfile.TemporaryDirectory() as cache:
        reader = PyAvReader(Path(sys.argv[2] if len(sys.argv) > 2 else cache))
        for number, row in enumerate(rows, 1):
            path = media / row["path"]
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            decoded = reader.decode(path, sha256, Limits())
            asset = Asset(
                key=AssetKey(number),
                item=ItemKey(number),
                uri=str(path),
                sha256=sha256,
                bytes=0,
                modified=0,
                probe=None,
                duration=None,
            )
            prints.append(fingerprint_of(asset, decoded))
            paths.append(row["path"])
        reader.close()
    began = time.process_time()
    index = Index(prints)
    built = time.process_time() - began
    pairs: list[tuple[str, str]] = []
    shares = 0
    began = time.process_time()
    for asked in prints:
        for match in index.matches(asked):
            if match.whole:
                pairs.append((paths[asked.asset - 1], paths[match.other - 1]))
            shares += not match.whole
    asking = time.process_time() - began
    scope = {r["path"] for r in rows if "montage" not in r["labels"] and "partial copy" not in r["labels"]}
    said = joined([p for p in pairs if set(p) <= scope])
    family = families(rows)
    true = {
        frozenset(p) for p in combinations(sorted(x for x in family if x in scope), 2) if family[p[0]] == family[p[1]]
    }
    print(f"# Near duplicates\n\n    python -m benchmarks.neardup SHARED/media\n\n{datetime.date.today()}\n")
    print(f"* {len(prints)} files, {len(true)} true pairs, {len(said)} found")
    print(f"* precision {len(said & true) / max(1, len(said)):.3f}, recall {len(said & true) / max(1, len(true)):.3f}")
    print(f"* shared stretches (montages): {shares} directed")
    print(f"* index {built:.2f} CPU s, asking for all {asking:.2f} CPU s\n")
    for word, some in (("Wrong", said - true), ("Missed", true - said)):
        for pair in sorted(map(sorted, some)):
            print(f"* {word}: {' and '.join(pair)}")


if __name__ == "__main__":
    main()
