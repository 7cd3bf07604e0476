"""Whether an item holds anything to watch or hear, and if not, why: silent, black, test card, placeholder and the like.

Takes what was measured of sound and picture, what is said and what stands on the screen; gives named features of the group
`empty` with their evidence. An item that has one is described and found by its id, and kept out of lists. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from vitascope.base.content import EMPTY, Evidence, Feature, Signal, SignalKind
from vitascope.describe._language import fold

STILL_SECONDS = 10.0
"""A mute still picture is kept out from this length on: shorter ones are photographs that somebody sent."""
_SAME = ("black", "blank", "test card")
"""What a picture is beside being still; then "still" says nothing more."""
_MOST_OF = 0.3
"""Share of the letters on the screen that the words must be: a page about test cards says more than "test card"."""


@cache
def _phrases() -> re.Pattern[str]:
    text = resources.files("vitascope.describe").joinpath("data/placeholders.toml").read_text(encoding="utf-8")
    phrases = [fold(p) for p in tomllib.loads(text)["phrases"]]
    return re.compile("|".join(re.escape(p) for p in sorted(phrases, key=len, reverse=True)))


def placeholder_words(texts: Sequence[str]) -> str | None:
    """The words by which pictures say that there is nothing here ("video unavailable"), as they stand there."""
    said = fold(" ".join(dict.fromkeys(texts))[:2_000])
    found = _phrases().search(said)
    return found.group() if found and len(found.group()) >= _MOST_OF * len(said) else None


def emptiness(signals: Sequence[Signal], *, has_picture: bool, has_sound: bool) -> tuple[Feature, ...]:
    """Features `empty:NAME`, none where there is something to watch or to hear.

    Sound and picture must both hold nothing. Two exceptions, in which a sound may be there: colour bars come with a steady
    tone; and a still picture that says it stands for another ("video unavailable", "please stand by") is a placeholder unless
    somebody speaks.
    """
    holes = {s.value: s for s in signals if s.kind is SignalKind.EMPTY}
    if not holes:
        return ()
    mute = not has_sound or "silent" in holes
    nothing = next((n for n in _SAME if n in holes), None)
    still = holes.get("still")
    if has_picture and nothing is None and still is None:
        return ()
    found: list[str] = []
    if not has_picture:
        found = ["silent"] if "silent" in holes else []
    elif still is not None and (words := _stands_for(signals)):
        evidence = Evidence(field="screen_text", span=still.span, quote=words)
        return (Feature(name=f"{EMPTY}placeholder", value=1.0, evidence=(evidence,)),)
    elif nothing == "test card" and (mute or "tone" in holes):
        found = ["test card", *(n for n in ("silent", "tone") if n in holes)]
    elif mute and nothing is not None:
        found = [nothing, *(("silent",) if "silent" in holes else ())]
    elif mute and still is not None and still.span is not None and float(still.span.length) >= STILL_SECONDS:
        found = ["still", *(("silent",) if "silent" in holes else ())]
    return tuple(
        Feature(
            name=f"{EMPTY}{name}",
            value=1.0,
            evidence=(
                Evidence(
                    field="sound" if name in ("silent", "tone") else "picture",
                    span=holes[name].span,
                    quote=holes[name].label[:160],
                ),
            ),
        )
        for name in found
    )


def _stands_for(signals: Sequence[Signal]) -> str | None:
    if any(s.kind is SignalKind.TRANSCRIPT for s in signals):
        return None
    return placeholder_words([s.value for s in signals if s.kind is SignalKind.SCREEN_TEXT])


def said_of(empty: Sequence[Feature]) -> list[str]:
    """The features as words of a sentence: ["black picture", "silent throughout"]."""
    words = {
        "silent": "silent throughout",
        "tone": "one steady tone",
        "black": "black picture",
        "blank": "one colour and nothing else",
        "still": "one still picture",
        "test card": "a test card",
        "placeholder": "a placeholder for something that is not there",
    }
    return [words[f.name.removeprefix(EMPTY)] for f in empty]
