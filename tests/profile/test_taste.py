"""Tastes: what speaks for and against, decay, corrections, noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.taste_home import NOW, Taste, did

from vitascope.base.people import Correction, EventColumns, EventType, NoiseRule
from vitascope.profile import Noise, NoiseConfig

DAY = 86_400.0


@pytest.fixture
def taste(tmp_path: Path) -> Taste:
    made = Taste(tmp_path)
    made.library()
    return made


def _features(taste: Taste, name: str = "ann") -> dict[str, float]:
    return {f.name: f.value for f in taste.profiler.update(taste.person(name), NOW).features}


def test_for_and_against(taste: Taste) -> None:
    taste.record(
        did("ann", "i0", "like"),
        did("ann", "i1", "skip", value=0.05),
        did("ann", "i2", "rate", value=1),
    )
    found = _features(taste)
    assert found["tag:piano"] > 0 > found["tag:rockets"]
    assert found["tag:cooking"] < 0
    assert all(-1 <= v <= 1 for v in found.values())


def test_the_last_verdict_stands(taste: Taste) -> None:
    taste.record(did("ann", "i0", "like"), did("ann", "i0", "dislike", NOW + 5))
    assert _features(taste)["tag:piano"] < 0


def test_an_undo_takes_it_back(taste: Taste) -> None:
    taste.record(did("ann", "i0", "like"), did("ann", "i0", "undo", NOW + 5, value="like"))
    assert _features(taste) == {}


def test_old_acts_fade_but_undated_ones_have_no_age(taste: Taste) -> None:
    taste.record(did("ann", "i0", "like", NOW - 400 * DAY), did("ann", "i1", "like", NOW))
    found = _features(taste)
    assert found["tag:piano"] < 0.2 * found["tag:rockets"]
    undated = [did("bob", "i0", "like", None, event_id="1"), did("bob", "i1", "like", None, event_id="2")]
    file = taste.folder / "e.csv"
    file.write_text("user_id,item_id,type\n" + "".join(f"bob,{e.item_id},like\n" for e in undated), encoding="utf-8")
    taste.intake.import_file(file, now=NOW)
    found = _features(taste, "bob")
    assert found["tag:piano"] == pytest.approx(found["tag:rockets"])


def test_a_correction_wins_over_behaviour_and_a_mute_silences(taste: Taste) -> None:
    taste.record(*[did("ann", f"i{3 * j}", "like", NOW + j) for j in range(5)])
    person = taste.person("ann")
    taste.profiler.correct(person, Correction(name="tag:piano", value=-1.0), NOW)
    taste.record(did("ann", "i15", "like", NOW + 9))
    profile = taste.profiler.update(person, NOW)
    row = next(f for f in profile.features if f.name == "tag:piano")
    assert (row.value, row.corrected) == (-1.0, True)
    taste.profiler.correct(person, Correction(name="tag:piano", muted=True), NOW)
    assert "tag:piano" not in _features(taste)
    assert all(c.feature != "tag:piano" for i in _explained(taste) for c in i)


def _explained(taste: Taste) -> list[tuple]:  # type: ignore[type-arg]
    answer = taste.recommender.recommend(taste.ask("ann", explain=True))
    return [i.explanation.contributions for i in answer.items if i.explanation is not None]


def test_a_reset_forgets_what_came_before(taste: Taste) -> None:
    taste.record(did("ann", "i0", "like"))
    taste.profiler.reset(taste.person("ann"))
    assert _features(taste) == {}
    taste.record(did("ann", "i1", "like", NOW + 1))
    assert set(_features(taste)) == {"tag:rockets", "creator:rockets maker 1"}
    assert "i0" not in taste.list_of("ann", n=30), "still seen"


def test_the_view_names_its_evidence(taste: Taste) -> None:
    taste.record(did("ann", "i0", "complete"), did("ann", "i3", "like", NOW + 1))
    view = taste.profiler.view(taste.person("ann"), "ann", NOW)
    row = next(r for r in view.rows if r.feature == "tag:piano")
    assert set(row.item_ids) == {"i0", "i3"}
    assert any("liked Piano 3" in sentence for sentence in row.evidence)
    assert view.liked == ("i3",)
    assert "piano" in view.text
    assert view.text_source == "template"


def test_the_weights_move_by_a_bounded_step_and_once(taste: Taste) -> None:
    taste.record(did("ann", "i0", "like"))
    table = taste.features.table()
    person = taste.person("ann")
    column = table.names.index("tag:piano")
    before = taste.profiler.weights([person], table)[0, column]
    since = taste.stores.events.last_number()
    taste.intake.record([did("ann", "i3", "complete", NOW + 1)], now=NOW)
    taste.learner.step([person], since)
    once = taste.profiler.weights([person], table)[0, column]
    taste.learner.step([person], since)
    assert 0 < once - before <= 0.05
    assert taste.profiler.weights([person], table)[0, column] == once, "each event makes one step"
    taste.record(did("ann", "i6", "skip", NOW + 2, value=0.02))
    assert taste.profiler.weights([person], table)[0, column] < once


def _columns(*rows: tuple[int, int, EventType, float | None, float | None], imported: bool = False) -> EventColumns:
    nan, n = float("nan"), len(rows)
    return EventColumns(
        number=np.arange(1, n + 1),
        person=np.array([r[0] for r in rows]),
        item=np.array([r[1] for r in rows]),
        type=np.array([r[2].code for r in rows], np.int8),
        value=np.array([nan if r[3] is None else r[3] for r in rows], np.float32),
        time=np.array([nan if r[4] is None else r[4] for r in rows], np.float64),
        surface=np.full(n, -1, np.int8),
        session=np.full(n, -1, np.int64),
        imported=np.full(n, imported, np.bool_),
    )


T = EventType


@pytest.mark.parametrize(
    ("rows", "rule", "dropped"),
    [
        ([(1, 1, T.PLAY, None, 0.0), (1, 1, T.SKIP, 0.01, 3.0)], NoiseRule.BOUNCE, [0]),
        ([(1, 1, T.PLAY, None, 0.0), (1, 1, T.PROGRESS, 0.01, 3.0)], NoiseRule.BOUNCE, [0, 1]),
        (
            [(1, 1, T.PLAY, None, 0.0), (1, 1, T.PROGRESS, 0.5, 60.0), (1, 1, T.COMPLETE, 1, 99.0)],
            NoiseRule.REPEATED_WATCH,
            [0, 1],
        ),
        ([(1, 1, T.LIKE, None, 5.0), (1, 1, T.LIKE, None, 5.4)], NoiseRule.DUPLICATE, [1]),
        ([(1, 1, T.PLAY, None, 0.0), (1, 1, T.PLAY, None, 60.0)], None, []),
        ([(1, 1, T.PLAY, None, None), (1, 1, T.SKIP, 0.01, None)], None, []),
        ([(1, 1, T.PLAY, None, 0.0), (1, 2, T.SKIP, 0.01, 3.0)], None, []),
    ],
)
def test_each_noise_rule(rows: list[tuple], rule: NoiseRule | None, dropped: list[int]) -> None:  # type: ignore[type-arg]
    cleaned = Noise().clean(_columns(*rows))
    assert np.flatnonzero(~cleaned.keep).tolist() == dropped
    assert [c.rule for c in cleaned.counts] == ([rule] if rule else [])


def test_automation_is_marked_only_where_it_can_be_told() -> None:
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.1, 0.6, 400))
    config = NoiseConfig(bot_events=100, bot_seconds=120)
    live = _columns(*[(1, i, T.PLAY, None, float(t)) for i, t in enumerate(times)])
    found = Noise(config).clean(live)
    assert found.keep.all(), "marked, not dropped"
    assert found.marked.sum() > 300
    assert not Noise(config).clean(_columns(*[(1, i, T.RATE, 5, float(t)) for i, t in enumerate(times)])).marked.any()
    assert not Noise(config).clean(_columns(*[(1, i, T.PLAY, None, i * 0.3) for i in range(400)])).marked.any()
    archive = _columns(*[(1, i, T.PLAY, None, float(t)) for i, t in enumerate(times)], imported=True)
    assert not Noise(config).clean(archive).marked.any()


def test_under_one_percent_goes_on_every_public_set(shared: Path) -> None:
    import pyarrow.parquet as pq

    for file in sorted((shared / "datasets").glob("*/*.parquet")):
        table = pq.read_table(file, columns=["user_id", "item_id", "type", "value", "timestamp"]).to_pandas()
        columns = EventColumns(
            number=np.arange(1, len(table) + 1),
            person=table.user_id.astype("category").cat.codes.to_numpy(np.int64),
            item=table.item_id.astype("category").cat.codes.to_numpy(np.int64),
            type=table.type.map({k.value: k.code for k in EventType}).to_numpy(np.int8),
            value=table.value.to_numpy(np.float32),
            time=table.timestamp.to_numpy(np.float64),
            surface=np.zeros(len(table), np.int8),
            session=np.full(len(table), -1, np.int64),
            imported=np.ones(len(table), np.bool_),
        )
        cleaned = Noise().clean(columns)
        assert (~cleaned.keep).mean() < 0.01, (file.parent.name, file.name, cleaned.counts)


@pytest.mark.parametrize(
    "correction",
    [
        Correction(name="tag:cooking", value=1.0),
        Correction(name="tag:piano", value=-1.0),
        Correction(name="tag:piano", muted=True),
    ],
)
def test_a_supposed_correction_ranks_as_a_true_one_and_leaves_nothing(taste: Taste, correction: Correction) -> None:
    taste.record(did("ada", "i0", "like"), did("ada", "i3", "like"), did("bo", "i1", "like"))
    person = taste.person("ada")
    before = taste.list_of("ada")
    with taste.profiler.supposing(person, [correction]):
        supposed, other = taste.list_of("ada"), taste.list_of("bo")
    assert taste.list_of("ada") == before
    assert taste.stores.profiles.corrections(person) == ()
    taste.profiler.correct(person, correction, NOW)
    assert taste.list_of("ada") == supposed
    assert taste.list_of("bo") == other  # what is supposed of one says nothing of another
    assert correction.muted or supposed != before
