"""The description line of an item, as the stable contracts state it. The one place where a record becomes a dict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vitascope.base.content import Account, Claim, Description, Evidence
from vitascope.base.errors import without_secret
from vitascope.base.items import Item
from vitascope.base.media import Asset
from vitascope.base.time import Span


def _span(span: Span) -> dict[str, float]:
    return {"start": float(span.start), "end": float(span.end)}


def _evidence(evidence: Evidence) -> dict[str, Any]:
    where: dict[str, Any] = {"field": evidence.field} if evidence.span is None else _span(evidence.span)
    return where | {"quote": evidence.quote}


def _claim(claim: Claim) -> dict[str, Any]:
    return {"text": claim.text, "evidence": [_evidence(e) for e in claim.evidence]}


def account_line(account: Account) -> dict[str, Any]:
    """An account as plain JSON types: what `vitascope describe --show ITEM --style STYLE` adds."""
    return {
        "style": account.style,
        "language": account.language,
        "title": account.title,
        "parts": [
            {"heading": p.heading} | (_span(p.span) if p.span else {}) | {"claims": [_claim(c) for c in p.claims]}
            for p in account.parts
        ],
        "dropped": account.dropped,
    }


def export_line(
    item: Item,
    assets: Sequence[Asset],
    description: Description | None,
    duplicates: Sequence[str],
    shares: Sequence[tuple[str, float, float, float, float]],
) -> dict[str, Any]:
    """One line of `vitascope describe --export`: plain JSON types, times in float seconds.

    An item that is not described yet has a line too, with nothing in it but what its owner states.
    """
    d = description
    return {
        "item_id": item.item_id,
        "title": item.title,
        "assets": [
            {
                "uri": without_secret(a.uri),
                "sha256": a.sha256,
                "duration": float(a.duration) if a.duration is not None else None,
            }
            for a in assets
        ],
        "language": d.language if d else item.language,
        "transcript": [_span(t.span) | {"text": t.text} for t in d.transcript] if d else [],
        "summary": d.summary if d else "",
        "summary_claims": [_claim(c) for c in d.summary_claims] if d else [],
        "chapters": [
            _span(c.span)
            | {
                "title": c.title,
                "source": c.source.value,
                "evidence": [_evidence(e) for e in c.evidence],
                "claims": [_claim(claim) for claim in c.claims],
            }
            for c in (d.chapters if d else ())
        ],
        "category": d.category if d else None,
        "topics": list(d.topics) if d else [],
        "keywords": [
            {"text": k.text, "score": k.score, "evidence": [_evidence(e) for e in k.evidence]}
            for k in (d.keywords if d else ())
        ],
        "sentiment": {"label": d.sentiment.label, "score": d.sentiment.score} if d and d.sentiment else None,
        "moods": dict(d.moods) if d else {},
        "shots": [_span(s) for s in d.shots] if d else [],
        "scenes": [_span(s.span) | {"label": s.label, "score": s.score} for s in d.scenes] if d else [],
        "audio": {"speech": d.audio.speech, "music": d.audio.music, "other": d.audio.other} if d and d.audio else None,
        "sounds": [
            (_span(s.span) if s.span else {}) | {"label": s.label, "score": s.score} for s in (d.sounds if d else ())
        ],
        "tempo": d.tempo if d else None,
        "loudness": d.loudness if d else None,
        "screen_text": [_span(s.span) | {"text": s.text} for s in d.screen_text] if d else [],
        "moderation": {
            "decision": d.moderation.decision.value if d else "allow",
            "reasons": list(d.moderation.reasons) if d else [],
            "age": d.moderation.age if d else None,
            "findings": [
                (_span(f.span) if f.span else {})
                | {"reason": f.reason.value, "score": f.score, "source": f.source, "quote": f.quote}
                for f in (d.moderation.findings if d else ())
            ],
        },
        "duplicates_of": list(duplicates),
        "shares_spans_with": [
            {"item_id": other, "start": a, "end": b, "other_start": c, "other_end": e} for other, a, b, c, e in shares
        ],
        "features": [
            {"name": f.name, "value": f.value, "evidence": [_evidence(e) for e in f.evidence]}
            for f in (d.features if d else ())
        ],
        "provenance": [
            {
                "extractor": p.extractor,
                "model": p.model,
                "model_sha256": p.model_sha256,
                "prompt": p.prompt,
                "options": dict(p.options),
                "note": p.note,
            }
            for p in (d.provenance if d else ())
        ],
        "gaps": list(d.gaps) if d else ["not described yet"],
    }
