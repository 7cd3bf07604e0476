"""Ports of content made for one person: the service's calls (part of `Service`), the voice, the folder in which it is kept.

Outside ids go in and come out. What is made for a person is given to that person alone and erased with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from vitascope.base.made import Digest, Matter, Rendered, Trailer
from vitascope.base.ports.models import ModelInfo
from vitascope.base.records import PersonKey


class Voice(Protocol):
    """Reads text aloud."""

    @property
    def info(self) -> ModelInfo: ...

    def speak(self, text: str) -> bytes:
        """A WAV file. Raises ModelMissing, ModelFailed."""
        ...


class PersonalFiles(Protocol):
    """Files made for people, sealed at rest, apart for each."""

    def get(self, person: PersonKey, name: str) -> bytes | None: ...
    def put(self, person: PersonKey, name: str, data: bytes) -> None: ...
    def forget(self, person: PersonKey) -> int:
        """Throw away all that was made for a person; answers how many files."""
        ...


class Personal(Protocol):
    """Content for one person. Errors: UnknownPerson, UnknownItem, Refused (moderation), UnreadableMedia, ModelMissing."""

    def matter(self, user_id: str, item_id: str) -> Matter:
        """Why an item may matter to them."""
        ...

    def digest(self, user_id: str, until: float | None = None) -> Digest:
        """The week that ends at `until` (seconds since 1970; None: now)."""
        ...

    def digest_page(self, user_id: str, language: str = "en") -> str:
        """The digest as an HTML page of its own."""
        ...

    def digest_sound(self, user_id: str) -> bytes:
        """The digest read aloud in English: a WAV file."""
        ...

    def trailer(
        self, user_id: str, item_ids: Sequence[str], target: Path, seconds: float = 30.0
    ) -> tuple[Trailer, Rendered]:
        """Cut a trailer of an item, or a best-of of many with a chapter for each, of the stretches that match their taste.

        Raises:
            UsageError: an item has no media that were looked at.
        """
        ...
