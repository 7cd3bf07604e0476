"""Make the word lists that say how common a word is: data/words_en.txt and data/words_zh.txt of the describe room.

usage: python scripts/word_lists.py ZXCVBN_FOLDER JIEBA_FOLDER

ZXCVBN_FOLDER holds frequency_lists.py of the zxcvbn package (MIT; made with 4.5.0), whose list "us_tv_and_film" counts what is
said in films and television. JIEBA_FOLDER holds dict.txt of jieba (MIT; made with 0.42.1). Both packages are unpacked by hand
and no part of the product; the lists are made once and shipped.
"""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

import snowballstemmer

DATA = Path(__file__).resolve().parent.parent / "src" / "vitascope" / "describe" / "data"
ENGLISH, LEAST = 12_000, 100
"""How many English stems, and how often a Chinese word must have been counted."""


def english(source: Path) -> list[str]:
    """Stems of the spoken list, commonest first."""
    text = (source / "frequency_lists.py").read_text(encoding="utf-8")
    found = re.search(r'"us_tv_and_film": "([^"]*)"', text)
    if found is None:
        raise SystemExit(f"{source}: no list us_tv_and_film in frequency_lists.py")
    stemmer = snowballstemmer.stemmer("english")
    stems = (stemmer.stemWord(w) for w in found[1].split(",") if w.isalpha())
    return list(dict.fromkeys(stems))[:ENGLISH]


def chinese(source: Path) -> list[str]:
    """Words of two characters and more: word, ten times the negative natural logarithm of their share, part of speech."""
    rows = [line.split() for line in (source / "dict.txt").read_text(encoding="utf-8").splitlines()]
    total = sum(int(r[1]) for r in rows)
    kept = [r for r in rows if len(r[0]) > 1 and int(r[1]) >= LEAST and all("\u4e00" <= c <= "\u9fff" for c in r[0])]
    kept.sort(key=lambda r: (-int(r[1]), r[0]))
    return [f"{w} {round(-10 * math.log(int(n) / total))} {kind[0]}" for w, n, kind in kept]


def main() -> None:
    """Write both."""
    head = "# Made by scripts/word_lists.py from"
    said, written = english(Path(sys.argv[1])), chinese(Path(sys.argv[2]))
    (DATA / "words_en.txt").write_text(
        "\n".join([f"{head} zxcvbn 4.5.0 (MIT, Dropbox): stems, commonest in speech first", *said]) + "\n",
        encoding="utf-8",
    )
    (DATA / "words_zh.txt").write_text(
        "\n".join([f"{head} jieba 0.42.1 (MIT, Sun Junyi): word, 10 x -ln(share), part of speech", *written]) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
