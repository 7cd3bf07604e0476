"""The description line has the form that the stable contracts state."""

from __future__ import annotations

import json
import math
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.describe.library import Library, Pack

from vitascope.base.content import (
    AudioShares,
    Description,
    Evidence,
    Keyword,
    Scene,
    ScreenText,
    Sentiment,
    SoundLabel,
    TranscriptLine,
)
from vitascope.base.items import Item
from vitascope.base.media import Asset
from vitascope.base.records import AssetKey, ItemKey
from vitascope.base.time import Span
from vitascope.describe._export import export_line

KEYS = [
    "item_id",
    "assets",
    "language",
    "transcript",
    "summary",
    "category",
    "topics",
    "keywords",
    "sentiment",
    "moods",
    "shots",
    "scenes",
    "audio",
    "sounds",
    "screen_text",
    "moderation",
    "duplicates_of",
    "shares_spans_with",
    "provenance",
]

texts = st.text(max_size=30)
shares = st.floats(0, 1)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.fractions(0, 5_000, max_denominator=90_000))
    return Span(start=start, end=start + draw(st.fractions(0, 60, max_denominator=90_000)))


descriptions = st.builds(
    Description,
    item=st.just(ItemKey(1)),
    fingerprint=texts,
    language=st.none() | st.sampled_from(["en", "zh"]),
    transcript=st.lists(st.builds(TranscriptLine, span=spans(), text=texts), max_size=3).map(tuple),
    summary=texts,
    category=st.none() | texts,
    topics=st.lists(texts, max_size=3).map(tuple),
    keywords=st.lists(
        st.builds(
            Keyword,
            text=texts,
            score=shares,
            evidence=st.lists(
                st.builds(Evidence, field=st.none() | texts, span=st.none() | spans(), quote=texts), max_size=2
            ).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    sentiment=st.none() | st.builds(Sentiment, label=texts, score=st.floats(-1, 1)),
    moods=st.lists(st.tuples(texts, shares), max_size=3).map(tuple),
    shots=st.lists(spans(), max_size=3).map(tuple),
    scenes=st.lists(st.builds(Scene, span=spans(), label=texts, score=shares), max_size=2).map(tuple),
    audio=st.none() | st.builds(AudioShares, speech=shares, music=shares, other=shares),
    sounds=st.lists(st.builds(SoundLabel, label=texts, score=shares, span=st.none() | spans()), max_size=2).map(tuple),
    screen_text=st.lists(st.builds(ScreenText, span=spans(), text=texts), max_size=2).map(tuple),
)


@given(st.none() | descriptions)
@settings(max_examples=80, deadline=None)
def test_a_line_has_every_field_and_plain_types(description: Description | None) -> None:
    item = Item(item_id="a b/ü", key=ItemKey(1))
    asset = Asset(
        key=AssetKey(1),
        item=ItemKey(1),
        uri="/media/ü b.mp4",
        sha256="0" * 64,
        bytes=1,
        modified=0.0,
        probe=None,
        duration="1001/30000",
    )
    line = export_line(item, [asset], description, ["b"], [("c", 0.0, 1.0, 2.0, 3.0)])
    assert set(KEYS) <= set(line)
    assert json.loads(json.dumps(line, allow_nan=False)) == line, "plain JSON types"
    assert line["assets"] == [{"uri": "/media/ü b.mp4", "sha256": "0" * 64, "duration": 1001 / 30000}]
    assert line["shares_spans_with"] == [
        {"item_id": "c", "start": 0.0, "end": 1.0, "other_start": 2.0, "other_end": 3.0}
    ]
    for name in ("transcript", "shots", "scenes", "screen_text"):
        for entry in line[name]:
            assert isinstance(entry["start"], float)
            assert math.isfinite(entry["end"])
            assert entry["end"] >= entry["start"]


def test_a_real_item_with_no_model(library: Library, shared: Path) -> None:
    name = library.add(shared / "media" / "dev" / "video" / "sam2__05_default_juggle.mp4", title="Juggling")
    describer = library.describer(Pack(None))
    describer.run()
    item = library.stores.items.get(name)
    assert item is not None
    assets = library.stores.items.assets([item.key])[item.key]
    line = describer.export_line(item, assets, library.description(name), [], [])
    json.dumps(line, allow_nan=False)
    assert line["shots"]
    assert line["shots"][0]["start"] == 0.0
    assert line["provenance"]
