"""The checker of sentences: whether a sentence about why an item is there names nothing that its record does not hold.

Takes a sentence in English or Chinese and `Facts`; gives what it names without support. It errs on the side of refusing: a word
that is neither in the record nor among the plain words of a closed list (words_en.txt, words_zh.txt) is a finding, so that a
model's inventions (names, numbers, times, features, feelings) cannot pass unknown. Signs: a feature that is said to be liked
must speak for the item, one that is said to be avoided against it. Acts: who "finished" something must have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

from vitascope.recommend.facts import WATCHED, Facts, fold

_TIME = re.compile(r"\b\d{1,2}(?::\d\d){1,2}\b")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?%?")
_QUOTED = re.compile(r'"([^"]*)"')
_TOKEN = re.compile(r"⟦([TFN])(\d+)⟧")
_EN_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_COUNTING = {w: n for n, w in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())}
_ZH_COUNTING = {w: n for n, w in enumerate("零一两三四五六七八九十")}

_LIKED = {"like", "favourite"}
_ACTS: tuple[tuple[str, set[str]], ...] = (
    (r"disliked|didn't like", {"dislike", "hide"}),
    (r"liked|loved|enjoyed", _LIKED),
    (r"finished|completed|to the end", {"complete"}),
    (r"played|watched|saw|seen|viewed|started|opened|heard|listened", WATCHED),
    (r"skipped|passed over", {"skip"}),
    (r"hid|hidden", {"hide"}),
    (r"rated", {"rate"}),
    (r"shared", {"share"}),
    (r"commented", {"comment"}),
    (r"follow|followed", {"follow"}),
    (r"favourited|a favourite of yours|favourites", {"favourite"}),
)
_ZH_ACTS: tuple[tuple[str, set[str]], ...] = (
    ("不喜欢", {"dislike", "hide"}),
    ("点赞", {"like"}),
    ("喜欢", _LIKED),
    ("看完|听完", {"complete"}),
    ("播放|观看|看过|看了|听过|听了|打开", WATCHED),
    ("跳过", {"skip"}),
    ("隐藏", {"hide"}),
    ("评价|打分", {"rate"}),
    ("分享", {"share"}),
    ("评论", {"comment"}),
    ("关注", {"follow"}),
    ("收藏", {"favourite"}),
)
_MINUS = re.compile(
    r"\b(?:not|never|avoid(?:ed|s|ing)?|dislike[sd]?|disliking|hate[sd]?|skip(?:ped|s|ping)?|turn(?:ed|s)? away|tir(?:ed|es?) of|"
    r"despite|although|though|less|little|against|rarely|seldom|without|hid|hide|doesn't|don't|didn't|isn't|aren't|wouldn't)\b"
)
_PLUS = re.compile(
    r"\b(?:like[sd]?|love[sd]?|enjoy(?:ed|s)?|both|share[sd]?|fond|drawn|prefer(?:red|s)?|taste|favou?rs?|for)\b"
)
_AFTER = re.compile(
    r"\b(?:counts?|speaks?|works?|weighs?|goes|tells?) against\b|\b(?:pulls?|brings?|drags?) (?:it|this) down\b|"
    r"\bputs? you off\b"
)
_ZH_MINUS = re.compile("不太?喜欢|不爱|不常|避开|避免|跳过|讨厌|反感|尽管|虽然|即使|很少|较少|并不|不是|不看|隐藏")
_ZH_PLUS = re.compile("喜欢|爱看|爱听|偏爱|都有|都是|都在|共同|合您")
_ZH_AFTER = re.compile("对它不利|拉低|扣分|减分|却步")
_BREAK = re.compile(r"[.;!?。；！？]|\b(?:but|yet|however|whereas|while|still)\b|但是?|不过|然而|却(?!步)")
_CONCEDED = re.compile(r"((?:although|though|despite|尽管|虽然|即使)[^,，;；.。]*)[,，]")
"""What is conceded ends at its comma: after it the sentence is of the item's own side again."""
_SUPPOSED = re.compile(
    r"\b(?:without|if|had you|were it not|take away|taking away|remove|removing|leave out|leaving out|take out)\b|"
    r"如果|若|要是|假如|没有|拿掉|去掉|拿走|除去|会喜欢|可能喜欢"
)
_GATED = {
    "popular": {"popular", "collaborative", "neighbours", "explore"},
    "people": {"popular", "collaborative", "neighbours"},
    "many": {"popular"},
    "new": {"new", "explore"},
    "很多人": {"popular", "collaborative", "neighbours"},
    "热门": {"popular"},
    "新内容": {"new"},
    "新的内容": {"explore", "new"},
}


