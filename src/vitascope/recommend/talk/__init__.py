"""Conversation: what a person asks for in words, read by rules of our own, answered from the library alone.

`parse` reads one utterance; `refined` adds it to what was said before; `Talker` finds what fulfils it and says why.
"""

from __future__ import annotations

import re

from vitascope.base.talk import Utterance

__all__ = ["MOST_CHARACTERS", "language_of", "parse"]

MOST_CHARACTERS = 500
"""Of an utterance; what is longer is cut."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def language_of(text: str) -> str:
    """ "zh" where there are Chinese characters in it, else "en"."""
    return "zh" if _HAN.search(text) else "en"


def parse(text: str) -> Utterance:
    """Read an utterance in English or Chinese. Never raises for a text of any kind."""
    said = _CONTROL.sub(" ", text[:MOST_CHARACTERS])
    if language_of(said) == "zh":
        from vitascope.recommend.talk.chinese import chinese

        return chinese(said)
    from vitascope.recommend.talk.english import english

    return english(said)
