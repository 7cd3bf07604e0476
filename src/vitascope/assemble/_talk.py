"""Conversation as one service: words, or a spoken clip, to an answer from the library. Takes and gives outside ids."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np

from vitascope.assemble._people import People
from vitascope.base.errors import ModelMissing, UsageError
from vitascope.base.ports.media import Limits
from vitascope.base.ports.talking import MOST_SPOKEN_SECONDS
from vitascope.base.talk import Conversation, TalkAnswer
from vitascope.base.time import Span, media_time


class Talks(People):
    """What people ask for in words."""

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
        """Answer an utterance from the library."""
        if not text.strip():
            raise UsageError("nothing was said", place="text", remedy="say what you would like")
        if n < 1:
            raise UsageError("a list has at least one item", place="n", remedy="ask for 1 or more")
        person = self._served(self._person(user_id))
        own = None if user_id is None else self.audience_of(user_id)
        # what somebody asks for is theirs: it goes to a model only where they let one write about their taste
        heeds = person is not None and self._rooms.may_write(person)
        return self._rooms.talker.answer(
            person,
            text,
            state or Conversation(),
            now=self._rooms.clock(),
            surface=self._surface(surface),
            n=n,
            audience=own or self.check_audience(audience),
            read=self._rooms.listener if heeds else None,
        )

    def heard(self, sound: bytes, language: str | None = None) -> str:
        """What is said in a clip; it is decoded in the bounded worker like any file and removed afterwards."""
        rooms = self._rooms
        speech = rooms.models.speech
        if speech is None:
            raise ModelMissing("there is no model for speech recognition", remedy="vitascope models pull; or type it")
        digest = hashlib.sha256(sound).hexdigest()
        with tempfile.TemporaryDirectory(dir=rooms.home.cache, prefix="spoken-") as folder:
            file = Path(folder) / "spoken"
            file.write_bytes(sound)
            try:
                limits = Limits(seconds=60.0, media_seconds=MOST_SPOKEN_SECONDS, output=64 << 20, frames=0, readings=0)
                decoded = rooms.reader.decode(file, digest, limits)
                if decoded.audio is None:
                    raise _silent()
                pcm = np.fromfile(decoded.audio, np.int16)
            finally:
                rooms.reader.forget(digest)
        if not len(pcm):
            raise _silent()
        whole = Span(start=media_time(0), end=media_time(len(pcm) / decoded.audio_rate))
        said = " ".join(line.text.strip() for line in speech.listen(pcm, [whole], language).lines).strip()
        if not said:
            raise _silent()
        return said


def _silent() -> UsageError:
    return UsageError("nobody speaks in it", place="audio", remedy="record it again, nearer, or type it")
