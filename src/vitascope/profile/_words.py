"""The short text of a person's interests: asked of the language model from evidence, checked, else made by template."""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

from vitascope.base.errors import ModelError
from vitascope.base.people import Profile
from vitascope.base.policy import safe_text
from vitascope.base.ports.accounts import asked_by

if TYPE_CHECKING:
    from vitascope.base.ports.models import LanguageModel

PROMPT = "interests/1"
_FEW = 6
_STOP = frozenset(
    "a about and are as at be by can enjoy enjoys for from has have he her his i in interest interested interests into is it "
    "its like likes love loves of on or person prefer prefers she that the their them they things this to too watch watching "
    "what who with you your also calm content items media music video videos audio listen listening read reading".split()
)
_WORD = re.compile(r"[^\W\d_]+")


def named(profile: Profile, sign: int) -> list[str]:
    """The strongest features for (sign 1) or against (sign -1), as words."""
    chosen = [f for f in profile.features if f.value * sign > 0.05]
    words = [f.name.partition(":")[2].replace("_", " ") for f in chosen if not f.name.startswith(("kind:", "length:"))]
    return list(dict.fromkeys(words))[:_FEW]


def template_text(profile: Profile) -> str:
    """What can always be said."""
    likes, avoids = named(profile, 1), named(profile, -1)
    if not likes and not avoids:
        return "Nothing is known yet."
    parts = []
    if likes:
        parts.append("Likes " + ", ".join(likes) + ".")
    if avoids:
        parts.append("Turns away from " + ", ".join(avoids) + ".")
    return " ".join(parts)


def interests_text(language: LanguageModel, profile: Profile) -> tuple[str, str] | None:
    """A sentence or two by the language model, and what wrote it; None where it named something without evidence."""
    likes, avoids = named(profile, 1), named(profile, -1)
    if not likes:
        return None
    system = (resources.files(__package__) / "prompts" / "interests.md").read_text("utf-8")
    told = "Likes: " + "; ".join(likes) + ("\nAvoids: " + "; ".join(avoids) if avoids else "")
    try:
        text = asked_by(language, "interests").write(system, safe_text(told, 800), max_tokens=60)
    except ModelError:
        return None
    text = " ".join(text.split())
    text = text[: text.rfind(".") + 1] if "." in text else ""
    if (
        not 10 <= len(text) <= 300
        or not supported(text, likes + avoids)
        or not any(word in text.lower() for word in likes)
    ):
        return None
    if avoids and any(word.lower() in text.lower() for word in avoids):
        return None  # a small model mixes up for and against
    return text, f"model:{language.info.id} prompt:{PROMPT}"


def supported(text: str, evidence: list[str]) -> bool:
    """Whether every word that says something stands in the evidence."""
    known = {w.lower()[:5] for phrase in evidence for w in _WORD.findall(phrase)}
    return all(w.lower() in _STOP or w.lower()[:5] in known for w in _WORD.findall(text))
