"""What a moderation policy may act on: unfit pictures and texts, each with its reason, where it is and how sure.

Takes an item, its texts and the signals of its media; gives findings and the first decision, by the home's policy. What
is shown to whom is decided anew whenever something is listed (`base.moderation`). Knows no person.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from vitascope.base.content import Finding, Moderation, ReasonCode, Signal, SignalKind
from vitascope.base.items import Item
from vitascope.base.moderation import ModerationPolicy, judge, strictest
from vitascope.base.time import clock
from vitascope.describe._config import ModerationConfig
from vitascope.describe._evidence import Passage, excerpt
from vitascope.describe._language import CJK
from vitascope.describe._unfit import Embed, reads, unfit

MOST = 24
"""Findings kept of one item, the surest first (of each reason at least one)."""
MOST_REASONS = 8
"""Sentences."""


@cache
def _shipped() -> tuple[tuple[str, ...], tuple[str, ...]]:
    text = resources.files("vitascope.describe").joinpath("data/moderation.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return tuple(table["words"]), tuple(table["explicit_fields"])


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = [re.escape(w) if CJK.search(w) else rf"(?<!\w){re.escape(w)}(?!\w)" for w in words if w.strip()]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def moderate(
    item: Item,
    passages: Sequence[Passage],
    signals: Sequence[Signal],
    config: ModerationConfig,
    policy: ModerationPolicy | None = None,
    language: str | None = None,
    embed: Embed | None = None,
) -> Moderation:
    """Findings, the first decision, and sentences that say what was seen where.

    Args:
        language: the item's; a text that looks like another is read as that.
        embed: the text model, where there is one: it reads what the words leave in doubt.
    """
    found = list(_pictures(signals, config))
    if config.text:
        found += [*unfit(passages, language, embed, config.least), *_listed(passages, language, config), *_flags(item)]
    found = _most(found)
    pictures = sum(s.kind is SignalKind.UNSAFE for s in signals)
    made = Moderation(findings=tuple(found), reasons=_sentences(found, pictures))
    verdict = judge(made, policy or ModerationPolicy(), has_media=item.has_media)
    return made.model_copy(update={"decision": verdict.verdict, "age": verdict.age})


def stricter(own: Moderation, copies: Sequence[Moderation], policy: ModerationPolicy | None = None) -> Moderation:
    """An item with media is never judged milder than what was found in a whole-work copy of it."""
    joined = strictest(own, copies, MOST)
    if joined is own:
        return own
    verdict = judge(joined, policy or ModerationPolicy(), has_media=True)
    sentences = _sentences([f for f in joined.findings if f.copied], 0)
    reasons = (*own.reasons, *(f"in a copy of it: {text}" for text in sentences))
    return joined.model_copy(
        update={"decision": verdict.verdict, "age": verdict.age, "reasons": reasons[:MOST_REASONS]}
    )


# --- parts


def _pictures(signals: Sequence[Signal], config: ModerationConfig) -> Iterable[Finding]:
    scores = [s for s in signals if s.kind is SignalKind.UNSAFE]
    for signal in scores:
        if signal.score >= config.least:
            yield Finding(
                reason=ReasonCode.NUDITY,
                score=round(min(1.0, signal.score), 4),
                source="picture" if signal.span else "cover",
                span=signal.span,
                of=len(scores),
            )


def _listed(passages: Sequence[Passage], language: str | None, config: ModerationConfig) -> Iterable[Finding]:
    """Words of the owner's list; in languages that the detector does not read, of the short shipped one as well."""
    own, every = _pattern(config.words), _pattern((*_shipped()[0], *config.words))
    for passage in passages:
        pattern = own if reads(passage.text, language) else every
        if match := pattern.search(passage.text):
            quote = excerpt(passage.text, match.group())
            yield Finding(reason=ReasonCode.LISTED, score=1.0, source=passage.source, span=passage.span, quote=quote)


def _flags(item: Item) -> Iterable[Finding]:
    for name, value in item.extra:
        if name.casefold() in _shipped()[1] and value.strip().casefold() in ("yes", "true", "1", "explicit"):
            yield Finding(reason=ReasonCode.EXPLICIT, score=1.0, source=name, quote=value.strip()[:40])


def _most(found: Sequence[Finding]) -> list[Finding]:
    """The surest, but of each reason at least its surest."""
    ranked = sorted(found, key=lambda f: (-f.score, f.span.start if f.span else 0))
    first = {f.reason: f for f in reversed(ranked)}
    keep = {id(f) for f in (*first.values(), *ranked[: MOST - len(first)])}
    return [f for f in ranked if id(f) in keep]


def _sentences(found: Sequence[Finding], pictures: int) -> tuple[str, ...]:
    """At most `MOST_REASONS`, in English."""
    out = []
    seen = [f for f in found if f.reason is ReasonCode.NUDITY]
    if seen:
        worst = seen[0]
        where = f"at {clock(worst.span.start)}" if worst.span else "of the cover"
        count = f"{len(seen)} of {pictures or worst.of} pictures may be unfit; "
        out.append(f"{count}the picture {where} is {worst.score:.2f} unsafe")
    for one in found:
        if one.reason is ReasonCode.NUDITY:
            continue
        where = f"at {clock(one.span.start)} ({one.source})" if one.span else f"in {one.source}"
        if one.reason is ReasonCode.EXPLICIT:
            out.append(f"its source calls it explicit ({one.source})")
        elif one.reason is ReasonCode.LISTED:
            out.append(f"a listed word stands {where}: “{one.quote}”")
        else:
            out.append(f"{one.reason.value}, {one.score:.2f} sure, {where}: “{one.quote}”")
    return tuple(out[:MOST_REASONS])
