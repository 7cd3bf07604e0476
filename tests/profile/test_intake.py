"""Events come in: the contract's words, set-aside rows with their place, and the same file twice."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.taste_home import NOW, Taste, did

from vitascope.base.errors import BadRow, UsageError
from vitascope.base.people import EventType
from vitascope.base.ports.service import RawEvent


@pytest.fixture
def taste(tmp_path: Path) -> Taste:
    made = Taste(tmp_path / "home")
    made.library()
    return made


def _csv(folder: Path, *lines: str, head: str = "user_id,item_id,type,value,timestamp") -> Path:
    file = folder / "events.csv"
    file.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    return file


def test_each_bad_row_is_named_and_the_rest_stays(taste: Taste, tmp_path: Path) -> None:
    file = _csv(
        tmp_path,
        "ann,i0,play,,1600000000",
        "ann,nowhere,play,,1600000001",
        "ann,i1,watched,,1600000002",
        "ann,i1,rate,7,1600000003",
        "ann,i1,progress,1.5,1600000004",
        "ann,i1,play,,yesterday",
        "ann,i1,play,,99999999999",
        ",i1,play,,1600000005",
        "ann,i1,like",
        "ann,i2,LIKE,,2020-09-13T12:26:40Z",
        "ann,i0,undo,like,1600000009",
        "ann,i0,undo,undo,1600000010",
    )
    report = taste.intake.import_file(file, now=NOW).report
    assert (report.added, report.rejected_total) == (3, 9)
    problems = {p.place: p for p in taste.stores.problems.iter()}
    assert set(problems) == {f"{file}:{line}" for line in (3, 4, 5, 6, 7, 8, 9, 10, 13)}
    assert problems[f"{file}:3"].kind == "unknown-item"
    assert problems[f"{file}:3"].item_id == "nowhere"
    assert "future" in problems[f"{file}:8"].reason
    assert all(p.remedy and p.reason for p in problems.values())
    assert "watched" in (problems[f"{file}:4"].payload or "")
    times = {e.time for e in taste.stores.events.of(taste.person("ann"))}
    assert 1_600_000_000.0 in times


def test_the_same_file_twice_changes_nothing_and_a_mended_one_clears_its_problem(taste: Taste, tmp_path: Path) -> None:
    file = _csv(tmp_path, "ann,i0,play,,1600000000", "ann,i0,play,,", "ann,i0,play,,", "ann,i99,play,,")
    first = taste.intake.import_file(file, now=NOW).report
    again = taste.intake.import_file(file, now=NOW).report
    assert (first.added, again.added, again.known) == (3, 0, 3), "undated equals are counted, not merged"
    assert len(list(taste.stores.problems.iter())) == 1
    _csv(tmp_path, "ann,i0,play,,1600000000", "ann,i0,play,,", "ann,i0,play,,", "ann,i9,play,,")
    assert taste.intake.import_file(file, now=NOW).report.added == 1
    assert not list(taste.stores.problems.iter())


def test_undated_events_have_no_time(taste: Taste, tmp_path: Path) -> None:
    taste.intake.import_file(_csv(tmp_path, "ann,i0,play,,"), now=NOW)
    assert [e.time for e in taste.stores.events.of(taste.person("ann"))] == [None]


def test_unknown_columns_are_named_once(taste: Taste, tmp_path: Path) -> None:
    rows = [
        {"user_id": "a", "item_id": "i0", "type": "play", "mood": 1},
        {"user_id": "a", "item_id": "i1", "type": "play", "mood": 2},
    ]
    lines = [json.dumps(r) for r in rows]
    jsonl = tmp_path / "e.jsonl"
    jsonl.write_text("\n".join((*lines, "{broken", "[1]")), encoding="utf-8")
    report = taste.intake.import_file(jsonl, now=NOW).report
    assert (report.added, report.rejected_total, report.ignored_columns) == (2, 2, ("mood",))
    parquet = tmp_path / "e.parquet"
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    report = taste.intake.import_file(parquet, now=NOW).report
    assert (report.added, report.known, report.ignored_columns) == (0, 2, ("mood",)), "the same undated events"


def test_files_that_are_none(taste: Taste, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        taste.intake.import_file(tmp_path / "none.csv", now=NOW)
    with pytest.raises(BadRow, match="user_id"):
        taste.intake.import_file(_csv(tmp_path, "i0,play", head="item_id,type"), now=NOW)
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"PAR1 no")
    with pytest.raises(BadRow):
        taste.intake.import_file(bad, now=NOW)
    assert len(list(taste.stores.problems.iter("bad-row"))) == 2
    empty = tmp_path / "empty.csv"
    empty.write_text("", encoding="utf-8")
    assert taste.intake.import_file(empty, now=NOW).report.added == 0


def test_live_events_happen_now_and_repeat_by_their_id(taste: Taste) -> None:
    event = RawEvent(user_id="ann", item_id="i0", type="like", event_id="e1")
    assert taste.intake.record([event], now=NOW).report.added == 1
    assert taste.intake.record([event], now=NOW + 9).report.known == 1
    assert taste.intake.record([event.model_copy(update={"user_id": "bob"})], now=NOW).report.added == 1
    assert [e.time for e in taste.stores.events.of(taste.person("ann"))] == [NOW]
    refused = taste.intake.record([RawEvent(user_id="ann", item_id="zzz", type="like")], now=NOW).report
    assert refused.rejected_total == 1
    assert refused.rejected[0].index == 0
    assert [p.kind for p in taste.stores.problems.iter()] == ["unknown-item"]


def test_a_follow_may_have_a_target_of_its_own(taste: Taste) -> None:
    report = taste.intake.record(
        [RawEvent(user_id="ann", type="follow", target="creator:piano maker 0")], now=NOW
    ).report
    assert report.added == 1
    assert taste.intake.record([RawEvent(user_id="ann", type="follow", target="x")], now=NOW).report.rejected_total == 1
    taste.profiler.update(taste.person("ann"), NOW)
    assert set(taste.list_of("ann", n=4)) == {"i0", "i6", "i12", "i18"}, "that creator leads"


_TEXT = st.text(max_size=12)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"user_id": st.sampled_from(["a", "b"]) | _TEXT, "item_id": st.sampled_from(["i0", "i1", "?"])},
            optional={
                "type": st.sampled_from([k.value for k in EventType]) | _TEXT,
                "value": st.none() | st.floats() | _TEXT,
                "timestamp": st.none() | st.floats() | st.integers() | _TEXT,
            },
        ),
        max_size=8,
    )
)
def test_whatever_stands_in_a_file_importing_it_twice_is_importing_it_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("twice")
    taste = _home(tmp_path_factory)
    file = folder / "e.jsonl"
    file.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    first = taste.intake.import_file(file, now=NOW).report
    again = taste.intake.import_file(file, now=NOW).report
    assert again.added == 0
    assert first.added + first.known == again.known
    assert first.added + first.known + first.rejected_total == len(rows)


_homes: list[Taste] = []


def _home(factory: pytest.TempPathFactory) -> Taste:
    if not _homes:
        made = Taste(factory.mktemp("intake"))
        made.library(2)
        _homes.append(made)
    return _homes[0]


def test_a_recorded_event_is_in_the_profile_at_once(taste: Taste) -> None:
    taste.record(did("ann", "i0", "like"))
    profile = taste.stores.profiles.get(taste.person("ann"))
    assert profile is not None
    assert profile.events == 1
    assert {f.name for f in profile.features} == {"tag:piano", "creator:piano maker 0"}
