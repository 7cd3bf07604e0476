"""Requests read with a language model beside the grammar: constrained to a form, checked, and only where the settings want it.

`unsure`: the grammar reads, and where it leaves words over, the model says which of them are a subject; it can only choose among
them. `always`: the model fills the whole form, the grammar keeps what points at the list ("the second one", "shorter"). Where the
model is missing, fails, or its budget is spent, the grammar alone speaks. An utterance is made safe before it goes to a model.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from functools import cache
from importlib import resources
from threading import Lock
from typing import Any

from vitascope.base.errors import ModelError
from vitascope.base.languages import NAMES
from vitascope.base.policy import SafeText, safe_join
from vitascope.base.ports.accounts import asked_by
from vitascope.base.ports.models import LanguageModel
from vitascope.base.talk import Like, Move, Utterance, Wish
from vitascope.recommend.talk import parse
from vitascope.recommend.talk._slots import words

_KEPT = 500
_SOUNDS = ("speech", "music", "vocals")
_LISTS = ("moods", "categories", "kinds", "sounds", "languages")


@cache
def prompt(name: str) -> tuple[str, str, str]:
    """(id, system, user) of a prompt of our own: "request/1"."""
    text = resources.files(__package__).joinpath(f"prompts/{name}.md").read_text(encoding="utf-8")
    head, system, user = re.split(r"^## (?:system|user)\n", text, flags=re.MULTILINE)
    stated = dict(re.findall(r"^(\w+): (.+)$", head, flags=re.MULTILINE))
    return f"{stated['name']}/{stated['version']}", system.strip(), user.strip()


class ModelReader:
    """Reads utterances; a `Reader` of a `Talker`. Safe from several threads.

    Args:
        mode: "unsure" or "always".
    """

    def __init__(self, language: LanguageModel, mode: str = "unsure") -> None:
        self._language, self._mode = language, mode
        self._kept: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, text: str) -> tuple[Utterance, str]:
        """What was understood, and what understood it."""
        said = parse(text)
        if said.move in (Move.RESET, Move.WHY, Move.MORE):
            return said, "rules"
        try:
            if self._mode == "always":
                return self._whole(text, said)
            return self._subject(text, said) if said.left else (said, "rules")
        except ModelError:
            return said, "rules"

    def _subject(self, text: str, said: Utterance) -> tuple[Utterance, str]:
        """The words that no rule knew, without those that are no subject."""
        name, system, user = prompt("subject")
        schema = {
            "type": "object",
            "properties": {
                "subject": {
                    "type": "array",
                    "items": {"type": "string", "enum": list(said.left)},
                    "maxItems": len(said.left),
                }
            },
            "required": ["subject"],
            "additionalProperties": False,
        }
        told = self._asked(system, _fenced(user, text, ", ".join(said.left)), schema, 24 + 16 * len(said.left))
        chosen = set(told["subject"])
        dropped = {word for word in said.left if word not in chosen}
        about = tuple(word for word in said.wish.about if word not in dropped)
        wish = said.wish.model_copy(update={"about": about})
        left = tuple(word for word in said.left if word in chosen)
        return said.model_copy(update={"wish": wish, "left": left}), f"model:{self._language.info.id} prompt:{name}"

    def _whole(self, text: str, said: Utterance) -> tuple[Utterance, str]:
        name, system, user = prompt("request")
        told = self._asked(system, _fenced(user, text), _form(), 220)
        lists = {key: tuple(dict.fromkeys(told.get(key, ()))) for key in _form()["properties"] if key not in _SINGLE}
        for slot in _LISTS:  # what is wanted and not wanted at once is not wanted
            if f"not_{slot}" in lists:
                lists[slot] = tuple(v for v in lists[slot] if v not in lists[f"not_{slot}"])
        minutes = {key: 60.0 * told[key] for key in ("least", "most") if told.get(key)}
        like = told.get("like", "").strip()
        named = said.wish.like
        wish = Wish(
            **{k: v for k, v in lists.items() if k in Wish.model_fields},
            **minutes,
            like=Like(text=like[:300], when=named.when if named else None, place=named.place if named else None)
            if like or (named and named.place)
            else None,
            time=said.wish.time,
            seen=said.wish.seen,
            n=said.wish.n,
            by=said.wish.by,
        )
        return said.model_copy(update={"wish": wish, "left": ()}), f"model:{self._language.info.id} prompt:{name}"

    def _asked(self, system: str, user: SafeText, schema: dict[str, Any], tokens: int) -> dict[str, Any]:
        with self._lock:
            if user in self._kept:
                self._kept.move_to_end(user)
                return self._kept[user]
        told = asked_by(self._language, "talk").answer(system, user, schema, max_tokens=tokens)
        with self._lock:
            self._kept[user] = told
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return told


def _fenced(user: str, *parts: str) -> SafeText:
    """Hostile texts into a prompt: no angle brackets, so that no fence can be closed."""
    return safe_join([p.replace("<", "(").replace(">", ")") for p in parts], user)


_SINGLE = ("least", "most", "like")


@cache
def _form() -> dict[str, Any]:
    """The JSON schema of a request."""

    def some(values: tuple[str, ...]) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "enum": list(values)}, "maxItems": 3}

    free = {"type": "array", "items": {"type": "string", "maxLength": 40}, "maxItems": 3}
    moods, categories = tuple(words("en")["moods"]), tuple(words("en")["categories"])
    properties: dict[str, Any] = {
        "moods": some(moods),
        "not_moods": some(moods),
        "categories": some(categories),
        "not_categories": some(categories),
        "kinds": some(("video", "audio", "live")),
        "about": free,
        "not_about": free,
        "sounds": some(_SOUNDS),
        "not_sounds": some(_SOUNDS),
        "languages": some(tuple(NAMES)),
        "not_languages": some(tuple(NAMES)),
        "least": {"type": "integer"},
        "most": {"type": "integer"},
        "like": {"type": "string", "maxLength": 60},
    }
    return {"type": "object", "properties": properties, "required": [], "additionalProperties": False}
