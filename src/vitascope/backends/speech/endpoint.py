"""Speech to text by an OpenAI-compatible endpoint (`/audio/transcriptions`, verbose_json with times of words).

Takes 16 kHz samples and the spans where somebody speaks; sends each window (at most 30 s) as a WAV file, so that a file of hours
is never held or sent at once; gives lines in the asset's own time. What is doubted is dropped with the reason, as with Whisper
here. Where the sound may not leave the machine, the adapter is not made at all (backends.roles).
"""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from vitascope.backends.models import EndpointConfig
from vitascope.backends.runtimes import Endpoint
from vitascope.base.content import TranscriptLine, Word
from vitascope.base.ports.models import ModelInfo, Pcm, Speech
from vitascope.base.time import Span

from ._doubt import doubt
from ._windows import RATE, windows

_MAX_LINE, _MOST_SEGMENTS, _MOST_WORDS = 2_000, 500, 2_000
_NAMES = {
    "english": "en", "chinese": "zh", "mandarin": "zh", "cantonese": "zh", "german": "de", "spanish": "es", "russian": "ru",
    "korean": "ko", "french": "fr", "japanese": "ja", "portuguese": "pt", "turkish": "tr", "polish": "pl", "catalan": "ca",
    "dutch": "nl", "arabic": "ar", "swedish": "sv", "italian": "it", "indonesian": "id", "hindi": "hi", "finnish": "fi",
    "vietnamese": "vi", "hebrew": "he", "ukrainian": "uk", "greek": "el", "malay": "ms", "czech": "cs", "romanian": "ro",
    "danish": "da", "hungarian": "hu", "norwegian": "no", "thai": "th", "bulgarian": "bg", "tamil": "ta", "urdu": "ur",
}  # fmt: skip
"""The API answers with a language's English name."""


class EndpointSpeech:
    """Fulfils `SpeechToText`."""

    def __init__(self, config: EndpointConfig) -> None:
        self._endpoint = Endpoint(config, "models.endpoints.speech")
        self._simplify: Any = None

    @property
    def info(self) -> ModelInfo:
        config = self._endpoint.config
        return ModelInfo(
            id=config.model or "endpoint", sha256="", licence="as its provider says", languages=config.languages
        )

    def listen(self, pcm: Pcm, speech: Sequence[Span], language: str | None = None) -> Speech:
        """Recognise what is said within `speech`; nothing is sent without it."""
        ranges = windows(pcm, speech)
        lines: list[TranscriptLine] = []
        dropped: list[tuple[TranscriptLine, str]] = []
        heard: dict[str, int] = {}
        known = (language or "").lower().split("-")[0].split("_")[0] or None
        for start, end in ranges:
            answer = self._ask(_wav(pcm[start:end]), known)
            code = known or _code(answer.get("language"))
            if code:
                heard[code] = heard.get(code, 0) + end - start
            for line, reason in self._lines(answer, start, end, code, speech):
                if reason is None:
                    lines.append(line)
                else:
                    dropped.append((line, reason))
        main = max(heard, key=lambda c: heard[c]) if heard else known
        return Speech(
            language=main,
            language_score=(1.0 if known else heard[main] / sum(heard.values())) if main in heard else 0.0,
            lines=tuple(lines),
            dropped=tuple(dropped),
            options=(("temperature", "0"), ("windows", str(len(ranges)))),
        )

    def close(self) -> None:
        """Close the connection."""
        self._endpoint.close()

    def _ask(self, sound: bytes, language: str | None) -> dict[str, Any]:
        form = {
            "model": self._endpoint.config.model,
            "response_format": "verbose_json",
            "temperature": "0",
            "timestamp_granularities[]": ["word", "segment"],
        }
        if language:
            form["language"] = language
        answer = self._endpoint.post("audio/transcriptions", form=form, file=("sound.wav", sound, "audio/wav"))
        if not isinstance(answer, dict):
            raise self._endpoint.failed("no transcript in its reply")
        return answer

    def _lines(
        self, answer: dict[str, Any], start: int, end: int, language: str | None, speech: Sequence[Span]
    ) -> list[tuple[TranscriptLine, str | None]]:
        offset, limit = Fraction(start, RATE), Fraction(end, RATE)
        segments = answer.get("segments")
        if segments is None:  # a server that knows no segments: the whole window is one line
            segments = [{"text": answer.get("text"), "start": 0.0, "end": (end - start) / RATE}]
        out: list[tuple[TranscriptLine, str | None]] = []
        try:
            words = [
                (_span(offset, limit, _number(w["start"]), _number(w["end"])), str(w["word"]).strip())
                for w in list(answer.get("words") or ())[:_MOST_WORDS]
            ]
            for segment in list(segments)[:_MOST_SEGMENTS]:
                text = self._text(str(segment["text"]), language).strip()[:_MAX_LINE]
                if not text:
                    continue
                span = _span(offset, limit, _number(segment["start"]), _number(segment["end"]))
                chance = min(0.0, _number(segment.get("avg_logprob", 0.0)))
                silent = min(1.0, max(0.0, _number(segment.get("no_speech_prob", 0.0))))
                inside = [(s, w) for s, w in words if w and span.start <= s.start and s.start < span.end]
                line = TranscriptLine(
                    span=span,
                    text=text,
                    words=tuple(
                        Word(span=s, text=self._text(w, language), confidence=math.exp(chance)) for s, w in inside
                    ),
                    confidence=math.exp(chance),
                )
                out.append((line, doubt(text, span, speech, no_speech=silent, log_probability=chance)))
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise self._endpoint.failed("no transcript in its reply") from error
        return out

    def _text(self, text: str, language: str | None) -> str:
        if language != "zh":
            return text
        if self._simplify is None:
            import opencc

            self._simplify = opencc.OpenCC("tw2s")
        return str(self._simplify.convert(text))


def _wav(pcm: Pcm) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(np.ascontiguousarray(pcm, "<i2").tobytes())
    return out.getvalue()


def _code(name: object) -> str | None:
    """ISO 639-1 from what an endpoint calls a language ("english", "en")."""
    if not isinstance(name, str):
        return None
    plain = name.strip().casefold()
    return plain if len(plain) == 2 and plain.isalpha() else _NAMES.get(plain)


def _number(value: object) -> float:
    number = float(value)  # type: ignore[arg-type]  # a wrong type is a TypeError, which the caller turns into a failed answer
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _span(offset: Fraction, limit: Fraction, start: float, end: float) -> Span:
    """A stretch of the window in the asset's own time, kept inside the window."""
    first = min(limit, offset + Fraction(round(max(0.0, min(start, 1e6)) * 1000), 1000))
    last = min(limit, max(first, offset + Fraction(round(max(0.0, min(end, 1e6)) * 1000), 1000)))
    return Span(start=first, end=last)
