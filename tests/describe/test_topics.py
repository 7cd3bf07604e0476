"""Topics of short and long texts by the real text model: a few words are near to much by chance, a page is not."""

from __future__ import annotations

import pytest

from vitascope.base.ports.models import Models
from vitascope.base.time import Span
from vitascope.describe._evidence import Passage, sentences
from vitascope.describe._taxonomy import Classifier, Placed
from vitascope.describe._topics import LEAST_WORDS

TALK = """We launched the probe in the spring, and nine years later it flew past a world that no camera had seen. The engines
burned for forty minutes, then everything was silence and navigation by the stars. Our antenna was the size of a house, and still
the signal that came back was weaker than the light of a candle on the moon. We counted every bit. The first picture showed
mountains of ice, the second a thin blue haze above the horizon, and the third a plain without a single crater, which nobody in
the room could explain. Somebody laughed, somebody wept. Since then we have sent a lander to a comet and a drone to a moon of
another planet, and each time the universe has been stranger than our best drawings of it. What I want to tell you tonight is
how such a mission is planned, who pays for it, and why we go at all."""


def placed(models: Models, *texts: tuple[str, str]) -> Placed:
    classifier = Classifier(models.text, None)
    one = Span(start=0, end=1)
    passages = [
        Passage(line, source, one if source == "transcript" else None) for source, t in texts for line in sentences(t)
    ]
    assert models.text is not None
    vectors = models.text.embed([p.text for p in passages])
    return classifier.place(passages, vectors, passages, {}, 6)


@pytest.mark.parametrize("title", ["Rooster crowing", "Calm electronic, 103 bpm in D major", "Tawny owl", "Game over"])
def test_of_a_few_words_only_topics_that_they_say(models: Models, title: str) -> None:
    found = placed(models, ("title", title))
    for name in found.topics:
        quotes = " ".join(e.quote for e in found.evidence[f"topic:{name}"])
        assert quotes
    assert not {"golf", "chemistry", "energy", "finance", "piano", "theatre"} & set(found.topics), found.topics


def test_a_page_says_more_than_its_words(models: Models) -> None:
    assert len(TALK.split()) > LEAST_WORDS
    found = placed(models, ("transcript", TALK))
    assert "space" in found.topics, found.topics
    assert all(found.evidence[f"topic:{name}"] for name in found.topics)
