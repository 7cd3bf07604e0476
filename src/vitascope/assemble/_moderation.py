"""The moderation half of the library as one service: what waits, what was decided, who may see what.

Takes and gives outside ids. The rules are `base.moderation`'s; here they meet the stores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from vitascope.base.content import Description, Moderation, Verdict
from vitascope.base.errors import Refused, UnknownItem, UnknownPerson, UsageError, without_secret
from vitascope.base.households import audience_parts, joined
from vitascope.base.items import Item
from vitascope.base.moderation import (
    Act,
    ActDraft,
    Judgement,
    ModerationAct,
    ModerationPolicy,
    digest,
    judge,
    spread,
    strictest,
)
from vitascope.base.ports.moderating import Audit, ModerationCase
from vitascope.base.records import ItemKey, PersonKey

if TYPE_CHECKING:
    from vitascope.assemble._rooms import Rooms

_PAGE = 500
_LONGEST = 2_000


class Judges:
    """Judgements on these items of a library, as things stand when it is made."""

    def __init__(self, rooms: Rooms, items: Sequence[Item], known: Mapping[ItemKey, Description]) -> None:
        stores = rooms.stores
        self._policy = rooms.settings.moderation
        copies = stores.duplicates.copies_of([i.key for i in items])
        groups = {key: min(item, *others) for item, others in copies.items() if others for key in (item, *others)}
        self._standing = spread(stores.moderation.standing([*(i.key for i in items), *groups]), groups)
        absent = [key for key in groups if key not in known]
        everything = {**known, **stores.descriptions.many(absent)} if absent else known
        self._lists: dict[PersonKey, frozenset[ItemKey]] = {}
        self._allowed = stores.households.allowed
        self.found: dict[ItemKey, Moderation] = {}
        """What was found in each item and in its whole-work copies."""
        for item in items:
            if (mine := known.get(item.key)) is None:
                continue
            theirs = [everything[k].moderation for k in copies.get(item.key, ()) if k in everything]
            self.found[item.key] = strictest(mine.moderation, theirs) if item.has_media else mine.moderation

    def judge(
        self,
        item: Item,
        description: Description | None,
        audience: str | None = None,
        alone: bool = False,
    ) -> Judgement:
        """The verdict on an item; `alone`: by the policy, whatever an owner decided."""
        return judge(
            self.found.get(item.key),
            self._policy,
            has_media=item.has_media,
            looked_at=not item.has_media or (description is not None and not description.light),
            audience=audience,
            standing=None if alone else self._standing.get(item.key),
            allowed=self._listed(item.key, audience),
        )

    def _listed(self, item: ItemKey, audience: str | None) -> bool:
        person = audience_parts(audience)[1]
        if person is None:
            return True
        if person not in self._lists:
            self._lists[person] = self._allowed(person)
        return item in self._lists[person]


class Moderators:
    """What an owner does about unfit items, and what everybody else is kept from."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    # --- who may see what

    def check_shown(self, item_id: str, audience: str | None = None) -> None:
        """Raises Refused where the policy or the owner does not show the item to this audience; UnknownItem."""
        item = self._moderated(item_id)
        known = self._rooms.stores.descriptions.many([item.key])
        told = Judges(self._rooms, [item], known).judge(item, known.get(item.key), self.check_audience(audience))
        if not told.shown:
            raise Refused(
                "the moderation policy of this library does not show this item",
                place=item_id,
                remedy="its owner decides: `vitascope moderation show ITEM`; who disagrees appeals",
            )

    def check_audience(self, name: str | None) -> str | None:
        """The name, where the policy has it. Raises UsageError."""
        known = self._rooms.settings.moderation.audiences
        policy = audience_parts(name)[0]
        if name is not None and policy is not None and policy not in known:
            raise UsageError(
                "no such audience",
                place=name[:40],
                remedy=f"one of {', '.join(sorted(known)) or 'none: see [moderation]'}",
            )
        return name

    def audience_of(self, user_id: str) -> str | None:
        """The audience a person is in; None for nobody known. One that the policy lost is as strict as all of them."""
        people = self._rooms.stores.people.find([user_id])
        if user_id not in people:
            return None
        return self._rooms.stores.moderation.audiences([people[user_id]]).get(people[user_id])

    def put_audience(self, user_id: str, audience: str | None, who: str, why: str) -> None:
        """Put a person into an audience; None takes them out."""
        self.check_audience(audience)
        stores = self._rooms.stores
        who, why = _said(who, why)
        if audience is None and user_id not in stores.people.find([user_id]):
            raise UnknownPerson("no such person", place=user_id, remedy="a person in no audience needs no taking out")
        person = stores.people.ensure([user_id])[user_id]
        whole = joined(audience_parts(audience)[0], person, stores.households.revision(person))  # a list stays
        self._add(ActDraft(at=0, act=Act.AUDIENCE, person=person, audience=whole, who=who, why=why))

    # --- cases

    def moderation_policy(self) -> ModerationPolicy:
        """The policy that holds."""
        return self._rooms.settings.moderation

    def moderation_case(self, item_id: str) -> ModerationCase:
        """One item as a moderator sees it."""
        item = self._moderated(item_id)
        return self._cases([item], {item.key: tuple(self._rooms.stores.moderation.trail(item.key))})[0]

    def moderation_list(self, verdict: Verdict | None = None) -> Iterator[ModerationCase]:
        """Items that are not simply allowed, in order of their arrival."""
        for case in self._everything():
            decided = any(act.act is Act.DECIDE for act in case.trail)
            if verdict is None:
                if case.judgement.verdict is not Verdict.ALLOW or case.trail:
                    yield case
            elif case.judgement.verdict is verdict and (verdict is not Verdict.ALLOW or decided):
                yield case

    def moderation_queue(self) -> Iterator[ModerationCase]:
        """Appeals first, then what the policy sends to review or blocks by itself, the surest first."""
        waiting = [
            c
            for c in self._everything()
            if c.appeal is not None
            or (c.judgement.by == "policy" and c.judgement.verdict in (Verdict.REVIEW, Verdict.BLOCK))
        ]
        waiting.sort(key=lambda c: (c.appeal is None, -max((f.score for f in c.findings), default=0.0), c.item_id))
        return iter(waiting)

    def _everything(self) -> Iterator[ModerationCase]:
        trails = self._trails()
        items = self._rooms.stores.items.iter()
        while batch := list(islice(items, _PAGE)):
            yield from self._cases(batch, trails, flagged=True)

    def _cases(
        self, items: Sequence[Item], trails: Mapping[ItemKey, Sequence[ModerationAct]], flagged: bool = False
    ) -> list[ModerationCase]:
        stores = self._rooms.stores
        known = stores.descriptions.many([i.key for i in items])
        judges = Judges(self._rooms, items, known)
        out = []
        for item in items:
            mine, trail = judges.found.get(item.key), trails.get(item.key, ())
            told = judges.judge(item, known.get(item.key))
            if flagged and not trail and told.verdict is Verdict.ALLOW:
                continue
            last = trail[-1] if trail else None
            out.append(
                ModerationCase(
                    item_id=item.item_id,
                    title=item.title or "",
                    has_media=item.has_media,
                    judgement=told,
                    audiences=tuple(
                        (name, judges.judge(item, known.get(item.key), name))
                        for name in self._rooms.settings.moderation.audiences
                    ),
                    automatic=judges.judge(item, known.get(item.key), alone=True),
                    reasons=mine.reasons if mine is not None else (),
                    findings=mine.findings if mine is not None else (),
                    trail=tuple(trail),
                    appeal=last if last is not None and last.act is Act.APPEAL else None,
                    media=tuple(without_secret(a.uri) for a in stores.items.assets([item.key]).get(item.key, ())),
                )
            )
        return out

    def _trails(self) -> dict[ItemKey, list[ModerationAct]]:
        out: dict[ItemKey, list[ModerationAct]] = {}
        for act in self._rooms.stores.moderation.trail():
            if act.item is not None:
                out.setdefault(act.item, []).append(act)
        return out

    # --- acts

    def moderation_decide(
        self, item_id: str, verdict: Verdict, who: str, why: str, *, audience: str | None = None, age: int | None = None
    ) -> ModerationCase:
        """An owner's decision; every reader of the library takes it up at once."""
        item, (who, why) = self._moderated(item_id), _said(who, why)
        if (verdict is Verdict.AGE_LIMIT) != (age is not None):
            raise UsageError("an age goes with an age limit, and only with it", place="age", remedy="say both or none")
        if age is not None and not 1 <= age <= 21:
            raise UsageError("no such age limit", place=str(age), remedy="an age from 1 to 21")
        self._add(
            ActDraft(
                at=0,
                act=Act.DECIDE,
                item=item.key,
                item_id=item.item_id,
                verdict=verdict,
                age=age,
                audience=self.check_audience(audience),
                who=who,
                why=why,
            )
        )
        self._rooms.touch()
        return self.moderation_case(item_id)

    def moderation_appeal(self, item_id: str, who: str, why: str) -> ModerationCase:
        """Somebody disagrees with what is decided; the item goes to the head of the queue. Nothing is shown by it."""
        item, (who, why) = self._moderated(item_id), _said(who, why)
        self._add(ActDraft(at=0, act=Act.APPEAL, item=item.key, item_id=item.item_id, who=who, why=why))
        return self.moderation_case(item_id)

    def moderation_audit(self, item_id: str | None = None) -> Audit:
        """The trail in its order, and whether every line is as it was written."""
        store = self._rooms.stores.moderation
        item = None if item_id is None else self._moderated(item_id).key
        return Audit(acts=tuple(store.trail(item)), broken=store.broken())

    def _add(self, draft: ActDraft) -> None:
        policy = digest(self._rooms.settings.moderation)
        act = self._rooms.stores.moderation.add(draft.model_copy(update={"at": self._rooms.clock(), "policy": policy}))
        about = f"item {act.item_id}" if act.item_id is not None else f"person {act.person}"
        self._rooms.access.audit(f"moderation.{act.act}", subject=about, detail=f"line {act.number} of its own trail")

    def _moderated(self, item_id: str) -> Item:
        item = self._rooms.stores.items.get(item_id)
        if item is None:
            raise UnknownItem("no such item", place=item_id, remedy="see `vitascope moderation list`")
        return item


def _said(who: str, why: str) -> tuple[str, str]:
    who, why = who.strip()[:200], why.strip()[:_LONGEST]
    if not who or not why:
        raise UsageError(
            "an act of moderation names who acts and why", place="who" if not who else "why", remedy="say both"
        )
    return who, why
