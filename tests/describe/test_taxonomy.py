"""Every category leads to IAB's taxonomy, Apple's podcast categories and Jellyfin's genres, and back from a genre."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from vitascope.base.errors import ConfigError
from vitascope.describe._evidence import Passage
from vitascope.describe._language import fold
from vitascope.describe._taxonomy import Category, Classifier, taxonomy

IAB = {
    1: 7,
    2: 23,
    3: 12,
    4: 11,
    5: 15,
    6: 9,
    7: 45,
    8: 18,
    9: 31,
    10: 9,
    11: 5,
    12: 3,
    13: 12,
    14: 8,
    15: 10,
    16: 7,
    17: 44,
}
IAB |= {18: 6, 19: 36, 20: 27, 21: 3, 22: 4, 23: 10, 24: 0, 25: 7, 26: 4}
"""Tiers of the IAB content taxonomy 1.0 (OpenRTB 2.5, list 5.1): number of the last sub-category of each."""
APPLE = set(
    "Arts|Business|Comedy|Education|Fiction|Government|History|Health & Fitness|Kids & Family|Leisure|Music|News"
    "|Religion & Spirituality|Science|Society & Culture|Sports|Technology|True Crime|TV & Film".split("|")
)
ASKED_FOR = (
    "film series music news talk education sport game children podcast live documentary animation comedy".split()
)


@pytest.mark.parametrize("category", taxonomy().categories, ids=lambda c: c.name)
def test_is_mapped(category: Category) -> None:
    found = re.fullmatch(r"IAB(\d+)(?:-(\d+))?", category.iab or "")
    assert found, category.iab
    assert int(found[2] or 0) <= IAB[int(found[1])]
    assert category.podcast in APPLE
    assert category.jellyfin
    assert category.prompt.endswith(".")
    assert category.words


def test_what_people_look_for_is_there() -> None:
    assert set(ASKED_FOR) <= {c.name for c in taxonomy().categories}


def test_a_word_or_genre_leads_to_one_category() -> None:
    every = Counter(w for c in taxonomy().categories for w in {fold(x) for x in (c.name, *c.words, *c.jellyfin)})
    assert [w for w, n in every.items() if n > 1] == []


@pytest.mark.parametrize(
    ("genre", "name"),
    [
        ("Science Fiction", "film"),
        ("Documentary", "documentary"),
        ("Anime", "animation"),
        ("Soap", "series"),
        ("News", "news"),
    ],
)
def test_a_genre_of_jellyfin_is_read_back(genre: str, name: str) -> None:
    placed = Classifier(None, None).place([Passage(genre, "genre")], None, [], {}, 6)
    assert placed.category == name
    assert placed.evidence[f"category:{name}"][0].quote == genre


def test_an_owners_own_taxonomy_is_taken_and_a_broken_one_named(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('version = "1"\n[[category]]\nname = "boats"\nprompt = "Boats."\nwords = ["yacht"]\n[topics]\n')
    assert Classifier(None, own).place([Passage("yacht", "tags")], None, [], {}, 6).category == "boats"
    broken = tmp_path / "broken.toml"
    broken.write_text('version = "1"\ncategory = []\n')
    with pytest.raises(ConfigError, match=r"broken\.toml"):
        taxonomy(broken)
