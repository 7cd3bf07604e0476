"""The sentence of a record: by a language model where it keeps to the record, else by the template that speaks anyway.

Takes a record and a model; gives a sentence and who wrote it. The model sees the record alone, made safe; the checker (spoken.py)
judges what it wrote, and one finding is enough for the template to speak. Asked for when somebody opens a record, not for lists.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

from vitascope.base.errors import ModelError
from vitascope.base.policy import safe_text
from vitascope.base.ports.accounts import asked_by
from vitascope.base.whys import Why
from vitascope.recommend.facts import Facts
from vitascope.recommend.spoken import unsupported
from vitascope.recommend.wording import split

if TYPE_CHECKING:
    from vitascope.base.ports.models import LanguageModel

PROMPT = "why/1"
_LETTERS = (20, 220)
_VERBS = {
    "like": "liked",
    "complete": "finished",
    "favourite": "made a favourite of",
    "share": "shared",
    "rate": "rated",
}


def told(why: Why, because: tuple[str, str] | None) -> str:
    """The record as a few lines of data."""
    terms = why.item.explanation.contributions if why.item.explanation is not None else ()
    good = [split(t.feature)[1] for t in terms if t.product > 0 and not t.feature.startswith(("kind:", "length:"))][:3]
    bad = [split(t.feature)[1] for t in terms if t.product < 0][:1]
    lines = [f"Item: {why.title}"]
    if because is not None:
        lines.append(f"You {_VERBS.get(because[1], 'watched')} “{because[0]}”")
    if good:
        lines.append("For: " + ", ".join(good))
    if bad:
        lines.append("Against: " + ", ".join(bad))
    return "\n".join(lines)


def speak(language: LanguageModel | None, why: Why, because: tuple[str, str] | None, facts: Facts) -> tuple[str, str]:
    """An English sentence and who wrote it: "model:ID prompt:why/1" or "template"."""
    template = why.item.explanation.sentence if why.item.explanation is not None else ""
    if language is None:
        return template, "template"
    system = (resources.files(__package__) / "prompts" / "why.md").read_text("utf-8")
    try:
        text = asked_by(language, "why").write(system, safe_text(told(why, because), 600), max_tokens=50)
    except ModelError:
        return template, "template"
    text = " ".join(text.split())
    first = re.match(r".+?[.!?](?=\s|$)", text)
    text = first[0] if first else ""
    says = any(name in text.casefold() for name in (*facts.features, *(facts.acts.keys() - {why.title.casefold()})))
    if not _LETTERS[0] <= len(text) <= _LETTERS[1] or not says or unsupported(text, facts, "en"):
        return template, "template"
    return text, f"model:{language.info.id} prompt:{PROMPT}"
