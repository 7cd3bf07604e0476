"""One person uses everything, objects, is told everything, is erased; then no trace is found, and no backup brings one."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.privacy.canaries import made_clip
from tests.assemble.test_like import ITEMS

from vitascope.assemble import System, open_system, restore_home
from vitascope.assemble._privacy import check_signature, public_key_of
from vitascope.backends.privacy import Search
from vitascope.base.errors import HomeDamaged, UnknownPerson, UsageError
from vitascope.base.media import Problem
from vitascope.base.ports.service import Ask, RawEvent
from vitascope.base.privacy import PersonExport, Purpose, Receipt
from vitascope.base.ranking import TrainedModel

WHO = "ana.karenina@example.org"
COMMENT = "the crimson lighthouse of Anna"
SETTINGS = {"models": {"off": ["language_model"]}}
NOW = 1_790_000_000.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setenv("VITASCOPE_KEY", secrets.token_hex(32))
    opened = open_system(tmp_path / "home", settings=SETTINGS, clock=Clock(), encrypt=True)
    opened.put_items(ITEMS)
    yield opened
    opened.close()


def act(user: str, item: str, kind: str, **more: object) -> RawEvent:
    return RawEvent(user_id=user, item_id=item, type=kind, timestamp=NOW - 60, session_id=f"s-{user}", **more)


def everything(system: System) -> None:
    """What there is to do, as one person."""
    system.record([act(f"other-{n}", f"{tag}-{n % 4}", "complete") for n in range(12) for tag in ("space", "food")])
    system.record(
        [
            act(WHO, "space-0", "like"),
            act(WHO, "space-1", "rate", value=5.0),
            act(WHO, "food-1", "comment", text=COMMENT),
            act(WHO, "music-0", "hide"),
            act(WHO, "space-0", "undo", value="like"),
            act(WHO, "food-0", "follow"),
        ]
    )
    system.recommend(Ask(user_id=WHO, surface="video", n=5, explain=True, log_impressions=True, session_id="s1"))
    system.profile(WHO)
    system.put_audience(WHO, "children", "boss", f"asked by {WHO}")
    system.moderation_appeal("food-2", WHO, "I object")
    system.consent(WHO, [Purpose.OUTSIDE], True)
    exports = system.rooms.home.exports
    (exports / "lists.jsonl").write_text(
        f'{{"user_id": "{WHO}", "items": []}}\n{{"user_id": "other-1", "items": []}}\n'
    )
    (system.rooms.home.logs / "vitascope.log").write_text(f"line one\nseen {WHO}\nline three\n")
    (system.rooms.home.cache / "list.bin").write_bytes(b"\0" + WHO.encode())


def test_an_erasure_is_proven_and_lasts(system: System, tmp_path: Path) -> None:
    everything(system)
    home = system.rooms.home
    home.backup(tmp_path / "old.backup", tmp_path / "k")
    before = system.traces([WHO, COMMENT])
    assert {t.canary for t in before.found} == {0, 1}, "with the keys at hand both are there"
    assert not system.traces([COMMENT], raw_only=True).found, "and not in the raw files"

    receipt = system.erase(WHO)
    places = {r.place: r.count for r in receipt.removed}
    assert places["table:events"] > 6
    assert places["logs/vitascope.log"] == places["exports/lists.jsonl"] == places["cache/list.bin"] == 1
    assert (home.exports / "lists.jsonl").read_text() == '{"user_id": "other-1", "items": []}\n'
    checked = system.check_receipt(receipt, WHO, [COMMENT, "s-" + WHO])
    assert checked.clean, checked
    assert checked.searched is not None
    assert checked.searched.rows > 100
    assert system.moderation_audit().broken is None
    with pytest.raises(UnknownPerson):
        system.profile(WHO)
    stranger = [i.item_id for i in system.recommend(Ask(user_id="nobody", surface="video", n=5)).items]
    assert [i.item_id for i in system.recommend(Ask(user_id=WHO, surface="video", n=5)).items] == stranger

    # A third party checks the signature with the public key alone; a changed receipt does not hold.
    key = public_key_of(home.key)
    assert check_signature(receipt, key).clean
    for changed in ({"removed": ()}, {"person": 99}, {"erased_at": 1.0}):
        assert not check_signature(receipt.model_copy(update=changed), key).clean
    assert not check_signature(receipt, "00" * 32).clean
    with pytest.raises(UsageError, match="somebody else"):
        system.check_receipt(receipt, "other-1")
    kept = Receipt.model_validate_json((home.exports / "receipts" / f"{receipt.id}.json").read_bytes())
    assert kept == receipt

    # A backup from before does not bring the person back.
    assert (tmp_path / "old.backup.erased").is_file()
    restore_home(tmp_path / "old.backup", tmp_path / "again", tmp_path / "k")
    with open_system(tmp_path / "again", settings=SETTINGS).rooms.home as restored:
        assert WHO not in {p.external_id for p in restored.stores.people.iter()}
        assert "other-1" in {p.external_id for p in restored.stores.people.iter()}
        looking = Search([WHO, COMMENT])
        looking.values(restored.stores.erasure.texts())
        assert looking.result.found == ()
    (tmp_path / "old.backup.erased").unlink()
    restore_home(tmp_path / "old.backup", tmp_path / "third", tmp_path / "k", [home.path / "erased.json"])
    with open_system(tmp_path / "third", settings=SETTINGS).rooms.home as restored:
        assert WHO not in {p.external_id for p in restored.stores.people.iter()}
    with pytest.raises(HomeDamaged, match="no such list"):
        restore_home(tmp_path / "old.backup", tmp_path / "fourth", tmp_path / "k", [tmp_path / "nowhere"])

    # Somebody who comes back is found by the check.
    system.record([act(WHO, "space-0", "like")])
    assert not system.check_receipt(receipt, WHO).clean


def test_people_get_all_that_is_kept_of_them(system: System) -> None:
    everything(system)
    found = system.person_export(WHO)
    assert {e.type for e in found.events} >= {"like", "rate", "comment", "hide", "undo", "follow", "impression"}
    assert [e.text for e in found.events if e.text] == [COMMENT]
    assert found.taste
    assert "audiences" in {row.table for row in found.rows}
    assert {c.purpose for c in found.consents} == set(Purpose)
    again = PersonExport.model_validate(json.loads(found.model_dump_json()))
    assert again == found
    assert set(PersonExport.model_json_schema()["properties"]) >= {"events", "taste", "consents"}


def test_all_purposes_off_and_the_service_works(system: System) -> None:
    everything(system)
    ask = Ask(user_id=WHO, surface="video", n=5)
    stranger = [
        i.item_id for i in system.recommend(ask.model_copy(update={"user_id": "nobody", "audience": "children"})).items
    ]
    held = system.consent(WHO, tuple(Purpose), False)
    assert not any(c.given for c in held)
    assert [i.item_id for i in system.recommend(ask).items] == stranger
    assert [i.item_id for _, a in system.recommend_many([WHO], ask) for i in a.items] == stranger
    assert system.profile(WHO).rows == ()
    assert system.record([act(WHO, "music-1", "like")]).added == 1
    assert system.rooms.stores.profiles.get(system.rooms.stores.people.find([WHO])[WHO]) is None
    person = system.rooms.stores.people.find([WHO])[WHO]
    assert person not in system.rooms.studied.columns().person
    assert person in system.rooms.stores.events.columns().person
    assert not system.rooms.may_write(person)
    system.consent(WHO, tuple(Purpose), True)
    assert person in system.rooms.studied.columns().person
    assert system.profile(WHO).rows


def test_children_are_learned_from_for_themselves_alone(system: System) -> None:
    held = {c.purpose: c.given for c in system.child("kid")}
    assert held == {Purpose.RECOMMEND: True, Purpose.CONTENT: False, Purpose.RESEARCH: False, Purpose.OUTSIDE: False}
    assert system.audience_of("kid") == "children"


def test_where_nothing_holds_until_it_is_said(tmp_path: Path) -> None:
    system = open_system(tmp_path / "h", settings={**SETTINGS, "privacy": {"consent": "opt-in"}})
    system.put_items(ITEMS)
    system.record([act("a", "space-0", "like"), act("b", "food-0", "like")])
    assert not any(c.given for c in system.consents("a"))
    assert len(system.rooms.studied.columns()) == 0
    system.consent("a", [Purpose.RESEARCH], True)
    assert len(system.rooms.studied.columns()) == 1
    system.close()


def test_decoded_media_go_with_an_encrypted_home(system: System, tmp_path: Path) -> None:
    made_clip(tmp_path / "a.mp4")
    rooms = system.rooms
    rooms.reader.decode(tmp_path / "a.mp4", "ab" * 32, rooms.settings.catalog.limits)
    assert rooms.reader.size() > 0
    system.close()
    assert rooms.reader.size() == 0


def test_an_encrypted_home_hides_what_a_plain_one_shows(system: System, tmp_path: Path) -> None:
    searched, planted = system.prove()
    assert planted == 4
    assert searched.found == ()
    assert searched.files > 2
    plain = open_system(tmp_path / "plain", settings=SETTINGS)
    searched, _ = plain.prove()
    assert {t.canary for t in searched.found} == {0}, "the title; what is personal is sealed in every home"
    assert list(plain.rooms.stores.items.iter()) == []
    assert list(plain.rooms.stores.people.iter()) == []
    plain.close()


def test_models_that_hold_a_share_are_trained_anew_in_time(system: System) -> None:
    everything(system)
    stores, rooms, trained = system.rooms.stores, system.rooms, []

    class Trainer:
        def fit(self, *how: object) -> None:
            trained.append(how)
            stores.registry.add(TrainedModel(version="m3", created_at=3, seed=0, path="m3", evaluation=()))
            stores.registry.promote("m3")

    rooms.__dict__["trainer"] = Trainer()
    for name in ("m1", "m2"):
        (rooms.home.models / name).mkdir()
        (rooms.home.models / name / "arrays.npz").write_bytes(b"x")
        stores.registry.add(TrainedModel(version=name, created_at=1, seed=0, path=name, evaluation=()))
        stores.registry.promote(name)
    receipt = system.erase(WHO)
    assert not (rooms.home.models / "m1").exists(), "nobody is served by it: it goes at once"
    (told,) = receipt.scheduled
    assert (told.place, told.by) == ("model:m2", NOW + 7 * 86_400)
    assert system.check_receipt(receipt).overdue == ()
    assert system.due() == ()
    rooms.clock.now = told.by + 1  # type: ignore[attr-defined]
    assert system.check_receipt(receipt).overdue == (told,)
    assert [r.place for r in system.due()] == ["model:m2"]
    assert trained
    assert not (rooms.home.models / "m2").exists()
    assert system.check_receipt(receipt).overdue == ()
    assert system.due() == ()


def test_what_is_kept_too_long_is_deleted(tmp_path: Path) -> None:
    told = {**SETTINGS, "privacy": {"keep_days": 30.0, "problems_days": 1.0}}
    system = open_system(tmp_path / "h", settings=told, clock=Clock())
    system.put_items(ITEMS)
    old = act("a", "food-0", "like").model_copy(update={"timestamp": NOW - 40 * 86_400})
    system.record([act("a", "space-0", "like"), old])
    system.rooms.stores.problems.add([Problem(kind="k", place="p", reason="r", remedy="", last_seen=NOW - 3 * 86_400)])
    assert {r.place: r.count for r in system.due()} == {"table:events": 1, "table:problems": 1}
    assert system.due() == ()
    assert len(system.rooms.stores.events.columns()) == 1
    system.close()
