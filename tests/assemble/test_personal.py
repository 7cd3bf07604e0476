"""Content for one person over a real home: what it rests on, who may have it, what remains of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from vitascope.assemble import System, open_system
from vitascope.base.content import Claim, Description, Evidence, Feature, Moderation, Verdict
from vitascope.base.errors import Refused, UnknownPerson, UsageError
from vitascope.base.ports.media import CutFile, CutPart
from vitascope.base.ports.service import RawEvent
from vitascope.base.ports.stores import AssetDraft
from vitascope.base.privacy import Purpose
from vitascope.base.time import Span, media_time

ITEMS = ("rocket", "meadow", "street")


class FakeCutter:
    """Writes what it was asked for, and counts."""

    def __init__(self) -> None:
        self.asked: list[list[CutPart]] = []

    def cut(self, parts: list[CutPart], target: Path, title: str, mark: str = "made by machine") -> CutFile:
        self.asked.append(parts)
        target.write_bytes(b"film of " + title.encode())
        starts = tuple(float(n) for n in range(len(parts)))
        return CutFile(seconds=float(len(parts)), video=True, mime="video/mp4", bytes=12, starts=starts)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    made = open_system(tmp_path_factory.mktemp("personal") / "home")
    made.put_items([{"item_id": i, "title": f"The {i}", "tags": i, "kind": "video"} for i in ITEMS])
    stores = made.rooms.stores
    for item_id, key in stores.items.keys(ITEMS).items():
        asset = AssetDraft(
            uri=f"/nowhere/{item_id}", sha256=item_id, bytes=1, modified=0.0, probe=None, duration=Fraction(40)
        )
        stores.items.put_assets(key, [asset])
        span = Span(start=media_time(12), end=media_time(16))
        claim = Claim(text=f"A {item_id} is seen.", evidence=(Evidence(span=span, quote=item_id),))
        stores.descriptions.put(
            Description(
                item=key,
                fingerprint="x",
                summary=claim.text,
                summary_claims=(claim,),
                shots=tuple(Span(start=media_time(a), end=media_time(a + 4)) for a in range(0, 40, 4)),
                features=(
                    Feature(
                        name="topic:space" if item_id == "rocket" else f"topic:{item_id}",
                        value=0.9,
                        evidence=claim.evidence,
                    ),
                ),
            ),
            {},
        )
    made.rooms.touch()
    now = time.time()
    made.record(
        [RawEvent(user_id=who, item_id="rocket", type="like", timestamp=now - 3_600) for who in ("ada", "bob", "cid")]
    )
    made.rooms.__dict__["cutter"] = FakeCutter()
    yield made
    made.close()


def test_a_week_says_what_was_watched_and_what_may_matter_next(system: System) -> None:
    told = system.digest("ada")
    assert [s.item_id for s in told.watched] == ["rocket"]
    assert {m.item_id for m in told.ahead} == {"meadow", "street"}
    assert all(m.sources for m in told.ahead)
    assert "The rocket" in system.digest_page("ada", "zh")
    with pytest.raises(UnknownPerson):
        system.digest("nobody")


def test_a_summary_quotes_the_item_where_it_says_so(system: System) -> None:
    told = system.matter("ada", "meadow")
    assert "“A meadow is seen.” (at 0:12)" in told.text
    assert told.sources[0].start == 12.0


def test_a_trailer_follows_the_taste_is_made_once_and_goes_with_the_person(system: System, tmp_path: Path) -> None:
    plan, made = system.trailer("bob", ["rocket"], tmp_path / "a.mp4", 8)
    assert plan.by_taste
    assert [(c.start, c.end) for c in plan.cuts] == [(12.0, 16.0)]
    assert plan.cuts[0].reasons == ("topic:space",)
    again, same = system.trailer("bob", ["rocket"], tmp_path / "b.mp4", 8)
    assert (again, same) == (plan, made)
    assert (tmp_path / "b.mp4").read_bytes() == b"film of The rocket"
    assert len(system.rooms.cutter.asked) == 1  # type: ignore[attr-defined]
    folder = system.rooms.home.cache / "personal"
    kept = [f for f in folder.rglob("*") if f.is_file()]
    assert len(kept) == 2
    assert not any(b"film" in f.read_bytes() or b"rocket" in f.read_bytes() for f in kept)
    receipt = system.erase("bob")
    assert any(r.place == "cache/personal" and r.count == 2 for r in receipt.removed)
    assert not [f for f in folder.rglob("*") if f.is_file()]


def test_a_best_of_has_a_chapter_for_each_item(system: System, tmp_path: Path) -> None:
    plan, _ = system.trailer("ada", list(ITEMS), tmp_path / "a.mp4", 24)
    parts = system.rooms.cutter.asked[-1]  # type: ignore[attr-defined]
    assert [p.title for p in parts if p.title] == ["The rocket", "The meadow", "The street"]
    assert {c.item_id for c in plan.cuts} == set(ITEMS)
    with pytest.raises(UsageError):
        system.trailer("ada", ["rocket", "rocket"], tmp_path / "b.mp4")


def test_what_is_blocked_or_not_agreed_to_is_not_made(system: System, tmp_path: Path) -> None:
    stores = system.rooms.stores
    key = stores.items.keys(["street"])["street"]
    known = stores.descriptions.many([key])[key]
    system.moderation_decide("street", Verdict.BLOCK, "owner", "test")
    with pytest.raises(Refused):
        system.trailer("ada", ["street"], tmp_path / "a.mp4")
    assert "street" not in {m.item_id for m in system.digest("ada").ahead}
    assert known.moderation == Moderation()
    system.consent("cid", (Purpose.CONTENT,), False)
    for asked in (lambda: system.digest("cid"), lambda: system.matter("cid", "meadow")):
        with pytest.raises(Refused):
            asked()
