"""One or two sentences that say what an item is.

The language model writes from fenced quotations; every sentence whose content words do not stand in the evidence is
dropped. What is left is used only where it covers at least as much of the item's keywords as plain extraction does;
otherwise the best sentences of the item itself, or a sentence composed of what was measured, are the summary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from vitascope.base.content import Claim, Evidence, Keyword, Provenance
from vitascope.base.errors import ItemBudgetSpent, ModelError
from vitascope.base.languages import NAMES, named
from vitascope.base.ports.models import LanguageModel
from vitascope.describe._evidence import SILENT, Passage, is_order, sentences
from vitascope.describe._language import CJK, fold, stopwords, words
from vitascope.describe._prompts import Prompt, prompt
from vitascope.describe._tidy import tidy
from vitascope.describe._words import stem

VERSION = "summary/1"
LONGEST = 400
_PLAIN = """
    video audio clip film movie recording item media sound music song piece track talk speech speaker voice someone person
    people man woman show shows showing describe describes tell tells explain explains talks say says said speak speaks
    spoken sing sings play plays played hear heard see seen seconds second minute minutes short long feature features about
    text screen read reads title titled called include includes contain contains present presents discuss discusses
    discussing mention mentions scene narrator story passage quote english
"""
PLAIN = frozenset(_PLAIN.split())
"""Words that speak about an item as such; they need no evidence."""

_OPENERS = re.compile(
    r"^(?:sure|certainly|here is|here's|here are|i |i'm|as an|the item is an? item|the facts|facts|note|please)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Facts:
    """What is known of an item when it is summed up."""

    passages: Sequence[Passage]
    """Without sentences that give orders to a model."""
    keywords: Sequence[Keyword]
    language: str | None
    english: bool
    moving: bool
    seconds: float | None
    speech: float
    music: float
    shown: Sequence[str]
    tempo: float | None
    sounds: Sequence[str]
    has_media: bool
    empty: Sequence[str] = ()
    """Why there is nothing to watch or hear, where there is not."""
    gist: Sequence[str] = ()
    """The central sentences of its chapters, where it is long enough to have some."""

    def of(self, *sources: str) -> list[str]:
        """Texts of these sources, in order."""
        return [p.text for p in self.passages if p.source in sources]


@dataclass(frozen=True)
class Summary:
    """The text and how it came about."""

    text: str
    provenance: Provenance


def evidence_lines(facts: Facts) -> list[str]:
    """The facts as lines of quotations, bounded (about 250 words)."""
    out: list[str] = []
    for name, sources, most in (
        ("Title", ("title",), 150),
        ("Description", ("description",), 500),
        ("Tags", ("tags",), 150),
        ("Said", ("transcript",), 700),
        ("On the screen", ("screen_text",), 200),
    ):
        text = ", ".join(facts.of(*sources)[:10]) if name == "Tags" else " ".join(facts.of(*sources))
        if name == "Said" and facts.gist:
            text = " ".join(facts.gist)
        if text := tidy(text, most):
            out.append(f'{name}: "{text}"')
    if facts.shown:
        out.append(f"Shows: {', '.join(facts.shown[:4])}")
    out.append(f"Measured: {measured(facts)}")
    return out


def to_shorten(facts: Facts) -> str:
    """The text that the language model shortens: title, then the description or else what is said, about 120 words."""
    title = next(iter(facts.of("title")), "")
    body = (
        " ".join(facts.of("description"))
        or " ".join(facts.gist or facts.of("transcript"))
        or " ".join(facts.of("screen_text"))
    )
    return tidy(f"{title}. {body}" if title else body, 700)


def measured(facts: Facts) -> str:
    """What was measured, as a phrase: "a 30 s video; shows a soccer ball; music, about 120 beats a minute"."""
    length = f"{_length(facts.seconds)} " if facts.seconds else ""
    head = f"a {length}{'video' if facts.moving else 'recording'}" if facts.has_media else "an item"
    parts = [head, *facts.empty]
    if facts.shown:
        parts.append(f"shows {', '.join(facts.shown[:3])}")
    if facts.speech >= 0.4:
        parts.append(f"spoken in {named(facts.language)}" if facts.language in NAMES else "spoken")
    if facts.music >= 0.4:
        sound = "music"
        if facts.tempo:
            sound += f", about {facts.tempo:.0f} beats a minute"
        parts.append(sound)
    elif facts.has_media and facts.speech < 0.4 and facts.sounds:
        parts.append(f"sounds {', '.join(facts.sounds[:3])}")
    return "; ".join(parts)


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def extracted(facts: Facts) -> Summary:
    """The item's own best sentences, or what was measured."""
    record = Provenance(extractor=VERSION, options=(("way", "extracted"),))
    described = [s for text in facts.of("description") for s in sentences(text)]
    if not facts.empty and described and len(words(" ".join(described))) + len(CJK.findall(" ".join(described))) >= 4:
        return Summary(_fit(described[:2]), record)
    lead = measured(facts)
    lead = lead[:1].upper() + lead[1:]
    spoken = [s for text in facts.of("transcript") for s in sentences(text)]
    if spoken:
        best = max(spoken[:200], key=lambda s: (_coverage(s, facts.keywords), -spoken.index(s)))
        return Summary(_fit([f"{lead}: “{tidy(best, 240)}”"]), record)
    title = next(iter(facts.of("title")), "")
    if title:
        tags = facts.of("tags")
        about = f" ({', '.join(tags[:4])})" if tags else ""
        text = f"“{tidy(title, 150)}”{about}"
        return Summary(_fit([f"{text}: {lead[:1].lower()}{lead[1:]}." if facts.has_media else f"{text}."]), record)
    screen = facts.of("screen_text")
    if screen:
        return Summary(_fit([f"{lead}; on the screen: “{tidy(' '.join(screen), 160)}”."]), record)
    return Summary(f"{lead}." if facts.has_media else "", record)


