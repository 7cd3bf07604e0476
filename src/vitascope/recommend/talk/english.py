"""The rules of `_english.py` in their order: an English utterance to an `Utterance`."""

from __future__ import annotations

import re
from functools import cache

from vitascope.base.languages import NAMES
from vitascope.base.talk import Like, Move, Utterance
from vitascope.recommend.talk import _english as en
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


def english(text: str) -> Utterance:
    """Read an English utterance."""
    whole = en.expand(text)
    here = Text("".join(c.lower() if len(c.lower()) == 1 else c for c in whole))
    slots = Slots()
    titles = _quoted(here, whole)
    for found in here.every(en._BETTER):
        as_can_be(found["how"], slots)
    _moves(here, slots)
    if slots.move in (Move.RESET, Move.WHY):
        return slots.utterance()
    if here.every(en._AGED):
        slots.put("categories", "children")
    _seen(here, slots)
    _like(here, slots, titles)
    _lengths(here, slots)
    _by(here, slots, whole)
    _times(here, slots)
    _count(here, slots)
    if here.every(en._NO_MUSIC):
        slots.put("sounds", "music", True)
    _mark(here)
    for found in here.every(en._HOW):
        slots.put("about", found["what"])
    _known(here, slots)
    for title in titles:
        slots.put("about", title)
    _rest(here, slots)
    return slots.utterance()


def _quoted(here: Text, whole: str) -> list[str]:
    """Quoted names, taken out but for a mark that says one stood there."""
    titles = []
    while (found := en._QUOTED.search(here.left)) is not None:
        titles.append(" ".join(whole[found.start("title") : found.end("title")].split()))
        size = found.end() - found.start()
        here.left = here.left[: found.start()] + QUOTED + " " * (size - 1) + here.left[found.end() :]
    return titles


def _places(said: str) -> list[int]:
    found = [en._ORDINALS[w] for w in re.findall(rf"\b(?:{alternatives(en._ORDINALS)})\b", said)]
    return found or ([-1] if re.search(r"\blast(?: one)?\b(?! night| week| month| year)", said) else [])


def _moves(here: Text, slots: Slots) -> None:
    if en._RESET.search(here.left):
        slots.move = Move.RESET
        return
    if en._WHY.search(here.left):
        slots.move, slots.places = Move.WHY, _places(here.left)
        return
    if en._MORE.match(here.left):
        slots.move = Move.MORE
        here.drop(0, len(here.left))
        return
    for found in here.every(en._REJECTS):
        slots.move = Move.REJECT
        if found["count"]:
            many = int(en._number(found["many"]))
            slots.places += list(range(1, many + 1)) if found["count"] != "last" else []
        elif found["what"].startswith("last"):
            slots.places.append(-1)
        elif found["what"].startswith(("any of", "all of", "these", "those", "them")):
            slots.places += list(range(1, 41))
        else:
            slots.places += _places(found["what"])
    for name, said in en._COMPARED.items():
        if here.take(
            re.compile(
                rf"\b(?:{said})(?= ?(?:$|[,.;!?{GONE}]|and\b|but\b|please\b|ones?\b|in\b|this\b|now\b|though\b|then\b))"
            )
        ):
            slots.change.append(name)


def _seen(here: Text, slots: Slots) -> None:
    if here.every(en._UNSEEN):
        slots.seen = False
    if here.every(en._AGAIN):
        slots.seen = True


def _when(said: str) -> tuple[str | None, str]:
    """When the person played something, and what is left of the words."""
    for name, pattern in en._WHEN:
        if pattern.search(said):
            return name, pattern.sub(" ", said)
    return None, said


