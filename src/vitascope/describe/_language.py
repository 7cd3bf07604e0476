"""Which language a written text is in, and what counts as a function word there.

Takes a text; gives an ISO 639-1 code or None where the text is too short or mixed to say. Script first, function words
second. It hears nothing: the language of speech comes from speech recognition.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*", re.UNICODE)
"""A word: letters and digits, with inner apostrophes and hyphens."""

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]")
"""Characters of scripts that are written without spaces, and Hangul."""

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
"""A run of Chinese characters."""

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_CYRILLIC_LANGUAGES = ("ru", "uk", "bg", "be")


@cache
def stopwords(language: str | None) -> frozenset[str]:
    """Function words of a language; of all languages that have a list where it is None or unknown to us: English."""
    return _lists().get((language or "en")[:2], _lists()["en"])


@cache
def _lists() -> dict[str, frozenset[str]]:
    text = resources.files("vitascope.describe").joinpath("data/stopwords.toml").read_text(encoding="utf-8")
    return {code: frozenset(words.split()) for code, words in tomllib.loads(text).items()}


def words(text: str) -> list[str]:
    """Words in order, as they stand."""
    return WORD.findall(text)


def fold(text: str) -> str:
    """Compatibility form, lower case, single spaces: for comparing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def written_language(text: str) -> str | None:
    """The language of a text of a few words or more, else None."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < 2:
        return None
    for code, pattern in _SCRIPTS:
        share = len(pattern.findall(text)) / len(letters)
        if share > (0.1 if code == "ja" else 0.3):
            return code
    said = [w.replace("’", "'") for w in words(text.casefold())]
    cyrillic = len(_CYRILLIC.findall(text)) / len(letters) > 0.5
    counts: Counter[str] = Counter()
    for code, known in _lists().items():
        if code in ("zh", "ja", "ko", "el") or (code in _CYRILLIC_LANGUAGES) != cyrillic:
            continue
        counts[code] = sum(w in known for w in said)
    if not counts:
        return None
    (best, most), *rest = counts.most_common(2)
    second = rest[0][1] if rest else 0
    if cyrillic:
        return best if most > second else "ru"
    if most >= 2 and most > second and most / len(said) > 0.12:
        return best
    if most >= 1 and not second and len(said) <= 6:
        return best
    return None


def may_embed(text: str, language: str | None, languages: Sequence[str]) -> bool:
    """Whether a text may be given to a model of these languages ("*": any); where nothing is known of it, English is tried."""
    if "*" in languages:
        return any(c.isalpha() for c in text)
    known = (language or written_language(text) or "")[:2]
    return known in languages if known else "en" in languages and speaks_english(text, None)


def speaks_english(text: str, language: str | None) -> bool:
    """Whether a text may be given to an English text model: said to be English, or looks it, or is plain ASCII words."""
    if language:
        return language[:2] == "en"
    found = written_language(text)
    if found:
        return found == "en"
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isascii() for c in letters) / len(letters) > 0.95
