"""Which model roles can speak: asked once a process, with the smallest thing a model can be asked.

Takes the models of a pack; knows no item.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from vitascope.base.ports.accounts import asked_by
from vitascope.base.ports.models import Models
from vitascope.describe.extractors import ROLES

SAYS = {
    "voice_activity": "where somebody speaks",
    "noise": "noise suppression",
    "speech": "what is said",
    "text": "what the text means",
    "picture": "what the pictures show",
    "unsafe": "whether the pictures are fit for everyone",
    "screen": "what stands on the screen",
    "language": "a written summary",
    "sound": "which sounds and music there are",
    "vision": "the pictures in sentences",
}
"""What is not known where a role is missing."""


YES: dict[str, Any] = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}


class Speaking:
    """The pack without the roles that were found missing; implements `Models`."""

    def __init__(self, models: Models, silent: dict[str, bool]) -> None:
        self._models, self._silent = models, silent

    def __getattr__(self, role: str) -> Any:
        return None if self._silent.get(role) else getattr(self._models, role)


def try_role(models: Models, role: str) -> None:
    """The smallest thing a model can be asked. Raises ModelError where it cannot speak."""
    from vitascope.base.policy import safe_text
    from vitascope.base.time import Span, media_time

    model = getattr(models, role)
    second = np.zeros(16_000, dtype=np.int16)
    picture = np.zeros((64, 64, 3), dtype=np.uint8)
    moment = Span(start=media_time(0), end=media_time(1))
    calls: dict[str, Callable[[], object]] = {
        "voice_activity": lambda: model.probabilities(second),
        "noise": lambda: model.clean(second),
        "speech": lambda: model.listen(second, [moment], "en"),
        "text": lambda: model.embed(["a"]),
        "picture": lambda: model.look([picture]),
        "unsafe": lambda: model.unsafe([picture]),
        "screen": lambda: model.read(picture, moment),
        "language": lambda: asked_by(model, "summary").write("Say yes.", safe_text("yes"), max_tokens=1),
        "sound": lambda: model.hear([second]),
        "vision": lambda: model.see("Say yes.", safe_text("yes"), [picture], YES, max_tokens=16),
    }
    calls[role]()


assert set(SAYS) == set(ROLES)