def _like(here: Text, slots: Slots, titles: list[str]) -> None:
    """What the wanted items should be like."""
    found = en._LIKE.search(here.left)
    if found is not None and found["what"].strip(" " + GONE) not in ("", "it", "that", "this", "them", "those"):
        what = found["what"]
        places = _places(what)
        when, rest = _when(what)
        if QUOTED in rest and titles:
            name = titles.pop(0)
        elif places:
            name = ""
        else:
            name = " ".join(en._FILLER.sub(" ", rest.replace("just", " ")).replace(GONE, " ").split())
        if not name and when is None and re.search(en._PLAYED, what):
            when = "just-now"
        if name in ("previous", "one before", "before", "last", "same", "earlier"):
            name, places = "", [1]
        slots.like = Like(text=name[:300], when=when, place=places[0] if places and not name else None)
        here.drop(found.start(), found.end())
        return
    found = here.take(en._ONE_I_HEARD)
    if found is not None:
        when, rest = _when(found.group())
        told = re.search(r"\babout (?P<what>[^,.;!?]+)", rest)
        if told is not None:
            slots.put("about", en._TRIM.sub("", told["what"].strip()))
        similar = here.take(en._SIMILAR)
        slots.like = Like(when=when or ("just-now" if similar else None))
        return
    place = en._PLACE.search(here.left)
    when, _ = _when(here.left)
    if when is not None and en._SIMILAR.search(here.left):
        clause = next(c for c in re.finditer(r"[^,.;!?]+", here.left) if _when(c.group())[0])
        _, rest = _when(clause.group())
        name = " ".join(en._FILLER.sub(" ", en._PRAISED.sub(" ", rest)).split())
        here.drop(clause.start(), clause.end())
        here.take(en._SIMILAR)
        slots.like = Like(text=name[:300], when=when)
        return
    if here.take(en._SIMILAR) or en._LIKE_IT.search(here.left):
        here.take(en._LIKE_IT)
        slots.like = Like(place=en._ORDINALS[place["word"]] if place else 1)
        if place is not None:
            praise = en._PRAISE.match(here.left, place.end())
            here.drop(0, praise.end() if praise else place.end())
        return
    if slots.seen:
        when, _ = _when(here.left)
        if when is not None:
            slots.like = Like(when=when)
            for name, pattern in en._WHEN:
                if name == when:
                    here.take(pattern)


def _lengths(here: Text, slots: Slots) -> None:
    for found in here.every(en._RANGE):
        high = en._UNITS[found["unithigh"][0]]
        low = en._UNITS[found["unitlow"][0]] if found["unitlow"] else high
        slots.at_least(en._number(found["low"]) * low)
        slots.at_most(en._number(found["high"]) * high)
    for found in here.every(en._MOST):
        slots.at_most(en._amount(found))
    for found in here.every(en._LEAST):
        slots.at_least(en._amount(found))
    for found in here.every(en._MOST_AFTER):
        slots.at_most(en._amount(found))
    for found in here.every(en._LEAST_AFTER):
        slots.at_least(en._amount(found))
    for found in here.every(en._AROUND):
        seconds = en._amount(found)
        slots.at_least(seconds * (1 - ABOUT))
        slots.at_most(seconds * (1 + ABOUT))
    if here.take(en._SHORT):
        slots.at_most(SHORT)
    if slots.least is None and slots.most is None and here.take(en._LONG):
        slots.at_least(LONG)


def _times(here: Text, slots: Slots) -> None:
    for name, said in en._OUT:
        if here.take(re.compile(rf"\b(?:{said})\b")):
            slots.time = name
    for found in here.every(en._YEARS):
        side = found["side"] or ""
        sign = "before-" if side in ("before", "prior to", "older than", "earlier than") else "after-" if side else ""
        if found["year"]:
            year = int(found["year"])
            slots.time = f"{sign}{year}" + ("s" if found["s"] and not sign else "")
        else:
            decade = en._DECADES[found["word"]] if found["word"] else 1900 + int(found["decade"])
            slots.time = f"{sign}{decade}" + ("" if sign else "s")
    if slots.time is None and here.take(en._NEW):
        slots.time = "recent"
    elif slots.time is None and here.take(en._OLD):
        slots.time = "old"


def _by(here: Text, slots: Slots, whole: str) -> None:
    """Creators, known by their capital letters."""
    seen = Text("".join(GONE if a == GONE else b for a, b in zip(here.left, whole, strict=True)))
    for found in seen.every(en._BY):
        if not any(c.isupper() for c in found["who"]):
            continue
        before = here.left[: found.start()]
        slots.put("by", found["who"].strip(), bool(re.search(r"\b(?:not|nothing|no \w+|except)\s*$", before)))
        here.drop(found.start(), found.end())


def _count(here: Text, slots: Slots) -> None:
    found = en._COUNT.search(here.left) or _counted().search(here.left)
    if found is None:
        return
    told = found.groupdict()
    said = told.get("of") or told.get("n") or told.get("m") or told.get("k") or ""
    try:
        count = int(en._number(said))
    except ValueError:
        return
    if 1 <= count <= 100:
        slots.n = count
        here.drop(found.start(), found.end())


