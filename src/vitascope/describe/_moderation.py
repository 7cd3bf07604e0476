"""The first moderation decision, by the home's policy. An item without media goes to review at most."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from vitascope.base.content import Moderation, Signal, SignalKind, Verdict
from vitascope.base.items import Item
from vitascope.base.time import clock
from vitascope.describe._config import ModerationConfig
from vitascope.describe._evidence import Passage
from vitascope.describe._language import CJK


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
    item: Item, passages: Sequence[Passage], signals: Sequence[Signal], config: ModerationConfig
) -> Moderation:
    """Decision and reasons; each reason says what was seen where."""
    reasons: list[str] = []
    verdict = Verdict.ALLOW
    scores = [s for s in signals if s.kind is SignalKind.UNSAFE]
    bad = [s for s in scores if s.score >= config.picture_review]
    if bad:
        verdict = Verdict.REVIEW
        worst = max(bad, key=lambda s: s.score)
        where = f"at {clock(worst.span.start)}" if worst.span else "of the cover"
        reasons.append(
            f"{len(bad)} of {len(scores)} pictures may be unfit; the picture {where} is {worst.score:.2f} unsafe"
        )
        sure = sum(s.score >= config.picture_block for s in scores)
        if sure >= min(2, len(scores)):
            verdict = Verdict.BLOCK
    if config.text:
        words, fields = _shipped()
        pattern = _pattern((*words, *config.words))
        for passage in passages:
            match = pattern.search(passage.text)
            if match:
                where = f"at {clock(passage.span.start)}" if passage.span else f"in {passage.source}"
                reasons.append(f"the word “{match.group()}” stands {where} ({passage.source})")
                verdict = max(verdict, Verdict.REVIEW, key=_severity)
                if len(reasons) >= 5:
                    break
        for name, value in item.extra:
            if name.casefold() in fields and value.strip().casefold() in ("yes", "true", "1", "explicit"):
                reasons.append(f"its source calls it explicit ({name})")
                verdict = max(verdict, Verdict.REVIEW, key=_severity)
    if verdict is Verdict.BLOCK and not item.has_media:
        verdict = Verdict.REVIEW
    return Moderation(decision=verdict, reasons=tuple(reasons))


def _severity(verdict: Verdict) -> int:
    return (Verdict.ALLOW, Verdict.REVIEW, Verdict.BLOCK).index(verdict)


def stricter(own: Moderation, copies: Sequence[Moderation]) -> Moderation:
    """An item is never judged milder than what its pictures showed in a whole-work copy of it."""
    worst = max(copies, key=lambda m: _severity(m.decision), default=own)
    if _severity(worst.decision) <= _severity(own.decision):
        return own
    reasons = (*own.reasons, *(f"in a copy of it: {r}" for r in worst.reasons if not r.startswith("in a copy")))
    return Moderation(decision=worst.decision, reasons=reasons[:8])
