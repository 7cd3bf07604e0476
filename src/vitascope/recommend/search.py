"""Search: words in any script, found in titles, texts, transcripts and on-screen text, and meaning where the model speaks.

Takes the shelf, descriptions and the text model. Words are folded; Chinese, Japanese and Korean are matched by pairs of
characters, without spaces. Scores are BM25-like over fields of different weight.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.errors import ModelError
from vitascope.base.ports.service import Hit
from vitascope.base.records import ItemKey
from vitascope.base.shelf import Shelf
from vitascope.base.time import clock

if TYPE_CHECKING:
    from vitascope.base.content import Description
    from vitascope.base.items import Item
    from vitascope.base.ports.models import PictureTextModel, TextEmbedder
    from vitascope.base.ports.stores import DescriptionStore

_PIECE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MEANS = 0.3
"""Cosine from which a meaning counts as found."""
_SHOWS = 0.08
"""Cosine from which a picture counts as showing it. Pictures and texts are far apart in a shared space: SigLIP calls a pair
likely from about .15 on. Not measured on media of ours."""
_QUOTE = 160


def terms(text: str) -> list[str]:
    """What a text is found by: folded words, and pairs (single where alone) of characters of unspaced scripts."""
    out: list[str] = []
    for piece in _PIECE.findall(unicodedata.normalize("NFKC", text).casefold()):
        if _CJK.match(piece):
            out += [piece] if len(piece) == 1 else [piece[i : i + 2] for i in range(len(piece) - 1)]
        elif piece.isascii() and len(piece) > 4 and piece.endswith("s") and not piece.endswith("ss"):
            out.append(piece[:-1])
        else:
            out.append(piece)
    return out


class Finder:
    """Finds items; its index is made anew when the library changed. Safe from several threads."""

    def __init__(
        self, descriptions: DescriptionStore, text: TextEmbedder | None, pictures: PictureTextModel | None = None
    ) -> None:
        self._descriptions, self._text, self._pictures = descriptions, text, pictures
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None
        self._index: dict[str, dict[int, float]] = {}
        self._lengths = np.zeros(0)

    def find(
        self,
        query: str,
        shelf: Shelf,
        n: int,
        audience: str | None = None,
        fits: npt.NDArray[np.bool_] | None = None,
        skip: int = 0,
    ) -> list[Hit]:
        """Best first; items that may not be shown, or do not fit, are not found. `skip`: without that many of the best."""
        wanted = list(dict.fromkeys(terms(query)))[:64]
        if not wanted:
            return []
        with self._lock:
            if self._shelf is not shelf:
                self._build(shelf)
            index, lengths = self._index, self._lengths
        score = np.zeros(len(shelf))
        middle = max(float(lengths.mean()), 1.0) if len(lengths) else 1.0
        for term in wanted:
            found = index.get(term)
            if not found and len(term) >= 3 and not _CJK.match(term):  # the beginning of a word
                found = defaultdict(float)
                for other, rows in index.items():
                    if other.startswith(term):
                        for row, weight in rows.items():
                            found[row] = max(found[row], 0.6 * weight)
            if not found:
                continue
            rarity = np.log(1 + (len(shelf) - len(found) + 0.5) / (len(found) + 0.5))
            for row, weight in found.items():
                score[row] += rarity * weight * 2.2 / (weight + 1.2 * (0.25 + 0.75 * lengths[row] / middle))
        by_words = score.copy()
        if score.max(initial=0) > 0:
            score /= score.max()
        score += self._meaning(query, shelf)
        score[~shelf.may(None, audience)] = 0
        if fits is not None:
            score[~fits] = 0
        best = [r for r in np.lexsort((np.arange(len(score)), -score))[skip : skip + n].tolist() if score[r] > 0]
        known = self._descriptions.many([ItemKey(int(shelf.table.items[r])) for r in best])
        hits = []
        for row in best:
            item = shelf.items[row]
            where, quote = ("meaning", (item.title or "")[:_QUOTE])
            if by_words[row] > 0:
                where, quote = _where(wanted, item, known.get(item.key))
            hits.append(Hit(item_id=item.item_id, score=round(float(score[row]), 6), found_in=where, quote=quote))
        return hits

    def _meaning(self, query: str, shelf: Shelf) -> npt.NDArray[np.float64]:
        """What the texts mean, and what the pictures show where the pack's picture model reads texts too; the better counts."""
        found = np.zeros(len(shelf))
        if self._text is not None and (query.isascii() or "*" in self._text.info.languages):
            found = np.maximum(found, self._near(shelf, "text", query, self._text.embed, _MEANS))
        if self._pictures is not None:
            found = np.maximum(found, self._near(shelf, "picture", query, self._pictures.embed_texts, _SHOWS))
        return found

    @staticmethod
    def _near(
        shelf: Shelf, kind: str, query: str, embed: Callable[[list[str]], npt.NDArray[np.float32]], least: float
    ) -> npt.NDArray[np.float64]:
        matrix = shelf.vectors.get(kind)
        none = np.zeros(len(shelf))
        if matrix is None:
            return none
        try:
            vector = embed([query])[0]
        except ModelError:
            return none
        if len(vector) != matrix.shape[1]:
            return none
        near = matrix @ vector
        return np.where(near > least, near, 0.0)

    def _build(self, shelf: Shelf) -> None:
        index: dict[str, dict[int, float]] = defaultdict(dict)
        lengths = np.zeros(len(shelf))
        keys = [item.key for item in shelf.items]
        for first in range(0, len(keys), 500):
            known = self._descriptions.many(keys[first : first + 500])
            for row in range(first, min(first + 500, len(keys))):
                counts: Counter[str] = Counter()
                for weight, text in _fields(shelf.items[row], known.get(keys[row])):
                    found = terms(text[:200_000])
                    lengths[row] += len(found)
                    for term, times in Counter(found).items():
                        counts[term] += weight * times  # type: ignore[assignment]
                for term, weight in counts.items():
                    index[term][row] = float(weight)
        self._index, self._lengths, self._shelf = dict(index), lengths, shelf