def _fit(said: Sequence[str]) -> str:
    text = " ".join(said)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _coverage(text: str, keywords: Sequence[Keyword]) -> float:
    plain = fold(text)
    return sum(k.score for k in keywords if fold(k.text) in plain)


def supported(sentence: str, evidence: frozenset[str]) -> bool:
    """Whether all content words of an English sentence stand in the evidence (as stems), numbers as they are.

    All of them: one stray word can turn the sense around.
    """
    content = [w.casefold() for w in words(sentence)]
    content = [w for w in content if w not in stopwords("en") and w not in PLAIN and stem(w) not in _plain_stems()]
    return bool(content) and all(w in evidence if any(c.isdigit() for c in w) else stem(w) in evidence for w in content)


@cache
def _plain_stems() -> frozenset[str]:
    return frozenset(stem(w) for w in PLAIN)


def stems_of(text: str) -> frozenset[str]:
    """Words of a text as they stand and as stems: what `supported` asks for as evidence."""
    return frozenset(e for w in words(text) for e in (w.casefold(), stem(w.casefold())))


def checked(answer: str, facts: Facts) -> list[str]:
    """The sentences of an answer that may stand: supported, no order, no address to the reader, none twice."""
    evidence = stems_of("\n".join(evidence_lines(facts)))
    out: list[str] = []
    for sentence in sentences(tidy(answer, 1_200)):
        whole = sentence.rstrip("\"'”’) ").endswith((".", "!", "?"))
        if not whole or is_order(sentence) or _OPENERS.match(sentence) or len(words(sentence)) < 4:
            continue
        if any(fold(sentence) == fold(s) for s in out) or "<" in sentence or ">" in sentence:
            continue
        if supported(sentence, evidence):
            out.append(sentence)
    return out[:2]


