"""How well requests are read: texts with what they should be understood as, one JSON object a line, and exact comparison.

A line is {"text", "want"}: the fields of a `Wish` that are not empty, and `move`, `places`, `change` of an
`Utterance`. A request counts
as read right only where every field is right, the empty ones too; order and capital letters aside.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vitascope.base.records import Record
from vitascope.base.talk import Utterance, Wish

_OF_UTTERANCE = ("move", "places", "change")


class Case(Record):
    """A request and what it means."""

    text: str
    want: Utterance


def read(file: Path) -> list[Case]:
    """The requests of a file."""
    cases = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            told = json.loads(line)
            want: dict[str, Any] = dict(told["want"])
            said = {name: want.pop(name) for name in _OF_UTTERANCE if name in want}
            cases.append(Case(text=told["text"], want=Utterance(wish=Wish(**want), **said)))
    return cases


def fields(said: Utterance) -> dict[str, Any]:
    """What was understood, flat, for comparison: lists as sets, words in lower case."""
    told = said.model_dump(mode="json", exclude={"left"})
    flat = {**told.pop("wish"), **told}
    return {name: _plain(value) for name, value in flat.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return frozenset(str(v).casefold() for v in value)
    if isinstance(value, dict):
        return tuple(sorted((k, _plain(v)) for k, v in value.items() if v not in (None, "")))
    if isinstance(value, float):
        return round(value, 3)
    return value.casefold() if isinstance(value, str) else value


def same(said: Utterance, want: Utterance) -> bool:
    """Whether every field is right."""
    return fields(said) == fields(want)


def missed(said: Utterance, want: Utterance) -> tuple[str, ...]:
    """Names of the fields that are wrong."""
    got, wanted = fields(said), fields(want)
    return tuple(name for name in wanted if got[name] != wanted[name])
