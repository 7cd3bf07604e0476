"""When recognised words are not believed. Takes a line and what the recogniser said of it, gives the reason or None.

Whisper writes text for music, applause and silence too: loops, stock phrases from subtitles, words where nobody speaks. A
doubted line is kept with its reason, not shown as speech.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from vitascope.base.time import Span

# thresholds of the recogniser's authors (Radford et al. 2022, section 4.5) but for the last two
_LOOP_RATIO = 2.4
_NO_SPEECH = 0.6
_UNSURE = -1.0
_OVERLAP = 0.25
_CHARS_A_SECOND = 45.0

# what its training subtitles say over music and silence
_STOCK = re.compile(
    r"thank(s| you) for watching|subscribe to|see you (in the )?next (time|video)|subtitles? by|amara\.org|transcription by"
    r"|sous-titr|sottotitoli|untertitel|legendas|ondertitel|napisy|字幕|請訂閱|请订阅|谢谢观看|ご視聴|視聴ありがとう|시청해",
    re.IGNORECASE,
)


def doubt(text: str, span: Span, speech: Sequence[Span], *, no_speech: float, log_probability: float) -> str | None:
    """Why the line is not believed: "no words", "loop", "no speech there", "stock phrase", "too fast"; else None."""
    if not any(c.isalnum() for c in text):
        return "no words"
    if loops(text):
        return "loop"
    length = float(span.length)
    heard = float(sum((span.overlap(s) for s in speech), start=span.length * 0))
    if length > 0 and heard / length < _OVERLAP:
        return "no speech there"
    if no_speech > _NO_SPEECH and log_probability < _UNSURE:
        return "no speech there"
    if _STOCK.search(text) and (no_speech > 0.3 or log_probability < -0.5):
        return "stock phrase"
    if length > 0 and len(text) / max(length, 0.2) > _CHARS_A_SECOND:
        return "too fast"
    return None


def loops(text: str) -> bool:
    """Whether the text says the same over and over: it packs too well, or a group of up to 4 words stands 5 times in a row."""
    data = text.encode()
    if len(data) > 40 and len(data) / len(zlib.compress(data)) > _LOOP_RATIO:
        return True
    words = re.findall(r"\w+", text.lower())
    for size in range(1, 5):
        run = 0
        for i in range(size, len(words)):
            run = run + 1 if words[i] == words[i - size] else 0
            if run >= 4 * size:
                return True
    return False