def claims_of(text: str, facts: Facts) -> tuple[Claim, ...]:
    """The sentences of a summary, each with where it stands; a sentence that stands nowhere is left out.

    A sentence of the item's own (or one quoted in it) points at its place, one of a model's at the passages that hold its
    words, what was measured at the figures.
    """
    out = []
    lead = fold(measured(facts))
    for sentence in sentences(text):
        plain = fold(sentence)
        evidence: list[Evidence] = []
        if lead in plain and facts.has_media:
            evidence.append(Evidence(field="measured", quote=measured(facts)))
        bare = _bare(plain)
        whole = [p for p in facts.passages if p.source not in SILENT and bare and bare in fold(p.text)]
        quoted = [q for q in map(fold, _QUOTED.findall(sentence)) if len(q) > 2]
        for quote in quoted if not whole else ():
            whole += [p for p in facts.passages if _bare(quote) in fold(p.text)][:1]
        if whole:
            evidence += [p.evidence(_as_it_stands(p.text, bare)) for p in whole[:2]]
        elif not quoted:
            evidence += _by_words(sentence, facts)
        if evidence:
            out.append(Claim(text=sentence, evidence=tuple(evidence[:3])))
    return tuple(out)


_QUOTED = re.compile(r"“([^”]+)”")


def _bare(plain: str) -> str:
    return plain.rstrip("….!?。 ").strip("“”\"' ")


def _as_it_stands(text: str, plain: str) -> str | None:
    at = text.casefold().find(plain[:40])
    return text[at : at + min(len(plain), 160)] if at >= 0 else None


def _by_words(sentence: str, facts: Facts) -> list[Evidence]:
    """Passages that hold the content words of a sentence, fewest first found; none where a word stands nowhere."""
    left = {stem(w.casefold()) for w in words(sentence) if w.casefold() not in stopwords("en")}
    left -= PLAIN | _plain_stems()
    found: list[Evidence] = []
    while left:
        best, most, form = None, 0, None
        for passage in facts.passages[:2_000]:
            here = [w for w in words(passage.text) if stem(w.casefold()) in left]
            if len({stem(w.casefold()) for w in here}) > most:
                best, most, form = passage, len({stem(w.casefold()) for w in here}), here[0]
        if best is None or len(found) == 3:
            break
        left -= {stem(w.casefold()) for w in words(best.text)}
        found.append(best.evidence(form))
    return found


def summarise(
    facts: Facts, model: LanguageModel | None, least_words: int, ask: Callable[[Prompt, str], str]
) -> tuple[Summary, str | None]:
    """The summary, and a gap where the language model should have spoken and could not.

    Args:
        ask: asks the language model with a prompt and the facts, or answers what it said before.
    """
    plain = extracted(facts)

    def keep(note: str) -> Summary:
        return Summary(plain.text, plain.provenance.model_copy(update={"note": note}))

    if facts.empty:
        return keep("there is nothing to watch or hear: what was measured is said"), None
    own_words = sum(len(words(p.text)) for p in facts.passages if p.source not in SILENT)
    if own_words < least_words:
        return keep("too little text to write from"), None
    if not facts.english:
        return keep("the language model writes English only: sentences taken from the item"), None
    if model is None:
        return keep("language model off: sentences taken from the item"), None
    asked = prompt("summary")
    try:
        answer = ask(asked, to_shorten(facts))
        info = model.info
    except ItemBudgetSpent as error:  # the same tomorrow: no reason to describe it again
        return keep(f"language model silent ({error.thing}): sentences taken from the item"), None
    except ModelError as error:
        return keep(f"language model silent ({error.thing}): sentences taken from the item"), error.thing
    said = checked(answer, facts)
    if not said:
        return keep("nothing the language model wrote could be checked: sentences taken from the item"), None
    text = _fit(said)
    if _coverage(text, facts.keywords) + 1e-9 < 0.8 * _coverage(plain.text, facts.keywords):
        return keep("the language model left out more than it said: sentences taken from the item"), None
    total = len(sentences(tidy(answer, 1_200)))
    record = Provenance(
        extractor=VERSION,
        model=info.id,
        model_sha256=info.sha256 or None,
        prompt=asked.id,
        options=(("prompt_sha256", asked.sha256[:16]), ("temperature", "0"), ("way", "written")),
        note=f"{len(said)} of {total} sentences stand in the evidence",
    )
    return Summary(text, record), None