def unsupported(sentence: str, facts: Facts, language: str = "en") -> list[str]:
    """What a sentence names that its record does not hold; empty: nothing.

    Args:
        language: en | zh.
    """
    text = fold(sentence)
    if not text or "⟦" in text:
        return ["nothing is said"]
    found: list[str] = []
    names: list[str] = []

    def keep(kind: str, name: str) -> str:
        names.append(name)
        return f"⟦{kind}{len(names) - 1}⟧"

    for title in _longest(facts.acts):
        text = text.replace(f'"{title}"', keep("T", title))
    for match in _QUOTED.finditer(text):
        if match[1] not in facts.features:
            found.append(f"name: {match[1]}")
    text = _QUOTED.sub(lambda m: keep("F", m[1]) if m[1] in facts.features else keep("N", m[1]), text)
    for title in _longest(facts.acts):
        if len(title) >= 4:
            text = _whole(title, language).sub(lambda _, t=title: keep("T", t), text)  # type: ignore[misc]
    for feature in _longest(facts.features):
        text = _whole(feature, language).sub(lambda _, f=feature: keep("F", f), text)  # type: ignore[misc]
    named = [names[int(m[2])] for m in _TOKEN.finditer(text) if m[1] == "F"]
    found += _times(text, named, facts)
    text = _CONCEDED.sub(r"\1;", _TIME.sub(" ", text))
    titles = frozenset(names[int(m[2])] for m in _TOKEN.finditer(text) if m[1] == "T") - {fold(facts.title)}
    found += _numbers(text, titles, facts, language)
    found += _acts(text, names, facts, language)
    found += _signs(text, names, facts, language)
    found += _gated(text, facts)
    found += _elsewhere(text, facts)
    found += _unknown(text, language)
    return found


def _longest(names: Iterable[str]) -> list[str]:
    return sorted((name for name in names if name), key=lambda name: (-len(name), name))


def _whole(name: str, language: str) -> re.Pattern[str]:
    """A name as a whole word; where a script has no spaces, anywhere; never inside what was found already."""
    edge = r"(?<![\w⟦]){}(?!\w)" if name.isascii() or language == "en" else "{}"
    return re.compile(edge.format(re.escape(name)))


def _times(text: str, named: list[str], facts: Facts) -> list[str]:
    of = named or list(facts.times)
    may = {time for name in of for time in facts.times.get(name, ())}
    return [f"time: {time}" for time in _TIME.findall(text) if time not in may]


def _numbers(text: str, titles: frozenset[str], facts: Facts, language: str) -> list[str]:
    places = {facts.place or -1}
    if _SUPPOSED.search(text):
        places = set().union(*(told for acts, told in facts.gone.items() if acts == titles))
    text = _TOKEN.sub(" ", text)
    roles: list[tuple[str, set[int]]] = [
        (r"(?:first|top|best|list of|前) ?(\d+)", {facts.n or -1}),
        (r"(?:of|out of) (\d+)", {facts.n or -1}),
        (
            r"(?:place|rank|number|position|名次(?:将?是|为)?|排(?:在|名)?第?|第) ?(\d+)",
            places,
        ),
        (r"(\d+)(?: of| out of| ?个| ?项)", facts.counts | {facts.n or -1}),
        (r"(?:now|from|to|现在) ?(\d+)", facts.counts | places),
        (r"(\d+)", facts.counts | places | {facts.n or -1}),
    ]
    found = []
    for pattern, may in roles:
        for match in re.finditer(pattern, text):
            if int(match[1]) not in may:
                found.append(f"number: {match[1]}")
        text = re.sub(pattern, " ", text)
    found += [f"number: {number}" for number in _NUMBER.findall(text)]
    counted = (
        [(w, _COUNTING[w]) for w in _EN_WORD.findall(text) if w in _COUNTING and w != "one"]
        if language == "en"
        else [(m[0], _ZH_COUNTING[m[1]]) for m in re.finditer(r"([两三四五六七八九十])(?=个|部|项|首|集|段|颗)", text)]
    )
    few = {2} if any(facts.acts.values()) else set()
    return found + [f"number: {word}" for word, n in counted if n not in facts.counts | few | {facts.place or -1}]


