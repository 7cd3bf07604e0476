"""One extractor per signal, in reading order; each sees one asset and what the ones before it found."""

from vitascope.describe.extractors._audio_kind import AudioKind, usual
from vitascope.describe.extractors._feeling import AROUSAL, Feeling
from vitascope.describe.extractors._media import Shots
from vitascope.describe.extractors._named import NAMED, NamedSounds, Seen
from vitascope.describe.extractors._pictures import Pictures, Unsafe
from vitascope.describe.extractors._screen_text import OnScreen
from vitascope.describe.extractors._sound import Sound
from vitascope.describe.extractors._transcript import Transcript, language_code
from vitascope.describe.extractors._voice import SPOKEN, Voice
from vitascope.describe.extractors._work import EXTRA, ROLES, Extractor, Found, Work, unpack_vector

BUILT_IN: tuple[Extractor, ...] = (
    Shots(),
    Voice(),
    AudioKind(),
    Feeling(),
    Transcript(),
    Sound(),
    NamedSounds(),
    Pictures(),
    Unsafe(),
    OnScreen(),
    Seen(),
)
"""In reading order: an extractor stands after those whose results it reads."""

__all__ = [
    "AROUSAL",
    "BUILT_IN",
    "EXTRA",
    "NAMED",
    "ROLES",
    "SPOKEN",
    "Extractor",
    "Found",
    "Work",
    "language_code",
    "unpack_vector",
    "usual",
]