def _fields(item: Item, description: Description | None) -> list[tuple[float, str]]:
    out = [
        (4.0, item.title or ""),
        (2.0, " ".join(item.tags)),
        (2.0, item.creator or ""),
        (1.5, item.description or ""),
        (0.5, " ".join(text for _, text in item.extra)),
    ]
    if description is not None:
        out += [
            (1.5, description.summary),
            (1.5, " ".join(k.text for k in description.keywords)),
            (1.5, " ".join((description.category or "", *description.topics))),
            (1.0, " ".join(line.text for line in description.transcript)),
            (1.0, " ".join(text.text for text in description.screen_text)),
            (0.5, " ".join(scene.label for scene in description.scenes)),
        ]
    return out


def _where(wanted: list[str], item: Item, description: Description | None) -> tuple[str, str]:
    needles = set(wanted)

    def has(text: str) -> bool:
        return any(t in needles or any(len(w) >= 3 and t.startswith(w) for w in needles) for t in terms(text))

    if item.title and has(item.title):
        return "title", item.title[:_QUOTE]
    if description is not None:
        for line in description.transcript:
            if has(line.text):
                return f"transcript {clock(line.span.start)}", line.text[:_QUOTE]
        for seen in description.screen_text:
            if has(seen.text):
                return f"on screen {clock(seen.span.start)}", seen.text[:_QUOTE]
    for name, text in (("description", item.description), ("tags", ", ".join(item.tags)), ("creator", item.creator)):
        if text and has(text):
            return name, text[:_QUOTE]
    if description is not None and has(description.summary):
        return "summary", description.summary[:_QUOTE]
    return "text", (item.title or item.item_id)[:_QUOTE]