def _acts(text: str, names: list[str], facts: Facts, language: str) -> list[str]:
    found = []
    table = _ACTS if language == "en" else _ZH_ACTS
    for clause in _BREAK.split(text):
        start, kinds, denied, supposed = 0, None, False, False
        for match in _TOKEN.finditer(clause):
            before = clause[start : match.start()]
            start = match.end()
            supposed = supposed or bool(_SUPPOSED.search(before))
            if match[1] != "T":
                continue
            said = [(m.end(), may) for verbs, may in table for m in re.finditer(rf"(?:{verbs})", before)]
            if said:
                kinds = max(said, key=lambda pair: pair[0])[1]
                denied = bool(re.search(r"\b(?:not|never)\b|n't\b|没有?|从未", before)) and not supposed
            done = facts.acts[names[int(match[2])]]
            own = names[int(match[2])] == fold(facts.title)
            if kinds is None or supposed or (own and not said):
                continue
            if denied or not (kinds & done or (kinds == WATCHED and "complete" in done)):
                found.append(f"act: {names[int(match[2])]}")
    return found


def _signs(text: str, names: list[str], facts: Facts, language: str) -> list[str]:
    minus, plus, after = (_MINUS, _PLUS, _AFTER) if language == "en" else (_ZH_MINUS, _ZH_PLUS, _ZH_AFTER)
    found = []
    for clause in _BREAK.split(text):
        down = after.search(clause)
        sign, start = 1, 0
        for match in _TOKEN.finditer(clause):
            before = clause[start : match.start()]
            start = match.end()
            cues = [(m.end(), -1) for m in minus.finditer(before)]
            cues += [(m.end(), 1) for m in plus.finditer(before) if not any(abs(e - m.end()) < 12 for e, _ in cues)]
            if cues:
                sign = max(cues)[1]
            if match[1] != "F":
                continue
            said = -1 if down is not None and match.start() < down.start() else sign
            if facts.features[names[int(match[2])]] not in (said, 0):
                found.append(f"sign: {names[int(match[2])]}")
    return found


def _gated(text: str, facts: Facts) -> list[str]:
    return [
        f"claim: {word}"
        for word, sources in _GATED.items()
        if (re.search(rf"\b{word}\b", text) if word.isascii() else word in text) and facts.source not in sources
    ]


def _elsewhere(text: str, facts: Facts) -> list[str]:
    """Features that other items of the library have and this record has not: plain words they may be, but not here."""
    text = re.sub(r"\bsounds? (?=⟦F)", " ", text)  # the verb, which some libraries have as a category
    text = re.sub(r"\byour (?:[a-z]+ )?(?:history|choice|taste|list)\b", " ", text)
    text = re.sub(r"\b(you(?:'d|'ll| will| would| also| really)?|they|i|we) love\b", " ", _TOKEN.sub(" ", text))
    spaced = f" {' '.join(_EN_WORD.findall(text))} "
    return [
        f"feature: {name}" for name in facts.elsewhere if (f" {name} " in spaced if name.isascii() else name in text)
    ]


def _unknown(text: str, language: str) -> list[str]:
    text = _TOKEN.sub(" ", text)
    if language == "en":
        known = _words("words_en.txt")
        return [f"word: {w}" for w in _EN_WORD.findall(text) if w not in known and w not in _COUNTING]
    known = _words("words_zh.txt")
    longest = max(map(len, known))
    found, at = [], 0
    run = re.sub(r"[\W\d_]+", " ", text)
    while at < len(run):
        if run[at] == " ":
            at += 1
            continue
        size = next((k for k in range(min(longest, len(run) - at), 0, -1) if run[at : at + k] in known), 0)
        if not size:
            found.append(f"word: {run[at]}")
        at += size or 1
    return found


@cache
def _words(file: str) -> frozenset[str]:
    text = (resources.files(__package__) / file).read_text("utf-8")
    return frozenset(w for line in text.splitlines() if not line.startswith("#") for w in line.split())
