"""Chinese requests by the rules of `_chinese.py`, in their order. Words are matched where they stand, nothing is segmented."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from vitascope.base.languages import NAMES
from vitascope.base.talk import Like, Move, Utterance
from vitascope.recommend.talk import _chinese as zh
from vitascope.recommend.talk._slots import (
    ABOUT,
    GONE,
    LONG,
    QUOTED,
    SHORT,
    Slots,
    Text,
    alternatives,
    as_can_be,
    words,
)

_QUOTED = re.compile(r"[《“「『\"](?P<title>[^》”」』\"]{1,200})[》”」』\"]")
_PIECE = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:[ '-][^\W_\u3400-\u9fff]+)*")


def chinese(text: str) -> Utterance:
    """Read a Chinese utterance (other words in it are kept as they are)."""
    here = Text(unicodedata.normalize("NFC", text).lower())
    slots = Slots()
    titles: list[str] = []
    while (found := _QUOTED.search(here.left)) is not None:
        titles.append(found["title"].strip())
        size = found.end() - found.start()
        here.left = here.left[: found.start()] + QUOTED * size + here.left[found.end() :]
    here.every(zh.ARE_THERE)
    for found in here.every(zh.BETTER):
        as_can_be(zh.HOWS[found["how"]], slots)
    _moves(here, slots)
    if slots.move in (Move.RESET, Move.WHY, Move.MORE):
        return slots.utterance()
    _seen(here, slots)
    _like(here, slots, titles)
    _lengths(here, slots)
    _times(here, slots)
    if (found := here.take(zh.COUNT)) is not None:
        slots.n = min(100, max(1, int(zh.number(found["n"]))))
        if slots.n == 1 and found["n"] == "一" and not found.group().endswith("本"):
            slots.n = None  # "一个" is an article
    for found in here.every(zh.BY):
        if found["who"] not in _stop():
            slots.put("by", found["who"].strip())
    here.every(zh.AGED)
    if here.every(zh.NO_MUSIC):
        slots.put("sounds", "music", True)
    _mark(here)
    for phrase in words("zh")["phrases"]["about"]:
        for found in here.every(re.compile(re.escape(phrase))):
            slots.put("about", phrase, here.against(found.start()))
    for found in here.every(zh.HOW):
        slots.put("about", found["what"])
    _known(here, slots)
    for title in titles:
        slots.put("about", title)
    _rest(here, slots)
    return slots.utterance()


def _moves(here: Text, slots: Slots) -> None:
    if zh.RESET.search(here.left):
        slots.move = Move.RESET
        return
    if zh.WHY.search(here.left):
        slots.move, slots.places = Move.WHY, [zh.place(p) for p in zh.PLACE.findall(here.left)]
        return
    if zh.MORE.match(here.left):
        slots.move = Move.MORE
        return
    for pattern in zh.REJECT:
        for found in here.every(pattern):
            slots.move = Move.REJECT
            what = found.groupdict().get("what") or ""
            ahead = zh.FIRST.search(what)
            if ahead is not None and ahead["end"] == "前":
                slots.places += list(range(1, int(zh.number(ahead["n"])) + 1))
            elif "些" in what or "几" in what:
                slots.places += list(range(1, 41))
            else:
                slots.places += [zh.place(p) for p in zh.PLACE.findall(what)]
    if slots.move is Move.REJECT:
        here.take(zh.SWAP)
    for name, pattern in zh.CHANGE:
        if here.take(pattern):
            slots.change.append(name)


def _seen(here: Text, slots: Slots) -> None:
    if here.every(zh.UNSEEN):
        slots.seen = False
    if here.every(zh.AGAIN):
        slots.seen = True


def _like(here: Text, slots: Slots, titles: list[str]) -> None:
    for pattern in zh.LIKE:
        found = pattern.search(here.left)
        if found is None or not found["what"].strip(GONE):
            continue
        what = found["what"]
        when, name = None, what
        for said, moment in zh.WHEN:
            if moment.search(name):
                when, name = said, moment.sub("", name)
                break
        places = [zh.place(p) for p in zh.PLACE.findall(name)]
        if re.fullmatch(r"(?:上|前|刚才)(?:一|那)?(?:个|首|部|段|条)?", name):
            places = [1]
        name = re.sub(rf"^{zh.PLAYED}", "", name)
        name = zh.FILLER.sub("", name).replace(GONE, "").strip()
        if QUOTED in what and titles:
            name = titles.pop(0)
        if pattern is zh.LIKE[3] and when is None and QUOTED not in what:
            continue  # "...风格" of itself names no item
        if when is None and not name and not places:
            continue
        for mood, said_so in words("zh")["moods"].items():
            if name in said_so:  # "上个月看过的搞笑的": a mood, and no title
                slots.put("moods", mood)
                name = ""
        slots.like = Like(text="" if places else name[:300], when=when, place=places[0] if places else None)
        kept = found.group()
        here.drop(found.start(), found.end())
        if "视频" in kept:
            slots.put("kinds", "video")
        here.take(zh.SIMILAR)
        return
    if zh.SIMILAR.search(here.left) and (found := here.take(zh.THAT_ONE)) is not None:
        here.take(zh.SIMILAR)
        when = next((w for w, p in zh.WHEN if p.search(found["when"])), None)
        slots.like = Like(text=found["what"][:300], when=when)
        return
    if (found := here.take(zh.SIMILAR)) is not None:
        place = here.take(zh.PLACE)
        slots.like = Like(place=zh.place(place.group()) if place else 1)
        here.take(re.compile(r"不错|很好|很棒|可以|挺好|我?喜欢"))
        return
    if slots.seen:
        for said, moment in zh.WHEN:
            if here.take(moment):
                slots.like = Like(when=said)
                here.take(re.compile(zh.PLAYED))
                return


def _lengths(here: Text, slots: Slots) -> None:
    for found in here.every(zh.RANGE):
        unit = found["unit"]
        slots.at_least(zh.seconds(found["low"] + (found["lowunit"] or unit)))
        slots.at_most(zh.seconds(found["high"] + unit))
    for found in here.every(zh.MOST):
        slots.at_most(zh.seconds(found["a"] or found["b"] or found["c"]))
    for found in here.every(zh.LEAST):
        slots.at_least(zh.seconds(found["a"] or found["b"]))
    for found in here.every(zh.AROUND):
        told = zh.seconds(found["a"])
        slots.at_least(told * (1 - ABOUT))
        slots.at_most(told * (1 + ABOUT))
    if here.take(zh.SHORT):
        slots.at_most(SHORT)
    if slots.least is None and slots.most is None and here.take(zh.LONG):
        slots.at_least(LONG)


def _times(here: Text, slots: Slots) -> None:
    for name, pattern in zh.OUT:
        if here.take(pattern):
            slots.time = name
    for found in here.every(zh.YEAR):
        if found["year"]:
            side = found["side"] or ""
            sign = "before-" if side in ("以前", "之前", "前") else "after-" if side else ""
            slots.time = f"{sign}{found['year']}" + ("s" if found["s"] and not sign else "")
        else:
            said = found["decade"]
            slots.time = f"{zh.DECADES[said] if said in zh.DECADES else 1900 + 10 * int(said)}s"
    if slots.time is None and here.take(zh.NEW):
        slots.time = "recent"
    elif slots.time is None and here.take(zh.OLD):
        slots.time = "old"


def _mark(here: Text) -> None:
    """Mark what is not wanted: after "不要", and before "就算了"."""
    for cue in zh.BEFORE.finditer(here.left):
        end = zh.END.search(here.left, cue.end())
        stop = end.start() if end else len(here.left)
        if zh.WEAK.fullmatch(cue.group()):
            of = here.left.find("的", cue.end(), stop)
            stop = of if of >= 0 else stop
        here.negative.append((cue.start(), stop))
        here.drop(cue.start(), cue.end())
    for cue in zh.AFTER.finditer(here.left):
        start = max((m.end() for m in re.finditer(r"[，。；！？,.;!?]", here.left[: cue.start()])), default=0)
        here.negative.append((start, cue.end()))
        here.drop(cue.start(), cue.end())


@cache
def _stop() -> tuple[str, ...]:
    return words("zh")["stop"]["words"]


def _matched(slot: str, word: str) -> str:
    """A word as a pattern: a category is no field of study of that name, and a 曲 is no concerto."""
    before = "(?<!奏)(?<!行)(?<!序)" if word == "曲" else ""
    return before + re.escape(word) + ("(?!学)" if slot == "categories" else "")


@cache
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    """(slot, name, pattern), the longest words first."""
    tables = words("zh")
    told = [
        (-len(word), slot, name, re.compile(_matched(slot, word)))
        for slot in ("whole", "sounds", "moods", "categories", "kinds")
        for name, said in tables[slot].items()
        for word in said
    ]
    for code, (_, name) in NAMES.items():
        stem = name.removesuffix("语")
        told.append((-len(name), "languages", code, re.compile(rf"{name}|{stem}文" if name != stem else name)))
    told.append((-2, "languages", "zh", re.compile("中文|普通话|国语|华语")))
    told.append((-2, "languages", "ja", re.compile("日文")))
    told.sort(key=lambda t: (t[0], t[1] != "whole"))
    return [(slot, name, pattern) for _, slot, name, pattern in told]


def _known(here: Text, slots: Slots) -> None:
    for found in here.every(zh.ABOUT):
        for part in re.split(r"和|与|跟|、|以及|或", found["what"]):
            said = part.replace(QUOTED, "").strip()
            if said and said not in _stop():
                slots.put("about", said, here.against(found.start()))
    film = re.search(r"(?:悬疑|惊悚|恐怖|爱情|喜剧|科幻|动作)片", here.left)
    for slot, name, pattern in _patterns():
        for found in here.every(pattern):
            against = here.against(found.start())
            if slot == "whole":
                slots.put("sounds", name, not against)
            elif slot == "sounds" and name == "music" and not against:
                slots.put("categories", "music")
            else:
                slots.put(slot, name, against)
            if found.group() in ("轻音乐", "纯音乐", "儿歌"):
                slots.put("categories", "music")
    if film is not None:
        slots.put("categories", "film", here.against(film.start()))


def _rest(here: Text, slots: Slots) -> None:
    """What no rule took, less words that say nothing."""
    empty = re.compile(alternatives(w for w in _stop() if len(w) > 1))
    single = frozenset(w for w in _stop() if len(w) == 1)
    left = empty.sub(lambda m: GONE * len(m.group()), here.left.replace(QUOTED, GONE))
    for found in _PIECE.finditer(left):
        piece, start = found.group(), found.start()
        while piece and piece[0] in single:
            piece, start = piece[1:], start + 1
        while piece and piece[-1] in single:
            piece = piece[:-1]
        if not piece or piece.isdigit() or piece in ("类", "类的"):
            continue
        against = here.against(start)
        for part in re.split(r"[的和与]", piece):
            if part:
                slots.put("about", part, against)
                if not against:
                    slots.left.append(part)
