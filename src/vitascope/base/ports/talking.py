"""Port of conversation: one utterance in, an answer from the library out. Part of `Service`.

Outside ids go in and come out. Nothing that was said is kept: the conversation comes with the utterance and goes out
with the answer.
"""

from __future__ import annotations

from typing import Protocol

from vitascope.base.talk import Conversation, TalkAnswer

MOST_SPOKEN_SECONDS = 60.0
"""Of a spoken request; what is longer is cut."""


class Talking(Protocol):
    """Conversation with one library."""

    def talk(
        self,
        user_id: str | None,
        text: str,
        state: Conversation | None = None,
        *,
        n: int = 6,
        surface: str | None = None,
        audience: str | None = None,
    ) -> TalkAnswer:
        """What the library says. Somebody unknown is answered without taste or history.

        Raises:
            UnknownSurface, UsageError: no text, or a list of less than one.
        """
        ...

    def heard(self, sound: bytes, language: str | None = None) -> str:
        """What is said in a clip of any container, by the pack's speech model. The clip is not kept.

        Raises:
            UnreadableMedia, ModelMissing, UsageError: nobody speaks in it.
        """
        ...