@cache
def _counted() -> re.Pattern[str]:
    """A number before things that a library has: "a couple of comedy sketches"."""
    things = [word for slot in ("categories", "kinds") for said in words("en")[slot].values() for word in said]
    return re.compile(
        rf"\b(?P<k>a couple of|a dozen|two|three|four|five|six|seven|eight|nine|ten|\d{{1,2}})"
        rf"(?=\s+(?:[a-z-]+\s+){{0,3}}?(?:{alternatives(things)})(?:s|es)\b)"
    )


def _mark(here: Text) -> None:
    """Mark what is not wanted."""
    for found in en._CUE.finditer(here.left):
        end = en._SCOPE_END.search(here.left, found.end())
        here.negative.append((found.start(), end.start() if end else len(here.left)))
    for start, _ in here.negative:
        cue = en._CUE.match(here.left, start)
        if cue is not None:
            here.drop(start, cue.end())


@cache
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    """(slot, name, pattern), the longest words first."""
    told: list[tuple[int, str, str, re.Pattern[str]]] = []
    tables = words("en")
    for slot in ("whole", "sounds", "moods", "categories", "kinds"):
        for name, said in tables[slot].items():
            for word in said:
                if word.endswith("y") and slot == "moods":
                    told.append((-len(word), slot, name, re.compile(rf"(?<![\w-]){re.escape(word[:-1])}ier(?![\w-])")))
                ending = "(?:s|es|'s)?" if slot in ("categories", "kinds", "sounds") else "(?:er|r|ly|s)?"
                told.append((-len(word), slot, name, re.compile(rf"(?<![\w-]){re.escape(word)}{ending}(?![\w-])")))
    told += [
        (-len(names[0]), "languages", code, re.compile(rf"\b(?:in |of )?{names[0].lower()}(?:-language|-speaking)?\b"))
        for code, names in NAMES.items()
    ]
    told.sort(key=lambda t: (t[0], t[1] != "whole", t[1] != "sounds"))
    return [(slot, name, pattern) for _, slot, name, pattern in told]


def _known(here: Text, slots: Slots) -> None:
    """Words that name a mood, category, kind, sound or language; "about X" keeps X whole."""
    for found in here.every(en._ABOUT_WHAT):
        whole = _FIXED.search(found["what"]) is not None
        for part in [found["what"]] if whole else re.split(r"\s+(?:and|or)\s+|\s*,\s*", found["what"]):
            _topic(part, slots, here.against(found.start()))
    for found in here.every(_FIXED):
        slots.put("about", found.group(), here.against(found.start()))
    for slot, name, pattern in _patterns():
        for found in here.every(pattern):
            against = here.against(found.start())
            if slot == "whole":
                slots.put("sounds", name, not against)
                if found.group().startswith("instrumental"):
                    slots.put("categories", "music")
            elif slot == "sounds" and not against and found.group().startswith("speech"):
                slots.put("categories", "talk")
            elif slot == "sounds" and not against and name == "music":
                slots.put("categories", "music")
            else:
                slots.put(slot, name, against)


_FIXED = re.compile(rf"\b(?:{alternatives(words('en')['phrases']['about'])})\b")


def _topic(said: str, slots: Slots, against: bool) -> None:
    plain = en._TRIM.sub("", " ".join(said.replace(QUOTED, " ").split()))
    if not plain or plain in words("en")["stop"]["words"]:
        return
    if re.fullmatch(r"(?:that|this|it|these|those|them)", plain):
        return
    slots.put("about", plain, against)


def _rest(here: Text, slots: Slots) -> None:
    """What no rule took is what it is about: words side by side stay together."""
    stop = frozenset(words("en")["stop"]["words"])
    run: list[str] = []
    start = 0
    last = -1

    def close() -> None:
        if run:
            said = " ".join(run)
            against = here.against(start)
            slots.put("about", said, against)
            if not against:
                slots.left.append(said)
            run.clear()

    for found in en._WORD.finditer(here.left):
        word = found.group().removesuffix("'s").strip("'-&")
        between = here.left[last : found.start()] if last >= 0 else ""
        if not word or word in stop or word.isdigit() or GONE in word:
            close()
            continue
        if run and between.strip(" "):
            close()
        if not run:
            start = found.start()
        if word in ("slower", "faster", "louder"):
            word = word[:-1] if word == "slower" else word[:-2]
            word = {"slowe": "slow"}.get(word, word)
        run.append(word)
        last = found.end()
    close()
