"""Prompts as versioned files: `prompts/NAME.md` with a head, a system part and a user part."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources

from vitascope.base.policy import SafeText, safe_join, safe_text
from vitascope.base.records import Record


class Prompt(Record):
    """A prompt of our own."""

    name: str
    version: str
    system: str
    user: str
    sha256: str

    @property
    def id(self) -> str:
        """ "summary/1"."""
        return f"{self.name}/{self.version}"

    def fill(self, *parts: str) -> SafeText:
        """The user part with hostile texts in its places, each made safe; angle brackets go, so no fence can be closed."""
        return safe_join([safe_text(p.replace("<", "(").replace(">", ")")) for p in parts], self.user)


@cache
def prompt(name: str) -> Prompt:
    """Load a prompt by its name."""
    text = resources.files("vitascope.describe").joinpath(f"prompts/{name}.md").read_text(encoding="utf-8")
    head, system, user = re.split(r"^## (?:system|user)\n", text, flags=re.MULTILINE)
    stated = dict(re.findall(r"^(\w+): (.+)$", head, flags=re.MULTILINE))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Prompt(
        name=stated["name"], version=stated["version"], system=system.strip(), user=user.strip(), sha256=digest
    )
