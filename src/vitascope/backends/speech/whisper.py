"""Speech to text with Whisper (Radford et al. 2022, arXiv 2212.04356) through faster-whisper.

Takes 16 kHz samples (a memory map of hours is fine: 30 s are held at once) and the spans where somebody speaks; gives the
language, lines with word times, and the lines that were not believed with the reason. Chinese comes out Simplified.

Decoding as measured (benchmarks/reports/describe.md): beam 5, temperature 0, no text of the window before, and at most 8 + 12
tokens a second, which is what keeps a short clip from looping.

The language is the best among those configured, by Whisper's own guess; where that is unsure, the likeliest are recognised and
the one whose words Whisper believes most is taken. A window of its own (30 s) that is surely in another language is recognised
in that one. Why each is so: benchmarks/reports/speech.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vitascope.backends.models import ModelCache, ModelFiles, RoleSpec
from vitascope.backends.runtimes import Keeper, WindowEnds, load_whisper, role_info, role_loader
from vitascope.base.content import TranscriptLine, Word
from vitascope.base.errors import ModelFailed
from vitascope.base.mapped import let_go
from vitascope.base.ports.models import ModelInfo, Pcm, Speech
from vitascope.base.time import Span, media_time

from ._doubt import doubt
from ._windows import RATE, windows

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_BEST = "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th hr bg"
WHISPER_LANGUAGES = tuple(_BEST.split(" "))
"""Languages Whisper has most hours of; the default among which it chooses. Slovak is left to the settings (`languages`):
it has half of the hours of Czech, and Czech clips were taken for it (3 of 3 short ones)."""

_BEAM = 5
_MOST_TOKENS = 400
_LANGUAGE_WINDOWS = 3
_SURE = 0.85
"""Share of the guess from which the language is taken without recognising anything."""
_CHANCE, _RIVALS = 0.1, 3
_WORDS_COUNT = 6.0
"""How much the mean log probability of a token counts against the log of the guess's share."""
_OTHER_SURE, _OTHER_SECONDS = 0.9, 3.0
"""A window is in another language than the file where the guess's share is this, over at least these seconds."""
_REST, _REST_SPOKEN = 1.0, 0.3
"""Seconds left of a window, and seconds of speech in them, below which recognition does not go on."""
_MAX_LINE = 2_000


