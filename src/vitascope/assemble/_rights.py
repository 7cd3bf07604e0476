"""What people may ask of the library about themselves: consent, access, erasure; and whether an erasure held.

Takes and gives outside ids. Removing is done where things lie (stores, home); here is the order in which it is done.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vitascope.assemble._people import People
from vitascope.base.errors import UsageError
from vitascope.base.items import ItemDraft
from vitascope.base.media import Problem
from vitascope.base.people import EventDraft, EventType
from vitascope.base.policy import pseudonym
from vitascope.base.ports.service import Progress, silent
from vitascope.base.privacy import (
    Checked,
    Consent,
    ExportedEvent,
    ExportedRow,
    PersonExport,
    Purpose,
    Receipt,
    Removed,
    Scheduled,
    Searched,
)

REFIT_BY = "privacy:refit-by"
"""Setting: until when the current model is to be trained anew, after an erasure."""
_TOLD_APART = ("events", "profiles", "corrections", "consents")
_DAY = 86_400.0


class Rights(People):
    """The rights of the people of a library."""

    def consents(self, user_id: str) -> tuple[Consent, ...]:
        """What holds for a person, purpose by purpose."""
        person = self._known(user_id)
        said = self._rooms.stores.consents.of(person)
        return tuple(said.get(p) or Consent(purpose=p, given=self._rooms.by_default(p)) for p in Purpose)

    def consent(self, user_id: str, purposes: Sequence[Purpose], given: bool) -> tuple[Consent, ...]:
        """Keep what a person says; it holds from the next list on."""
        stores = self._rooms.stores
        person = stores.people.ensure([user_id])[user_id]
        stores.consents.say(person, purposes, given)
        said = f"{'yes' if given else 'no'}: {' '.join(sorted(set(purposes)))}"
        self._rooms.access.audit("consent", subject=f"person {person}", detail=said)
        if not given and Purpose.RECOMMEND in purposes:
            stores.profiles.reset(
                person
            )  # the taste that was made for lists; what was done stays, and is the person's to erase
        return self.consents(user_id)

    def child(self, user_id: str) -> tuple[Consent, ...]:
        """Children's mode: behaviour makes the own lists and nothing else; the audience "children", where the policy has one."""
        if "children" in self._rooms.settings.moderation.audiences:
            self.put_audience(user_id, "children", "privacy", "children's mode")
        return self.consent(user_id, (Purpose.CONTENT, Purpose.RESEARCH, Purpose.OUTSIDE), False)

    # --- access

    def person_export(self, user_id: str) -> PersonExport:
        """Everything that is kept of a person."""
        stores, person = self._rooms.stores, self._known(user_id)
        by_table: dict[str, list[dict[str, Any]]] = {}
        for table, values in stores.erasure.rows(person):
            by_table.setdefault(table, []).append(values)
        numbers = sorted(values["number"] for values in by_table.get("events", ()))
        events = stores.events.by_number(numbers)
        items = stores.items.by_key(sorted({e.item for e in events.values() if e.item is not None}))
        profile = stores.profiles.get(person)
        return PersonExport(
            user_id=user_id,
            known_since=stores.people.known_since(person),
            exported_at=self._rooms.clock(),
            consents=self.consents(user_id),
            events=tuple(
                ExportedEvent(
                    number=n,
                    item_id=items[e.item].item_id if e.item in items else None,
                    type=e.type.value,
                    value=e.value,
                    timestamp=e.time,
                    surface=e.surface.value if e.surface else None,
                    session_id=e.session,
                    event_id=e.identity,
                    text=e.text,
                    target=e.target,
                    undoes=e.undoes.value if e.undoes else None,
                    propensity=e.propensity,
                    source=e.source,
                )
                for n, e in events.items()
            ),
            taste_text=profile.text if profile else "",
            taste={f.name: f.value for f in profile.features} if profile else {},
            corrections={c.name: None if c.muted else c.value for c in stores.profiles.corrections(person)},
            rows=tuple(
                ExportedRow(table=table, values={name: _plain(value) for name, value in values.items()})
                for table, all_values in by_table.items()
                if table not in _TOLD_APART
                for values in all_values
            ),
        )

    # --- erasure

    def erase(self, user_id: str, refit: bool = False, progress: Progress = silent) -> Receipt:
        """Remove everything of a person, for good, and say what was removed where. Signed."""
        from vitascope.backends.privacy import sign

        rooms, person = self._rooms, self._known(user_id)
        told = rooms.settings.privacy
        now, receipt = rooms.clock(), secrets.token_hex(16)
        removed = rooms.stores.erasure.erase(person, user_id, receipt)
        if made_for := rooms.personal.forget(person):
            removed += (Removed(place="cache/personal", count=made_for, how="deleted"),)
        files, missed = rooms.home.forget(user_id, told.tombstones)
        removed += files
        scheduled: list[Scheduled] = []
        if rooms.stores.registry.current() is not None:
            if refit:
                rooms.trainer.fit(0, "always", progress, False)
            removed += self._old_models()
            current = rooms.stores.registry.current()
            if not refit and current is not None:
                by = now + told.refit_days * _DAY
                kept = rooms.stores.settings.get(REFIT_BY)
                rooms.stores.settings.set(REFIT_BY, repr(min(by, float(kept))) if kept else repr(by))
                scheduled.append(
                    Scheduled(
                        place=f"model:{current.version}",
                        why="sums over everybody's behaviour hold a share of this person's until it is trained anew",
                        by=by,
                    )
                )
        folded = rooms.stores.erasure.compact()
        notes = [f"the list of the erased could not be written to {name}" for name in missed]
        if not folded:
            notes.append(
                "another process was reading: deleted pages leave the write-ahead log when it next is folded in"
            )
        made = sign(
            rooms.home.key,
            Receipt(
                id=receipt,
                pseudonym=pseudonym(rooms.home.key, user_id).hex(),
                person=person,
                erased_at=now,
                removed=tuple(r for r in removed if r.count),
                scheduled=tuple(scheduled),
                notes=tuple(notes),
                public_key="",
            ),
        )
        rooms.access.audit("erase", subject=f"receipt {receipt}", detail=f"{sum(r.count for r in removed)} removed")
        rooms.home.keep_receipt(receipt, made.model_dump_json(indent=1))
        return made

    def _old_models(self) -> list[Removed]:
        """Models beside the current one go at once: they were trained on what is erased, and nobody is served by them."""
        gone = []
        for model in self._rooms.stores.registry.iter():
            if not model.current:
                self._rooms.stores.registry.remove(model.version)
                self._rooms.home.drop_model(model.path)
                gone.append(Removed(place=f"model:{model.version}", count=1, how="deleted"))
        return gone

    # --- proof

    def check_receipt(self, receipt: Receipt, user_id: str | None = None, canaries: Sequence[str] = ()) -> Checked:
        """Whether a receipt is sound and the erasure held: no row, no trace in raw files or behind the keys.

        Args:
            user_id: the outside id, where it is still known: looked for like the canaries.
            canaries: texts that only this person's data held.
        """
        from vitascope.backends.privacy import is_signed, public_key

        rooms = self._rooms
        name = bytes.fromhex(receipt.pseudonym)
        if user_id is not None and pseudonym(rooms.home.key, user_id) != name:
            raise UsageError("this receipt is somebody else's", place=user_id, remedy="name the person it was made for")
        texts = [*([user_id] if user_id is not None else []), *canaries]
        left = rooms.stores.erasure.left(receipt.person)
        if rooms.stores.erasure.find([name]):
            left.append(Removed(place="table:people", count=1, how="back"))
        current = rooms.stores.registry.current()
        standing = {f"model:{current.version}"} if current is not None else set()
        return Checked(
            receipt=receipt.id,
            signed=is_signed(receipt),
            ours=receipt.public_key == public_key(rooms.home.key),
            rows_left=tuple(left),
            tombstone=name in rooms.stores.erasure.tombstones(),
            searched=self.traces(texts) if texts else None,
            overdue=tuple(s for s in receipt.scheduled if s.place in standing and s.by < rooms.clock()),
        )

    def traces(self, texts: Sequence[str], raw_only: bool = False, also: Sequence[Path] = ()) -> Searched:
        """Look for texts in all files of the home, in whatever form, and in every value that its keys open."""
        from vitascope.backends.privacy import Search

        looking = Search(texts)
        looking.folders([self._rooms.home.path, *also])
        if not raw_only:
            looking.values(self._rooms.stores.erasure.texts())
            looking.values(self._rooms.home.opened_files())
        return looking.result

    def prove(self, texts: Sequence[str] = (), also: Sequence[Path] = ()) -> tuple[Searched, int]:
        """Plant texts in this home (a title, a name, a comment, a row that is set aside), look for them in its raw files, and
        take them out again. Answers what was found and how many were planted; named texts come first in the numbering."""
        stores = self._rooms.stores
        mark = secrets.token_hex(8)
        title, name, comment, row = (f"planted {kind} {mark}" for kind in ("title", "name", "comment", "row"))
        (item,) = stores.items.put([ItemDraft(item_id=f"planted-{mark}", title=title)])
        try:
            person = stores.people.ensure([name])[name]
            try:
                said = EventDraft(person=person, item=item.key, type=EventType.COMMENT, identity=mark, text=comment)
                stores.events.append([said])
                stores.problems.add([Problem(kind="planted", place=mark, reason="planted", remedy="", payload=row)])
                planted = (title, name, comment, row)
                return self.traces([*texts, *planted], raw_only=True, also=also), len(planted)
            finally:
                stores.problems.clear([mark])
                stores.erasure.erase(person, name, "")
        finally:
            stores.items.delete([item.key])

    # --- what is due

    def due(self, progress: Progress = silent) -> tuple[Removed, ...]:
        """Do what limits and erasures ask for: delete what is kept too long, train anew what is overdue."""
        rooms, told = self._rooms, self._rooms.settings.privacy
        now, done = rooms.clock(), []
        if told.keep_days is not None and (n := rooms.stores.erasure.retire(now - told.keep_days * _DAY)):
            rooms.stores.erasure.compact()
            done.append(Removed(place="table:events", count=n, how="deleted"))
        if told.problems_days is not None and (
            n := rooms.stores.erasure.forget_problems(now - told.problems_days * _DAY)
        ):
            done.append(Removed(place="table:problems", count=n, how="deleted"))
        by = rooms.stores.settings.get(REFIT_BY)
        if by is not None and float(by) <= now:
            rooms.trainer.fit(0, "always", progress, False)
            done += self._old_models()
            rooms.stores.settings.set(REFIT_BY, None)
        return tuple(done)


def read_receipt(path: Path) -> Receipt:
    """A receipt from a file. Raises UsageError."""
    try:
        return Receipt.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise UsageError(
            "this is no receipt", place=str(path), remedy="name a file that `privacy erase` wrote"
        ) from error


def _plain(value: Any) -> str | float | int | bool | None:
    if value is None or isinstance(value, str | float | int | bool):
        return value
    return value.hex() if isinstance(value, bytes) else json.dumps(value, default=str)
