"""Contract suite of the ports in `base.ports.stores`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.conftest import Library

from vitascope.backends.stores import Stores
from vitascope.base.content import (
    Description,
    Evidence,
    Extraction,
    Feature,
    Keyword,
    Provenance,
    SharedSpan,
    Signal,
    SignalKind,
    TranscriptLine,
)
from vitascope.base.errors import UnknownItem, UsageError
from vitascope.base.items import ItemDraft, ItemKind, OwnVector
from vitascope.base.media import Loudness, Probe, Problem, Stream, StreamKind
from vitascope.base.people import EventDraft, EventType
from vitascope.base.ports.stores import (
    AssetDraft,
    DescriptionStore,
    DuplicateStore,
    Fingerprint,
    ItemStore,
    JobStore,
    Neighbour,
    ProblemStore,
    SettingsStore,
    VectorStore,
)
from vitascope.base.records import AssetKey, ItemKey, PersonKey
from vitascope.base.time import Span

PROBE = Probe(
    container="matroska",
    duration=Fraction(1001, 30),
    streams=(Stream(index=0, kind=StreamKind.VIDEO, codec="vp9", frame_rate=Fraction(30000, 1001)),),
    tags=(("title", "a\N{RIGHT-TO-LEFT OVERRIDE}b"),),
)


def file(uri: str, sha256: str = "a" * 64) -> AssetDraft:
    """A file."""
    return AssetDraft(uri=uri, sha256=sha256, bytes=10, modified=5.5, probe=PROBE, duration=Fraction(1001, 30))


def made(stores: Stores, *names: str) -> list[ItemKey]:
    """Items of these names."""
    return [item.key for item in stores.items.put([ItemDraft(item_id=name) for name in names])]


def span(start: int, end: int) -> Span:
    """A span of whole seconds."""
    return Span(start=Fraction(start), end=Fraction(end))


def test_every_store_is_what_its_port_asks_for(stores: Stores) -> None:
    # mypy checks the shapes; this line is where it does.
    ports: tuple[ItemStore, DuplicateStore, DescriptionStore, VectorStore, ProblemStore, SettingsStore, JobStore] = (
        stores.items,
        stores.duplicates,
        stores.descriptions,
        stores.vectors,
        stores.problems,
        stores.settings,
        stores.jobs,
    )
    assert len(ports) == 7


class TestItems:
    def test_put_answers_in_order_and_keeps_everything(self, stores: Stores) -> None:
        draft = ItemDraft(
            item_id="b",
            kind=ItemKind.AUDIO,
            title="Титул",
            description="d",
            tags=("x", "y"),
            language="zh",
            published_at=12.5,
            creator="c",
            licence="CC0",
            credit="someone",
            extra=(("mood", "calm"),),
            text_fields=("title",),
            origin="manifest:f.csv",
        )
        found = stores.items.put([draft, ItemDraft(item_id="a")])
        assert [item.item_id for item in found] == ["b", "a"]
        assert ItemDraft.model_validate(found[0].model_dump(include=set(ItemDraft.model_fields))) == draft
        assert stores.items.get("b") == found[0]
        assert stores.items.get("nobody") is None
        assert found[0].available
        assert not found[0].has_media
        assert found[0].created_at == 1_700_000_000.0

    def test_a_statement_replaces_what_it_states_and_leaves_the_rest(self, stores: Stores) -> None:
        first = stores.items.put(
            [
                ItemDraft(
                    item_id="a",
                    kind=ItemKind.VIDEO,
                    title="t",
                    tags=("x",),
                    extra=(("k", "1"), ("l", "2")),
                    text_fields=("title",),
                )
            ]
        )[0]
        again = stores.items.put([ItemDraft(item_id="a", title="", creator="c", extra=(("k", "3"), ("m", "")))])[0]
        assert again.key == first.key
        assert (again.kind, again.title, again.creator, again.tags) == (ItemKind.VIDEO, "t", "c", ("x",))
        assert dict(again.extra) == {"k": "3", "l": "2", "m": ""} or dict(again.extra) == {"k": "3", "l": "2"}
        assert again.text_fields == ("title",)
        assert stores.items.put([ItemDraft(item_id="a", text_fields=("tags",))])[0].text_fields == ("tags",)

    def test_one_item_stated_twice_in_one_batch(self, stores: Stores) -> None:
        found = stores.items.put([ItemDraft(item_id="a", title="t"), ItemDraft(item_id="a", creator="c")])
        assert found[0] == found[1]
        assert (found[0].title, found[0].creator) == ("t", "c")

    def test_hostile_text_is_kept_or_cleaned_never_a_crash(self, stores: Stores) -> None:
        name = "a\0b\ud800'; DROP TABLE items; --"
        item = stores.items.put(
            [ItemDraft(item_id=name, title="x\0\udfff", tags=("\ud801",), extra=(("\0", "\ud802"),))]
        )[0]
        assert stores.items.get(name) == item
        assert stores.items.keys([name]) == {name: item.key}
        assert "\0" not in item.item_id
        assert stores.items.counts().items == 1

    def test_keys_by_key_and_iter(self, stores: Stores) -> None:
        a, b, c = made(stores, "a", "b", "c")
        stores.items.set_available([b], False)
        assert stores.items.keys(iter(["c", "?", "a"])) == {"a": a, "c": c}
        assert [i.key for i in stores.items.iter()] == [a, b, c]
        assert [i.key for i in stores.items.iter(available=True)] == [a, c]
        assert [i.key for i in stores.items.iter(available=False)] == [b]
        assert stores.items.by_key([c, ItemKey(99), a]).keys() == {a, c}

    def test_more_than_one_statement_holds(self, stores: Stores) -> None:
        names = [f"i{n:05d}" for n in range(2_500)]
        keys = made(stores, *names)
        assert stores.items.keys(names) == dict(zip(names, keys, strict=True))
        assert len(stores.items.by_key(keys)) == 2_500
        assert [i.item_id for i in stores.items.iter()] == names

    def test_assets_are_bound_by_uri(self, stores: Stores) -> None:
        a, b = made(stores, "a", "b")
        one, two = stores.items.put_assets(a, [file("/m/one.mkv"), file("/m/two\udcff.mkv", "b" * 64)])
        assert one.probe == PROBE
        assert one.duration == Fraction(1001, 30)
        assert two.uri == "/m/two\udcff.mkv"  # a file name that is no valid text comes back as it was
        assert stores.items.assets([a, b]) == {a: [one, two]}
        assert stores.items.asset_by_uri("/m/two\udcff.mkv") == two
        assert stores.items.assets_by_sha256("b" * 64) == [two]
        assert stores.items.by_key([a])[a].has_media
        loud = file("/m/one.mkv").model_copy(update={"loudness": Loudness(integrated=-23.0, peak=None)})
        again = stores.items.put_assets(b, [loud])[0]  # the same file, now another item's
        assert again.key == one.key
        assert again.item == b
        assert again.loudness == Loudness(integrated=-23.0, peak=None)
        assert [x.key for x in stores.items.assets([a])[a]] == [two.key]
        with pytest.raises(UnknownItem):
            stores.items.put_assets(ItemKey(99), [file("/m/three")])

    def test_has_media_follows_the_assets(self, stores: Stores) -> None:
        a, b = made(stores, "a", "b")
        stores.items.put_assets(a, [file("/m/x")])
        stores.items.put_assets(b, [file("/m/x")])
        assert {k: i.has_media for k, i in stores.items.by_key([a, b]).items()} == {a: False, b: True}

    def test_assets_under_a_folder(self, stores: Stores) -> None:
        (a,) = made(stores, "a")
        uris = ["/m/x/1", "/m/x/2/3", "/m/x", "/m/xy/1", "/m/x%/1", "/m/X/1", "/m/x.y", "http://h/m/x/1"]
        stores.items.put_assets(a, [file(u) for u in uris])
        assert [x.uri for x in stores.items.assets_under("/m/x")] == ["/m/x/1", "/m/x/2/3"]
        assert [x.uri for x in stores.items.assets_under("/m/x/")] == ["/m/x/1", "/m/x/2/3"]
        assert len(stores.items.assets_under("/")) == 7

    def test_a_moved_file_keeps_its_asset(self, stores: Stores) -> None:
        a, b = made(stores, "a", "b")
        one = stores.items.put_assets(a, [file("/m/1")])[0]
        stores.items.put_assets(b, [file("/m/2")])
        stores.items.set_available([a], False)
        stores.items.move_asset(one.key, "/m/2", 9.0)
        moved = stores.items.asset_by_uri("/m/2")
        assert moved is not None
        assert (moved.key, moved.item, moved.modified, moved.available) == (one.key, a, 9.0, True)
        assert stores.items.asset_by_uri("/m/1") is None
        assert not stores.items.by_key([b])[b].has_media

    def test_available(self, stores: Stores) -> None:
        (a,) = made(stores, "a")
        stores.items.put_assets(a, [file("/m/1")])
        stores.items.set_available([a], False)
        assert not stores.items.by_key([a])[a].available
        assert not stores.items.assets([a])[a][0].available
        stores.items.set_available([a], True)
        assert stores.items.by_key([a])[a].available

    def test_delete_takes_everything_but_events_and_never_gives_a_key_again(self, stores: Stores) -> None:
        a, b = made(stores, "a", "b")
        asset = stores.items.put_assets(b, [file("/m/1")])[0]
        person = stores.people.ensure(["u"])["u"]
        stores.events.append([EventDraft(person=person, item=b, type=EventType.LIKE, identity="1")])
        stores.descriptions.put(Description(item=b, fingerprint="f"), {"text": np.ones(2, np.float32)})
        stores.descriptions.put_extraction(Extraction(key="e", asset=asset.key, provenance=(), signals=()))
        stores.duplicates.replace(a, [Neighbour(item=a, other=b, score=1, exact=True)], [])
        stores.duplicates.put_fingerprint(
            Fingerprint(
                asset=asset.key, item=b, duration=Fraction(1), picture=b"", picture_step=1, audio=b"", audio_step=1
            )
        )
        stores.items.delete([b])
        assert stores.items.get("b") is None
        assert stores.items.asset_by_uri("/m/1") is None
        assert stores.descriptions.get(b) is None
        assert stores.descriptions.extraction("e") is None
        assert stores.vectors.matrix("text")[0].size == 0
        assert stores.duplicates.copies_of([a]) == {}
        assert list(stores.duplicates.fingerprints()) == []
        assert [e.item for e in stores.events.of(person)] == [b]
        assert made(stores, "b") != [b]

    def test_counts(self, stores: Stores) -> None:
        a, b, c = made(stores, "a", "b", "c")
        stores.items.put_assets(a, [file("/m/1"), file("/m/2")])
        stores.items.set_available([c], False)
        stores.descriptions.put(Description(item=a, fingerprint="f"), {})
        stores.problems.add([Problem(kind="k", place="p", reason="r", remedy="m")])
        person = stores.people.ensure(["u"])["u"]
        stores.events.append([EventDraft(person=person, item=b, type=EventType.LIKE, identity="1")])
        assert stores.items.counts().model_dump() == {
            "items": 3,
            "available": 2,
            "assets": 2,
            "described": 1,
            "pending": 1,
            "people": 1,
            "events": 1,
            "problems": 1,
        }

    def test_a_root_keeps_its_id_when_it_moves_and_a_copy_gets_its_own(self, stores: Stores, tmp_path: Path) -> None:
        old, new, copy = tmp_path / "old", tmp_path / "new", tmp_path / "copy"
        old.mkdir()
        first = stores.items.root_id(str(old))
        assert stores.items.root_id(f"{old}/") == first
        old.rename(new)
        assert stores.items.root_id(str(new)) == first
        copy.mkdir()
        (copy / ".vitascope-root").write_bytes((new / ".vitascope-root").read_bytes())
        other = stores.items.root_id(str(copy))
        assert other != first
        assert stores.items.root_id(str(copy)) == other
        assert stores.items.root_id(str(new)) == first
        old.mkdir()  # something new where the root was before
        assert stores.items.root_id(str(old)) not in (first, other)

    def test_a_root_that_is_not_there_still_has_an_id(self, stores: Stores) -> None:
        assert stores.items.root_id("/nowhere/at/all") == stores.items.root_id("/nowhere/at/all")


class TestDuplicates:
    def link(self, stores: Stores, item: ItemKey, *others: ItemKey) -> None:
        copies = [Neighbour(item=item, other=o, score=0.9, exact=False) for o in others]
        stores.duplicates.replace(item, copies, [])

    def test_fingerprints(self, stores: Stores) -> None:
        (a,) = made(stores, "a")
        one, two = stores.items.put_assets(a, [file("/1"), file("/2")])
        prints = [
            Fingerprint(
                asset=x.key,
                item=a,
                duration=Fraction(1, 3),
                picture=b"\0\xff",
                picture_step=0.5,
                audio=b"\1",
                audio_step=0.1,
            )
            for x in (one, two)
        ]
        for print_ in [*prints, prints[0]]:
            stores.duplicates.put_fingerprint(print_)
        assert list(stores.duplicates.fingerprints()) == prints

    def test_links_count_in_both_directions_and_onwards(self, stores: Stores) -> None:
        a, b, c, d = made(stores, "a", "b", "c", "d")
        self.link(stores, b, a)
        self.link(stores, c, b)
        assert stores.duplicates.copies_of([a, d, c]) == {a: (b, c), c: (a, b)}
        assert stores.duplicates.groups() == {a: a, b: a, c: a}

    def test_replace_sets_the_links_of_one_item_only(self, stores: Stores) -> None:
        a, b, c = made(stores, "a", "b", "c")
        self.link(stores, b, a)
        self.link(stores, c, a)
        self.link(stores, b)
        assert stores.duplicates.groups() == {a: a, c: a}
        self.link(stores, c)
        assert stores.duplicates.groups() == {}
        assert stores.duplicates.copies_of([a, b, c]) == {}

    def test_shares(self, stores: Stores) -> None:
        a, b = made(stores, "a", "b")
        shares = [
            SharedSpan(item_id="b", span=span(1, 2), other=span(5, 6)),
            SharedSpan(item_id="b", span=span(0, 1), other=span(3, 4)),
        ]
        stores.duplicates.replace(a, [], shares)
        assert stores.duplicates.shares(a) == tuple(shares)
        assert stores.duplicates.shares(b) == ()
        assert stores.duplicates.copies_of([a, b]) == {}
        stores.duplicates.replace(a, [], [])
        assert stores.duplicates.shares(a) == ()

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(links=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=8))
    def test_groups_are_an_equivalence(self, stores: Stores, links: list[tuple[int, int]]) -> None:
        keys = made(stores, *[f"g{n}" for n in range(8)])
        wanted: dict[int, set[int]] = {n: set() for n in range(8)}
        for a, b in links:
            wanted[a].add(b)
        for a, linked in wanted.items():
            self.link(stores, keys[a], *[keys[b] for b in sorted(linked - {a})])
        groups = stores.duplicates.groups()
        for a, b in links:
            assert a == b or groups[keys[a]] == groups[keys[b]]
        copies = stores.duplicates.copies_of(keys)
        assert copies.keys() == groups.keys()
        for item, others in copies.items():
            assert item not in others
            assert min((item, *others)) == groups[item]
            assert all(groups[o] == groups[item] for o in others)


class TestDescriptions:
    def description(self, item: ItemKey, n: int = 1) -> Description:
        lines = tuple(TranscriptLine(span=span(i, i + 1), text=f"line {i} 你好") for i in range(n))
        return Description(
            item=item,
            fingerprint=f"f{n}",
            language="zh",
            transcript=lines,
            keywords=(Keyword(text="k", score=0.5, evidence=(Evidence(span=span(0, 1), quote="q"),)),),
            features=(Feature(name="topic:x", value=0.25),),
            provenance=(Provenance(extractor="transcript/1", options=(("beam", "5"),)),),
            thumbnail_time=Fraction(1, 3),
        )

    def test_round_trip(self, stores: Stores) -> None:
        a, b = made(stores, "a", "b")
        one, two = self.description(a), self.description(b, 400)
        stores.descriptions.put(one, {})
        stores.descriptions.put(two, {"text": np.array([0.6, 0.8], np.float32), "chars": np.array([1.0], np.float32)})
        assert stores.descriptions.get(a) == one
        assert stores.descriptions.many([b, a, ItemKey(99)]) == {a: one, b: two}
        assert list(stores.descriptions.iter()) == [one, two]
        assert stores.descriptions.fingerprints() == {a: "f1", b: "f400"}
        assert stores.vectors.keys() == ("chars", "text")
        np.testing.assert_allclose(stores.vectors.matrix("text")[1], [[0.6, 0.8]], atol=1e-3)

    def test_the_latest_counts(self, stores: Stores) -> None:
        (a,) = made(stores, "a")
        stores.descriptions.put(self.description(a), {})
        stores.descriptions.put(self.description(a, 2), {})
        assert stores.descriptions.get(a) == self.description(a, 2)

    def test_a_description_and_its_vectors_come_together_or_not_at_all(self, stores: Stores) -> None:
        (a,) = made(stores, "a")
        with pytest.raises(UsageError):
            stores.descriptions.put(self.description(a), {"text": np.array([np.nan], np.float32)})
        assert stores.descriptions.get(a) is None

    def test_extractions(self, stores: Stores) -> None:
        signal = Signal(kind=SignalKind.TRANSCRIPT, value="hello " * 500, span=span(0, 3), score=0.5)
        found = Extraction(
            key="k" * 64, asset=AssetKey(7), provenance=(Provenance(extractor="x/1"),), signals=(signal,)
        )
        assert stores.descriptions.extraction(found.key) is None
        stores.descriptions.put_extraction(found)
        stores.descriptions.put_extraction(found)
        assert stores.descriptions.extraction(found.key) == found

    def test_an_item_that_went_away_meanwhile(self, stores: Stores) -> None:
        with pytest.raises(UnknownItem):
            stores.descriptions.put(self.description(ItemKey(99)), {"text": np.ones(2, np.float32)})
        with pytest.raises(UnknownItem):
            stores.vectors.put("text", "m@1", {ItemKey(99): np.ones(2, np.float32)})
        assert stores.vectors.keys() == ()

    def test_hostile_text_in_a_record(self, stores: Stores) -> None:
        (a,) = made(stores, "a")
        stores.descriptions.put(Description(item=a, fingerprint="f", summary="x\ud800\0y"), {})
        found = stores.descriptions.get(a)
        assert found is not None
        assert found.summary.startswith("x")


class TestVectors:
    def test_matrix_is_in_order_of_the_item(self, stores: Stores) -> None:
        a, b, c = made(stores, "a", "b", "c")
        rows = np.eye(3, 4, dtype=np.float32)
        stores.vectors.put("text", "m@1", {c: rows[2], a: rows[0]})
        stores.vectors.put("text", "m@2", {b: rows[1]})
        items, matrix = stores.vectors.matrix("text")
        assert items.tolist() == [a, b, c]
        assert items.dtype == np.int64
        assert matrix.dtype == np.float32
        np.testing.assert_array_equal(matrix, rows)
        assert stores.vectors.models("text") == {a: "m@1", b: "m@2", c: "m@1"}
        assert stores.vectors.keys() == ("text",)

    def test_none(self, stores: Stores) -> None:
        items, matrix = stores.vectors.matrix("text")
        assert items.shape == (0,)
        assert matrix.shape == (0, 0)
        assert stores.vectors.models("text") == {}
        assert stores.vectors.keys() == ()

    def test_a_new_model_with_another_length_takes_over(self, stores: Stores) -> None:
        a, b = made(stores, "a", "b")
        stores.vectors.put("text", "old@1", {a: np.ones(3, np.float32), b: np.ones(3, np.float32)})
        stores.vectors.put("text", "new@1", {b: np.ones(5, np.float32)})
        items, matrix = stores.vectors.matrix("text")
        assert items.tolist() == [b]
        assert matrix.shape == (1, 5)

    @pytest.mark.parametrize("bad", [[1.0, float("nan")], [1.0, float("inf")], [1.0, 1e9], []])
    def test_a_bad_vector_is_refused(self, stores: Stores, bad: list[float]) -> None:
        (a,) = made(stores, "a")
        with pytest.raises(UsageError):
            stores.vectors.put("text", "m@1", {a: np.array(bad, np.float32)})
        assert stores.vectors.keys() == ()

    def test_own_vectors_are_normalised_and_have_one_length_a_key(self, stores: Stores) -> None:
        a, b, c = made(stores, "a", "b", "c")
        assert (
            stores.vectors.put_own(a, [OwnVector(key="look", values=(3.0, 4.0)), OwnVector(key="text", values=(2.0,))])
            == []
        )
        assert stores.vectors.put_own(
            b, [OwnVector(key="look", values=(1.0, 2.0, 3.0)), OwnVector(key="text", values=(-5.0,))]
        ) == ["look"]
        refused = [(), (0.0, 0.0), (float("nan"), 1.0)]
        for values in refused:
            assert stores.vectors.put_own(c, [OwnVector(key="look", values=values)]) == ["look"]
        items, matrix = stores.vectors.matrix("own:look")
        assert items.tolist() == [a]
        np.testing.assert_allclose(matrix, [[0.6, 0.8]], atol=1e-3)
        np.testing.assert_allclose(stores.vectors.matrix("own:text")[1], [[1.0], [-1.0]])
        assert stores.vectors.keys() == ("own:look", "own:text")

    def test_huge_own_values_still_normalise(self, stores: Stores) -> None:
        (a,) = made(stores, "a")
        assert stores.vectors.put_own(a, [OwnVector(key="x", values=(1e30, 1e30))]) == []
        np.testing.assert_allclose(stores.vectors.matrix("own:x")[1], [[0.5**0.5, 0.5**0.5]], atol=1e-3)


class TestProblems:
    def problem(self, place: str, reason: str = "r", kind: str = "bad-row", payload: str | None = None) -> Problem:
        return Problem(kind=kind, place=place, reason=reason, remedy="m", item_id="i", payload=payload)

    def test_the_same_problem_is_one_and_counted(self, library: Library) -> None:
        stores = library.open()
        stores.problems.add([self.problem("f:1", payload="u1,secret"), self.problem("f:2")])
        library.clock.now += 10
        stores.problems.add([self.problem("f:1", "again"), self.problem("f:1", kind="other")])
        found = list(stores.problems.iter())
        assert [(p.kind, p.place, p.times, p.reason) for p in found] == [
            ("bad-row", "f:1", 2, "again"),
            ("bad-row", "f:2", 1, "r"),
            ("other", "f:1", 1, "r"),
        ]
        assert found[0].last_seen - found[0].first_seen == 10
        assert found[1].payload is None
        assert [p.place for p in stores.problems.iter("other")] == ["f:1"]

    def test_twice_in_one_batch(self, stores: Stores) -> None:
        stores.problems.add([self.problem("p", payload="x"), self.problem("p", payload="y")])
        (found,) = stores.problems.iter()
        assert (found.times, found.payload) == (2, "y")

    def test_clear(self, stores: Stores) -> None:
        stores.problems.add([self.problem("a"), self.problem("b"), self.problem("a", kind="k"), self.problem("a2")])
        assert stores.problems.clear(["a", "nowhere"]) == 2
        assert [p.place for p in stores.problems.iter()] == ["b", "a2"]
        assert stores.problems.clear([]) == 0

    def test_hostile_place(self, stores: Stores) -> None:
        place = "/m/\udcff\0x"
        stores.problems.add([self.problem(place, payload="\ud800\0")])
        assert stores.problems.clear([place]) == 1


def test_settings(stores: Stores) -> None:
    assert stores.settings.get("seed") is None
    stores.settings.set("seed", "1")
    stores.settings.set("seed", "2")
    assert stores.settings.get("seed") == "2"
    stores.settings.set("seed", None)
    stores.settings.set("seed", None)
    assert stores.settings.get("seed") is None
    assert stores.settings.set_once("x", "first") == "first"
    assert stores.settings.set_once("x", "second") == "first"


class TestJobs:
    def test_put_counts_what_is_new(self, stores: Stores) -> None:
        assert stores.jobs.put("describe", ["a", "b", "a"]) == 2
        assert stores.jobs.put("describe", ["b", "c"]) == 1
        assert stores.jobs.put("embed", ["b"]) == 1
        assert (stores.jobs.waiting("describe"), stores.jobs.waiting("embed"), stores.jobs.waiting("?")) == (3, 1, 0)

    def test_lease_in_order_until_it_is_over(self, library: Library) -> None:
        one, two = library.open(), library.open()
        one.jobs.put("k", ["c", "a", "b"])
        assert one.jobs.lease("k", "w1", 60, 2) == ["c", "a"]
        assert two.jobs.lease("k", "w2", 60, 5) == ["b"]
        assert one.jobs.lease("k", "w1", 60) == []
        assert one.jobs.put("k", ["a"]) == 0
        library.clock.now += 61
        assert one.jobs.waiting("k") == 3
        assert two.jobs.lease("k", "w2", 60, 2) == ["c", "a"]

    def test_done_and_failed(self, stores: Stores) -> None:
        stores.jobs.put("k", ["a", "b"])
        assert stores.jobs.lease("k", "w", 60, 2) == ["a", "b"]
        stores.jobs.done("k", ["a"])
        stores.jobs.failed("k", "b", "why")
        assert stores.jobs.waiting("k") == 0
        assert stores.jobs.lease("k", "w", 60, 2) == []
        assert stores.jobs.put("k", ["a", "b"]) == 2
        assert sorted(stores.jobs.lease("k", "w", 60, 2)) == ["a", "b"]


class TestDataVersion:
    def test_own_writes_do_not_count_those_of_others_do(self, library: Library) -> None:
        server, command = library.open(), library.open()
        before = server.data_version()
        (a,) = made(server, "a")
        server.vectors.put("text", "m@1", {a: np.ones(2, np.float32)})
        person = server.people.ensure(["u"])["u"]
        event = EventDraft(person=person, item=a, type=EventType.LIKE, identity="1")
        server.events.append([event])
        assert server.data_version() == before

        seen = [before]
        for write in (
            lambda: made(command, "b"),
            lambda: command.vectors.put("text", "m@1", {a: np.zeros(2, np.float32)}),
            lambda: command.descriptions.put(Description(item=a, fingerprint="f"), {}),
            lambda: command.events.append([event.model_copy(update={"identity": "2"})]),
            lambda: command.profiles.set_weights(PersonKey(1), {"x": 1.0}, 1),
            lambda: command.duplicates.replace(a, [], []),
        ):
            write()
            seen.append(server.data_version())
        assert seen == sorted(set(seen))
        assert server.versions().keys() >= {"items", "vectors", "events", "models"}

    def test_a_write_that_fails_changes_nothing(self, library: Library) -> None:
        server, command = library.open(), library.open()
        before = server.data_version(), command.data_version()
        with pytest.raises(UnknownItem):
            command.items.put_assets(ItemKey(5), [file("/x")])
        assert (server.data_version(), command.data_version()) == before


def test_items_go_on_after_a_key_know_their_length_and_lose_what_is_cleared(library: Library) -> None:
    stores = library.open()
    one, two, three = made(stores, "a", "b", "c")
    assert [i.key for i in stores.items.iter(after=one)] == [two, three]
    stores.items.put_assets(two, [file("/x.mkv"), file("/y.mkv", "b" * 64)])
    assert stores.items.durations() == {two: pytest.approx(1001 / 30)}
    stores.items.put([ItemDraft(item_id="a", title="T", tags=("x",), creator="C", extra=(("mine", "1"),))])
    stores.items.clear(one, ["creator", "tags"])
    left = stores.items.by_key([one])[one]
    assert (left.title, left.creator, left.tags, left.extra) == ("T", None, (), (("mine", "1"),))
    for wrong in (["item_id"], ["origin"], ["available"]):
        with pytest.raises(ValueError, match="can be taken"):
            stores.items.clear(one, wrong)
