"""Features as people say them, in English and Chinese: alone, as what somebody likes, as what two items share.

Takes names of features; gives words. What a name says is kept as the library has it; only its frame is ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from vitascope.base.languages import NAMES, named

FAMILIES = {
    "category": "类别",
    "topic": "主题",
    "tag": "标签",
    "creator": "作者",
    "mood": "情绪",
    "sound": "声音",
    "look": "画面",
    "scene": "场景",
    "kind": "形式",
    "language": "语言",
    "length": "长度",
    "tempo": "节奏",
}
SOUNDS = {"speech": ("speech", "讲话"), "music": ("music", "音乐"), "other": ("other sounds", "其他声音")}
_PLURAL = {"fast cuts", "long takes"}
_HEARD = {"bright", "calm", "dull", "fast", "loud", "noisy", "quiet", "slow", "tonal"}
"""How something sounds; other names of sounds are of things that are heard."""


def words(feature: str) -> tuple[str, str]:
    """A feature alone."""
    family, name = split(feature)
    if family == "language" and name in NAMES:
        return f"in {named(name)}", f"{FAMILIES[family]}“{named(name, 'zh')}”"
    if family == "sound" and name in SOUNDS:
        return SOUNDS[name][0], f"{FAMILIES[family]}“{SOUNDS[name][1]}”"
    english = {
        "creator": f"by {name}",
        "mood": f"{name} mood",
        "sound": f"{name} sound" if name in _HEARD else name,
        "look": name if name in _PLURAL else f"{name} pictures",
        "language": f"in {name}",
        "length": f"{name} length",
        "tempo": f"{name} tempo",
        "kind": name,
    }.get(family, name)
    return english, f"{FAMILIES.get(family, family)}“{name}”"


def liked(feature: str) -> str:
    """What somebody likes, in English: "you like ..."."""
    family, name = split(feature)
    if family == "creator":
        return f"what {name} makes"
    if family == "mood":
        return f"{_a(name)} {name} mood"
    if family == "language":
        return f"what is in {named(name) if name in NAMES else name}"
    if family == "tempo":
        return f"{_a(name)} {name} tempo"
    return words(feature)[0]


def shared(features: Sequence[str], creator: str | None = None) -> str:
    """What two items share, in English: "both ..."; features that are said alike are said together.

    Args:
        creator: as its owner spells it (features are lower case).
    """
    said: dict[str, list[str]] = {}
    for feature in features:
        verb, what = _shared(feature, creator)
        said.setdefault(verb, []).append(what)
    parts = [f"{verb} {join(what)}" for verb, what in said.items()]
    return "both " + join(parts)


def _shared(feature: str, creator: str | None) -> tuple[str, str]:
    family, name = split(feature)
    if family == "creator":
        spelt = creator.strip() if creator and creator.strip().lower() == name else name
        return "are by", spelt
    if family == "language":
        return "are in", named(name) if name in NAMES else name
    if family == "mood":
        return "have", f"{_a(name)} {name} mood"
    if family == "tempo":
        return "have", f"{_a(name)} {name} tempo"
    if family == "sound":
        if name in _HEARD:
            return "sound", name
        return "have", SOUNDS[name][0] if name in SOUNDS else f"{_a(name)} {name}" if name.endswith(" voice") else name
    if family == "look":
        return ("have", name) if name in _PLURAL else ("look", name)
    if family == "scene":
        return "show", name
    if family == "topic":
        return "are about", name
    if family == "tag":
        return "are tagged", name
    return "are of the kind", name


def split(feature: str) -> tuple[str, str]:
    """(family, name with spaces)."""
    family, _, name = feature.partition(":")
    return family, name.replace("_", " ")


def join(parts: Sequence[str]) -> str:
    """A, B and C."""
    some = list(dict.fromkeys(parts))
    return " and ".join(some) if len(some) < 3 else ", ".join(some[:-1]) + " and " + some[-1]


def _a(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"
