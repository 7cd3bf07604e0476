"""How an English text feels: its pieces compared with what each mood is said to be, zero-shot.

Takes passages and unit vectors of pieces; gives one score a mood, on the scale of centred cosines. The score is the mean
cosine of all pieces to a mood's prompts, less the mean over all moods; laughter noted in subtitles speaks for what is
funny, length for what is long-winded. The prompts were written with the names and mean
shares of the talks' ratings in sight, with no talk's own; benchmarks/describe_text.py says how far the scores agree with them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Evidence
from vitascope.base.ports.models import TextEmbedder
from vitascope.describe._evidence import SILENT, Passage
from vitascope.describe._language import words
from vitascope.describe._topics import Vector

LAUGHS, LAUGHS_WEIGHT = 6.0, 0.2
"""Laughs in a thousand words with half the weight, and the weight."""
LONG, LONG_WEIGHT = 2_000, 0.2
"""Words of a text that is neither short nor long, and what length is worth."""
FELT, SPREAD = 0.1, 0.03
"""A mood is said of an item from this score on; its strength there is .5."""
MOST_FELT = 3
LEAST_WORDS = 30
"""Below this a text's meaning says nothing of its mood; words that name one still do."""

_NOTE = re.compile(r"[(\[（【]([^()\[\]（）【】]{2,40})[)\]）】]")


@cache
def moods_table() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The shipped moods: tables `words`, `prompts` and `notes`, and the list `quiet` under "quiet"/"names"."""
    text = resources.files("vitascope.describe").joinpath("data/moods.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {
        "words": table["words"],
        "prompts": table["prompts"],
        "notes": table["notes"],
        "quiet": {"names": table["quiet"]},
    }


class Impressions:
    """Compares texts with the prompts of all moods; the prompts are embedded once."""

    def __init__(self, model: TextEmbedder | None) -> None:
        self._model = model
        self._prompts: Vector | None = None
        listed = moods_table()["prompts"]
        self.names = tuple(listed)
        self._texts = [t for texts in listed.values() for t in texts]
        self._owner = np.repeat(np.arange(len(listed)), [len(t) for t in listed.values()])

    def scores(self, passages: Sequence[Passage], vectors: Vector | None) -> dict[str, float]:
        """Score a mood, about -.2 to .4; without vectors only laughter and length speak. Raises ModelError."""
        out = np.zeros(len(self.names))
        if vectors is not None and len(vectors) and self._model is not None:
            if self._prompts is None:
                self._prompts = self._model.embed(self._texts)
            mean = (vectors @ self._prompts.T).astype(np.float64).mean(axis=0)
            out = np.bincount(self._owner, mean) / np.bincount(self._owner)
            out = out - out.mean()
        found = dict(zip(self.names, map(float, out), strict=True))
        said = sum(len(words(p.text)) for p in passages if p.source == "transcript")
        if said:
            for mood, where in laughs(passages).items():
                rate = 1_000 * len(where) / max(said, 200)
                found[mood] = found.get(mood, 0.0) + LAUGHS_WEIGHT * rate / (rate + LAUGHS)
            if "longwinded" in found:
                found["longwinded"] += LONG_WEIGHT * float(np.log(max(said, 50) / LONG))
        return found

    def felt(
        self, passages: Sequence[Passage], vectors: Vector | None, of: Sequence[Passage]
    ) -> list[tuple[str, float, Evidence]]:
        """The moods that may be said of an item: name, strength 0..1, and the piece or the laugh that speaks most for it."""
        said = sum(len(words(p.text)) for p in passages if p.source not in SILENT)
        if said < LEAST_WORDS or vectors is None or not len(vectors) or self._model is None:
            return []
        quiet = set(moods_table()["quiet"]["names"])
        scores = self.scores(passages, vectors)
        heard = laughs(passages)
        assert self._prompts is not None
        best: npt.NDArray[np.float32] = vectors @ self._prompts.T
        out: list[tuple[str, float, Evidence]] = []
        for name, score in sorted(scores.items(), key=lambda s: (-s[1], s[0])):
            if score < FELT or len(out) == MOST_FELT:
                break
            if name in quiet:
                continue
            strength = float(1 / (1 + np.exp(-(score - FELT) / SPREAD)))
            if heard.get(name):
                evidence = heard[name][0]
            else:
                mine = best[:, self._owner == self.names.index(name)].mean(axis=1)
                evidence = of[int(mine.argmax())].evidence()
            out.append((name, strength, evidence))
        return out


def laughs(passages: Sequence[Passage]) -> dict[str, list[Evidence]]:
    """Mood -> the sound notes of the subtitles that speak for it: "(Laughter)" for funny."""
    listed = {note: mood for mood, notes in moods_table()["notes"].items() for note in notes}
    out: dict[str, list[Evidence]] = {}
    for passage in passages:
        if passage.source != "transcript":
            continue
        for match in _NOTE.finditer(passage.text):
            mood = listed.get(match.group(1).strip().casefold())
            if mood:
                out.setdefault(mood, []).append(passage.evidence(match.group()))
    return out
