"""One utterance added to what was said before. Pure: takes a conversation and an utterance, gives the wish that holds now.

A new subject (what it is about, like, by whom, which category) begins a new wish where the one before had a subject too; what
names no subject ("shorter", "in French", "再来点安静的") adds to it. What is said last wins.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from statistics import median

from vitascope.base.talk import Conversation, Like, Move, Utterance, Wish
from vitascope.recommend.talk._slots import LONG, SHORT

_OPPOSITES = {
    "calm": ("energetic", "angry", "tense"),
    "energetic": ("calm", "sad"),
    "happy": ("sad", "dark", "angry"),
    "sad": ("happy", "funny", "energetic"),
    "funny": ("sad", "tense", "dark"),
    "dark": ("happy", "funny"),
    "tense": ("calm",),
}
_SUBJECT = ("categories", "about", "by", "like")
_PAIRS = (("moods", "not_moods"), ("categories", "not_categories"), ("about", "not_about"), ("by", "not_by"),
          ("sounds", "not_sounds"), ("languages", "not_languages"))  # fmt: skip
_STEP = 0.75
"""What is shorter is at most this share of the list before."""


def subject(wish: Wish) -> bool:
    """Whether it says what about."""
    return any(getattr(wish, name) for name in _SUBJECT)


def refined(
    state: Conversation,
    said: Utterance,
    seconds: Sequence[float] = (),
    dates: Sequence[float] = (),
) -> Wish:
    """The wish that holds after an utterance.

    Args:
        seconds: lengths of the items of the list before, where known.
        dates: when they came out, seconds since 1970.
    """
    if said.move is Move.RESET:
        return Wish()
    before = state.wish
    if said.move is Move.ASK and subject(said.wish) and subject(before) and not said.change and not _at_list(said.wish):
        before = Wish()
    wish = _joined(before, said.wish)
    changed: dict[str, object] = {}
    middle = median(seconds) if seconds else None
    if "shorter" in said.change:
        changed |= {"most": _STEP * middle if middle else SHORT, "least": None}
    if "longer" in said.change:
        changed |= {"least": middle / _STEP if middle else LONG, "most": None}
    if "newer" in said.change:
        changed["time"] = f"after-{_day(median(dates))}" if dates else "recent"
    if "older" in said.change:
        changed["time"] = f"before-{_day(median(dates))}" if dates else "old"
    return wish.model_copy(update=changed)


def _at_list(wish: Wish) -> bool:
    """Whether it points at the list before ("more like the second one")."""
    return wish.like is not None and wish.like.place is not None


def _joined(before: Wish, said: Wish) -> Wish:
    fields: dict[str, object] = {}
    for yes, no in _PAIRS:
        wanted, unwanted = getattr(said, yes), getattr(said, no)
        against = {o for w in wanted for o in _OPPOSITES.get(w, ())} if yes == "moods" else set()
        fields[yes] = _union([w for w in getattr(before, yes) if w not in unwanted and w not in against], wanted)
        fields[no] = _union([w for w in getattr(before, no) if w not in wanted], unwanted)
    fields["kinds"] = said.kinds or before.kinds
    for name in ("like", "time", "seen", "n"):
        new = getattr(said, name)
        fields[name] = new if new is not None else getattr(before, name)
    if said.least is not None or said.most is not None:
        fields |= {"least": said.least, "most": said.most}
    else:
        fields |= {"least": before.least, "most": before.most}
    return Wish.model_validate(fields)


def _union(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))[:40]


def _day(stamp: float) -> str:
    return datetime.datetime.fromtimestamp(stamp, datetime.UTC).date().isoformat()


def bounds(time: str, now: float) -> tuple[float, float]:
    """What a time of a wish means: from, to, in seconds since 1970. Raises ValueError for what is none."""
    day = 86_400.0
    today = datetime.datetime.fromtimestamp(now, datetime.UTC).date()

    def stamp(year: int, month: int = 1, date: int = 1) -> float:
        return datetime.datetime(year, month, date, tzinfo=datetime.UTC).timestamp()

    spans = {
        "today": (now - day, now + day),
        "this-week": (now - 7 * day, now + day),
        "this-month": (now - 31 * day, now + day),
        "recent": (now - 90 * day, now + day),
        "this-year": (stamp(today.year), now + day),
        "last-year": (stamp(today.year - 1), stamp(today.year)),
        "old": (float("-inf"), now - 10 * 365.25 * day),
    }
    if time in spans:
        return spans[time]
    side, _, rest = time.partition("-")
    if side in ("before", "after"):
        parts = [int(p) for p in rest.split("-")]
        edge = stamp(*parts) if side == "before" or len(parts) > 1 else stamp(parts[0] + 1)
        return (float("-inf"), edge) if side == "before" else (edge, float("inf"))
    if time.endswith("s"):
        return stamp(int(time[:-1])), stamp(int(time[:-1]) + 10)
    return stamp(int(time)), stamp(int(time) + 1)


def played(when: str, now: float) -> tuple[float, float]:
    """When somebody played what he calls so: from, to, in seconds since 1970. Days are told loosely, as people tell them."""
    hours = {
        "just-now": (6.0, 0.0),
        "today": (24.0, 0.0),
        "yesterday": (60.0, 8.0),
        "this-week": (7 * 24.0, 0.0),
        "last-week": (15 * 24.0, 3 * 24.0),
        "last-month": (62 * 24.0, 14 * 24.0),
    }
    first, last = hours.get(when, (24.0 * 365 * 100, 0.0))
    return now - 3_600 * first, now - 3_600 * last


def like_of(wish: Wish) -> Like | None:
    """What it should be like, where something was named."""
    return wish.like if wish.like is not None and wish.like.anything else None