class WhisperSpeech:
    """Fulfils `SpeechToText`.

    Args:
        languages: what it may choose among where the language is not known; ignored by an English-only model.
    """

    def __init__(
        self,
        cache: ModelCache,
        role: RoleSpec,
        keeper: Keeper,
        threads: int,
        languages: Sequence[str] = WHISPER_LANGUAGES,
    ) -> None:
        self._keeper, self._info = keeper, role_info(role)
        self._english = role.languages == ("en",)
        self._languages = ("en",) if self._english else tuple(languages)
        said = (("languages", " ".join(self._languages)),) if self._languages != WHISPER_LANGUAGES else ()
        self._info = self._info.model_copy(update={"options": said})
        self._simplify: Any = None

        def load(files: ModelFiles) -> WhisperModel:
            return load_whisper(files.folder, threads)

        self._loader = role_loader(cache, role, load)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def listen(self, pcm: Pcm, speech: Sequence[Span], language: str | None = None) -> Speech:
        """Recognise what is said within `speech`; empty without it (the model is then not even loaded)."""
        ranges = windows(pcm, speech)
        options: tuple[tuple[str, str], ...] = (
            ("beam", str(_BEAM)),
            ("temperature", "0"),
            ("windows", str(len(ranges))),
        )
        if not ranges:
            return Speech(language=language, language_score=0.0, lines=(), options=options)
        with self._keeper.hold(self._loader) as model:
            try:
                known = self._known(model, language)
                chosen, score = (known, 1.0) if known else self._tell_language(model, pcm, ranges)
                lines: list[TranscriptLine] = []
                dropped: list[tuple[TranscriptLine, str]] = []
                heard: dict[str, int] = {}
                for start, end in ranges:
                    code = chosen if known or len(ranges) == 1 else self._of_window(model, pcm, start, end, chosen)
                    heard[code] = heard.get(code, 0) + end - start
                    for line, reason in self._recognise(model, pcm, start, end, code, speech):
                        if reason is None:
                            lines.append(line)
                        else:
                            dropped.append((line, reason))
                    let_go(pcm)
            except (RuntimeError, ValueError, IndexError) as error:
                raise ModelFailed(
                    f"speech could not be recognised: {error}", place=self._info.id, remedy="run it again for this item"
                ) from error
        main = max(heard, key=lambda code: heard[code])
        if len(heard) > 1:
            options = (*options, ("languages", " ".join(sorted(heard, key=lambda code: -heard[code]))))
        return Speech(language=main, language_score=score, lines=tuple(lines), dropped=tuple(dropped), options=options)

    # -- inside -----------------------------------------------------------------------------------------------------

    def _known(self, model: WhisperModel, language: str | None) -> str | None:
        if self._english:
            return "en"
        code = (language or "").lower().replace("_", "-").split("-")[0]
        return code if code in model.supported_languages else None

    def _tell_language(self, model: WhisperModel, pcm: Pcm, ranges: Sequence[tuple[int, int]]) -> tuple[str, float]:
        """The most likely language over up to three windows (the longest ones), and its share among the configured."""
        picked = sorted(ranges, key=lambda r: r[0] - r[1])[:_LANGUAGE_WINDOWS]
        total = np.zeros(len(self._languages))
        for start, end in picked:
            total += (end - start) * np.log(self._guess(model, pcm, start, end))
        shares = _shares(total / sum(end - start for start, end in picked))
        order = [int(i) for i in np.argsort(-shares)]
        if shares[order[0]] < _SURE:
            rivals = [i for i in order[:_RIVALS] if shares[i] >= _CHANCE]
            if len(rivals) > 1:
                belief = [self._belief(model, pcm, *picked[0], self._languages[i]) for i in rivals]
                weighed = _shares(np.log(shares[rivals]) + _WORDS_COUNT * np.array(belief))
                best = int(np.argmax(weighed))
                return self._languages[rivals[best]], float(weighed[best])
        return self._languages[order[0]], float(shares[order[0]])

    def _of_window(self, model: WhisperModel, pcm: Pcm, start: int, end: int, chosen: str) -> str:
        """The language of one window: the file's, or another one that is surely spoken in it."""
        shares = _shares(np.log(self._guess(model, pcm, start, end)))
        best = int(np.argmax(shares))
        other = shares[best] >= _OTHER_SURE and end - start >= _OTHER_SECONDS * RATE
        return self._languages[best] if other else chosen

    def _guess(self, model: WhisperModel, pcm: Pcm, start: int, end: int) -> npt.NDArray[np.float64]:
        """What Whisper thinks of each configured language, shape (languages,), above 0."""
        # without the last frame, as recognition cuts them: equal bytes are encoded once
        features = model.feature_extractor(_floats(pcm, start, end))[..., :-1]
        model.worth = None
        found = dict(model.detect_language(features=features)[2])
        return np.array([max(float(found.get(code, 0.0)), 1e-9) for code in self._languages])

    def _belief(self, model: WhisperModel, pcm: Pcm, start: int, end: int, language: str) -> float:
        """Mean log probability of a token of what is recognised in that language, quickly."""
        sound = _floats(pcm, start, end)
        options = {"beam_size": 1, "without_timestamps": True, "word_timestamps": False}
        parts = [
            (len(s.tokens), s.avg_logprob) for s in self._segments(model, sound, language, lambda _: False, **options)
        ]
        tokens = sum(n for n, _ in parts)
        return sum(n * p for n, p in parts) / tokens if tokens else -10.0

    def _segments(
        self,
        model: WhisperModel,
        sound: npt.NDArray[np.float32],
        language: str,
        goes_on: Callable[[float], bool],
        **options: Any,
    ) -> Iterator[Any]:
        """What the library recognises in one window; after its first part only while `goes_on` of the seconds left."""
        asked = 0

        def worth(seconds: float) -> bool:
            nonlocal asked
            asked += 1
            return asked == 1 or goes_on(seconds)

        model.worth = worth
        try:
            segments, _ = model.transcribe(
                sound,
                language=language,
                temperature=0.0,
                condition_on_previous_text=False,
                max_new_tokens=min(_MOST_TOKENS, int(8 + 12 * len(sound) / RATE)),
                no_speech_threshold=None,  # judged below, where the reason can be kept
                **options,
            )
            yield from segments
        except WindowEnds:
            return
        finally:
            model.worth = None

    def _recognise(
        self, model: WhisperModel, pcm: Pcm, start: int, end: int, language: str, speech: Sequence[Span]
    ) -> list[tuple[TranscriptLine, str | None]]:
        def goes_on(seconds: float) -> bool:
            rest = Span(start=max(Fraction(0), Fraction(end, RATE) - media_time(seconds)), end=Fraction(end, RATE))
            return seconds >= _REST and sum(float(rest.overlap(s)) for s in speech) >= _REST_SPOKEN

        sound = _floats(pcm, start, end)
        segments = self._segments(model, sound, language, goes_on, beam_size=_BEAM, word_timestamps=True)
        offset, limit = Fraction(start, RATE), Fraction(end, RATE)
        found: list[tuple[TranscriptLine, str | None]] = []
        for segment in segments:
            text = self._text(segment.text, language).strip()[:_MAX_LINE]
            if not text:
                continue
            span = _span(offset, limit, segment.start, segment.end)
            words = tuple(
                Word(
                    span=_span(offset, limit, w.start, w.end),
                    text=self._text(w.word, language).strip(),
                    confidence=min(1.0, max(0.0, float(w.probability))),
                )
                for w in segment.words or ()
                if w.word.strip()
            )
            line = TranscriptLine(
                span=span, text=text, words=words, confidence=min(1.0, float(np.exp(segment.avg_logprob)))
            )
            reason = doubt(text, span, speech, no_speech=segment.no_speech_prob, log_probability=segment.avg_logprob)
            found.append((line, reason))
        return found

    def _text(self, text: str, language: str) -> str:
        if language != "zh":
            return text
        if self._simplify is None:
            import opencc

            self._simplify = opencc.OpenCC("tw2s")
        return str(self._simplify.convert(text))


def _shares(logs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Softmax."""
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum(), np.float64)


def _floats(pcm: Pcm, start: int, end: int) -> npt.NDArray[np.float32]:
    return np.asarray(pcm[start:end], np.float32) / np.float32(32768.0)


def _span(offset: Fraction, limit: Fraction, start: float, end: float) -> Span:
    """A stretch of the window in the asset's own time, kept inside the window."""
    first = min(limit, offset + Fraction(round(max(0.0, start) * 1000), 1000))
    last = min(limit, max(first, offset + Fraction(round(max(0.0, end) * 1000), 1000)))
    return Span(start=first, end=last)
