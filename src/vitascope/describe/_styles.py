"""An item told at length in one of three styles: an account by chapters, a script by moments, a news item by importance.

Takes an item and its description, asks no model and looks at no media; gives an `Account` whose every sentence points at a
span or a field. The words of the item are quoted as they stand, in its language; the words around them come from
`data/styles.toml`, in English or Chinese. What its evidence does not support is left out and counted.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

from vitascope.base.content import Account, AccountPart, Claim, Description, Evidence, ItemChapter
from vitascope.base.errors import UsageError
from vitascope.base.items import Item
from vitascope.base.languages import named
from vitascope.base.time import Span, clock, media_time
from vitascope.describe._evidence import Passage, is_order
from vitascope.describe._grounds import Grounds
from vitascope.describe._language import fold
from vitascope.describe._sayings import sayings

STYLES = ("account", "script", "news")
MOST_NEWS = 7
"""Quotations in a news item."""
CHANGE = 8.0
"""Seconds that a kind of sound lasts before a script names it."""


@cache
def words_around() -> Mapping[str, Mapping[str, str]]:
    """The phrases by language."""
    text = resources.files("vitascope.describe").joinpath("data/styles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def tell(item: Item, description: Description, style: str = "account", language: str = "en") -> Account:
    """The item in one style.

    Args:
        language: of the words around the quotations: "en" or "zh"; others are told in English.

    Raises:
        UsageError: there is no such style.
    """
    if style not in STYLES:
        raise UsageError(f"there is no style {style!r}", place="--style", remedy=f"one of {', '.join(STYLES)}")
    language = language if language in words_around() else "en"
    teller = _Teller(item, description, language)
    parts = {"account": teller.account, "script": teller.script, "news": teller.news}[style]()
    grounds = Grounds(item, description)
    out, dropped = [], 0
    for part in parts:
        claims, lost = grounds.kept(part.claims)
        dropped += lost
        if claims:
            out.append(part.model_copy(update={"claims": claims}))
    return Account(style=style, language=language, title=teller.title(), parts=tuple(out), dropped=dropped)


class _Teller:
    def __init__(self, item: Item, description: Description, language: str) -> None:
        self._item, self._d, self._say = item, description, words_around()[language]
        self._language = language
        self._labels = {fold(s.label) for s in description.scenes}

    def _(self, name: str, **fill: object) -> str:
        phrase = self._say[name]
        for key, value in fill.items():
            phrase = phrase.replace("{" + key + "}", str(value))
        return phrase

    def title(self) -> str:
        """The item's own, else its first key words."""
        keys = [k.text for k in self._d.keywords[:3]]
        return self._item.title or self._say["list"].join(keys) or self._say["unnamed"]

    # --- account

    def account(self) -> list[AccountPart]:
        """In short, then chapter by chapter, then what else is known."""
        parts = [AccountPart(heading=self._("about"), span=None, claims=self._d.summary_claims)]
        for number, chapter in enumerate(self._d.chapters, 1):
            parts.append(
                AccountPart(
                    heading=chapter.title or self._("part", n=number),
                    span=chapter.span,
                    claims=tuple(self._of_chapter(chapter)),
                )
            )
        parts.append(AccountPart(heading=self._("further"), span=None, claims=tuple(self._further())))
        return parts

    def _of_chapter(self, chapter: ItemChapter) -> Iterable[Claim]:
        told = [self._quoted(c) for c in chapter.claims]
        yield from told
        shown = self._shown_in(chapter.span)
        if shown and not any(shown.evidence[0] in c.evidence for c in chapter.claims):
            yield shown
        yield from self._read_in(chapter.span, 2)
        if not told and not shown and chapter.evidence:
            yield Claim(text=chapter.title, evidence=chapter.evidence)

    def _quoted(self, claim: Claim) -> Claim:
        """A sentence of the item in quotation marks, a model's retelling without; what is seen said to be seen."""
        if self._is_seen(claim):
            return claim.model_copy(update={"text": self._("shows", what=claim.text)})
        return claim.model_copy(update={"text": self._("said", quote=claim.text)}) if _verbatim(claim) else claim

    def _is_seen(self, claim: Claim) -> bool:
        return all(fold(e.quote) in self._labels for e in claim.evidence)

    def _shown_in(self, span: Span) -> Claim | None:
        best: dict[str, tuple[float, Span]] = {}
        for scene in self._d.scenes:
            if scene.span.overlap(span) > 0 and scene.score > best.get(scene.label, (0.0, span))[0]:
                best[scene.label] = scene.score, scene.span
        top = sorted(best.items(), key=lambda b: (-b[1][0], b[0]))[:3]
        if not top:
            return None
        evidence = tuple(Evidence(span=where, quote=label) for label, (_, where) in top)
        return Claim(text=self._("shows", what=self._say["list"].join(label for label, _ in top)), evidence=evidence)

    def _read_in(self, span: Span, most: int) -> Iterable[Claim]:
        seen: set[str] = set()
        for line in self._d.screen_text:
            if line.span.overlap(span) > 0 and fold(line.text) not in seen and len(seen) < most and len(line.text) > 3:
                seen.add(fold(line.text))
                yield Claim(
                    text=self._("read", what=line.text), evidence=(Evidence(span=line.span, quote=line.text[:160]),)
                )

    def _further(self) -> Iterable[Claim]:
        """What was measured, the category, topics, moods: each with what it rests on."""
        yield from self._measured()
        features = {f.name: f for f in self._d.features}
        listed = self._say["list"]
        if self._d.category and (known := features.get(f"category:{fold(self._d.category)}")) and known.evidence:
            yield Claim(text=self._("category", what=self._d.category), evidence=known.evidence[:1])
        topics = [f for t in self._d.topics[:4] if (f := features.get(f"topic:{fold(t)}")) and f.evidence]
        if topics:
            names = listed.join(f.name.removeprefix("topic:") for f in topics)
            yield Claim(text=self._("topics", what=names), evidence=tuple(e for f in topics for e in f.evidence[:1]))
        moods = [f for m, _ in self._d.moods[:3] if (f := features.get(f"mood:{fold(m)}")) and f.evidence]
        if moods:
            names = listed.join(f.name.removeprefix("mood:") for f in moods)
            yield Claim(text=self._("mood", what=names), evidence=tuple(e for f in moods for e in f.evidence[:1]))

    def _measured(self) -> Iterable[Claim]:
        kind = next((f for f in self._d.features if f.name == "kind:video"), None)
        length = next((f for f in self._d.features if f.name.startswith("length:") and f.evidence), None)
        if length is None or length.evidence[0].span is None:
            return
        said = [self._("video" if kind else "recording", length=clock(length.evidence[0].span.end))]
        evidence = [Evidence(field="measured", span=length.evidence[0].span, quote=length.evidence[0].quote)]
        audio = self._d.audio
        if audio and audio.speech >= 0.4 and self._d.language:
            name = named(self._d.language, self._language)
            said.append(self._("spoken_in", what=name))
            evidence.append(Evidence(field="audio", quote=f"speech {audio.speech:.0%}"))
        if audio and audio.music >= 0.4:
            said.append(self._say["music"])
            evidence.append(Evidence(field="audio", quote=f"music {audio.music:.0%}"))
            if self._d.tempo:
                said.append(self._("beats", n=round(self._d.tempo)))
                evidence.append(Evidence(field="sound", quote=f"{self._d.tempo:.0f} beats/min"))
        yield Claim(text=self._("measured", what=self._say["list"].join(said)), evidence=tuple(evidence))

    # --- script

    def script(self) -> list[AccountPart]:
        """Everything in order of time under the chapters: picture, screen, sound, voices."""
        moments: list[tuple[float, int, Claim]] = []
        for scene in self._d.scenes:
            claim = Claim(
                text=self._("picture", what=scene.label), evidence=(Evidence(span=scene.span, quote=scene.label),)
            )
            moments.append((float(scene.span.start), 0, claim))
        for line in self._d.screen_text:
            claim = Claim(
                text=self._("screen", what=line.text), evidence=(Evidence(span=line.span, quote=line.text[:160]),)
            )
            moments.append((float(line.span.start), 1, claim))
        for sound in self._d.sounds:
            if sound.span is not None and sound.label in ("speech", "music", "other") and sound.span.length >= CHANGE:
                claim = Claim(
                    text=self._("heard", what=self._say[sound.label]),
                    evidence=(Evidence(span=sound.span, quote=sound.label),),
                )
                moments.append((float(sound.span.start), 2, claim))
        lines = [Passage(t.text, "transcript", t.span) for t in self._d.transcript]
        for saying in sayings(lines):
            if not is_order(saying.text):
                claim = Claim(text=self._("voice", quote=saying.text), evidence=(saying.evidence(),))
                moments.append((saying.start, 3, claim))
        moments.sort(key=lambda m: (m[0], m[1]))
        return [
            AccountPart(
                heading=heading,
                span=span,
                claims=tuple(c for at, _, c in moments if first <= at < last),
            )
            for heading, span, first, last in self._scenes(moments)
        ]

    def _scenes(self, moments: Sequence[tuple[float, int, Claim]]) -> list[tuple[str, Span, float, float]]:
        """Headings of a script: the chapters, else the whole; what begins before or after them is theirs too."""
        spans = [(c.title or self._("part", n=n), c.span) for n, c in enumerate(self._d.chapters, 1)]
        if not spans:
            end = max((float(c.evidence[0].span.end) for _, _, c in moments if c.evidence[0].span), default=0.0)
            spans = [(self.title(), Span(start=media_time(0), end=media_time(end)))]
        edges = [-1.0, *(float(s.start) for _, s in spans[1:]), float("inf")]
        return [(h, s, a, b) for (h, s), (a, b) in zip(spans, pairwise(edges), strict=True)]

    # --- news

    def news(self) -> list[AccountPart]:
        """The most important first: the lead, then what is said by weight, then what else is known."""
        lead = AccountPart(heading=self._("lead"), span=None, claims=self._d.summary_claims)
        told = {fold(c.text) for c in self._d.summary_claims}
        keys = {fold(k.text): k.score for k in self._d.keywords}

        def weight(claim: Claim) -> float:
            plain = fold(claim.text)
            return sum(score for key, score in keys.items() if key in plain)

        claims = [(weight(c), -n, c) for n, ch in enumerate(self._d.chapters) for c in ch.claims]
        if not claims:
            lines = [Passage(t.text, "transcript", t.span) for t in self._d.transcript]
            fit = [s for s in sayings(lines) if s.size >= 6 and not is_order(s.text)]
            quoted = [Claim(text=s.text, evidence=(s.evidence(),)) for s in fit]
            claims = [(weight(c), -n, c) for n, c in enumerate(quoted)]
        claims.sort(key=lambda c: (-c[0], -c[1]))
        body: list[Claim] = []
        for _, _, claim in claims:
            if any(fold(claim.text) in t for t in told) or len(body) == MOST_NEWS:
                continue
            span = claim.evidence[0].span
            at = clock(span.start) if span else ""
            if self._is_seen(claim):
                body.append(self._quoted(claim))
            else:
                how = "said_at" if _verbatim(claim) else "told_at"
                body.append(claim.model_copy(update={"text": self._(how, quote=claim.text, at=at)}))
        whole = Span(start=media_time(0), end=media_time(10**9))
        shown = self._shown_in(whole)
        further = [*([shown] if shown else []), *self._read_in(whole, 3), *self._further(), *self._feeling()]
        return [
            lead,
            AccountPart(heading=self._("body"), span=None, claims=tuple(body)),
            AccountPart(heading=self._("further"), span=None, claims=tuple(further)),
        ]

    def _feeling(self) -> Iterable[Claim]:
        feeling = self._d.sentiment
        if feeling and feeling.label != "neutral":
            quote = f"{feeling.label} words, {feeling.score:+.2f}"
            yield Claim(
                text=self._("feeling", what=self._say[feeling.label]),
                evidence=(Evidence(field="sentiment", quote=quote),),
            )


def _verbatim(claim: Claim) -> bool:
    """Whether a claim is in the words that its evidence quotes; a model's retelling of them is not."""
    return any(fold(e.quote) in fold(claim.text) for e in claim.evidence)
