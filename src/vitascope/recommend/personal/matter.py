"""Why an item may matter to a person: the reason of its rank, and a sentence of the item that the reason points at.

Takes an item, its description and the explanation of its place in the list; gives a `Matter`. Every sentence is a template
over what is recorded or a quotation of the item with its time; nothing is invented, so there is nothing to check afterwards.
"""

from __future__ import annotations

from vitascope.base.content import Claim, Description, Evidence
from vitascope.base.items import Item
from vitascope.base.made import Matter, Source
from vitascope.base.policy import safe_text
from vitascope.base.ranking import Explanation
from vitascope.base.time import clock

_QUOTE = 160


def matter(item: Item, description: Description | None, explanation: Explanation | None) -> Matter:
    """The personal summary of an item."""
    title = item.title or item.item_id
    reason = "" if explanation is None else explanation.sentence
    reason_zh = "" if explanation is None else explanation.sentence_zh
    sources: list[Source] = []
    english, chinese = [f"“{_plain(title, 120)}”"], [f"《{_plain(title, 120)}》"]
    if reason:
        english.append(f"is here {reason}." if not reason.endswith(".") else f"is here {reason}")
        chinese.append(f"出现在这里，{reason_zh}。")
    told = _telling(description, explanation)
    if told is not None:
        text, evidence = told
        said = _plain(text, _QUOTE)
        at = f" (at {clock(evidence.span.start)})" if evidence is not None and evidence.span is not None else ""
        at_zh = f"（{clock(evidence.span.start)}）" if evidence is not None and evidence.span is not None else ""
        english.append(f"In it: “{said}”{at}.")
        chinese.append(f"其中：“{said}”{at_zh}。")
        sources.append(_source(item, evidence, said))
    for part in () if explanation is None else explanation.contributions[:3]:
        for found in part.evidence[:1]:
            if part.product > 0:
                sources.append(_source(item, found, found.quote))
    if len(english) == 1:
        english.append("is in your library; little is known of it yet.")
        chinese.append("在您的媒体库里，目前对它了解不多。")
    return Matter(
        item_id=item.item_id,
        title=title,
        text=" ".join(english),
        text_zh="".join(chinese),
        reason=reason,
        reason_zh=reason_zh,
        sources=tuple(dict.fromkeys(sources))[:5],
    )


def _telling(description: Description | None, explanation: Explanation | None) -> tuple[str, Evidence | None] | None:
    """A sentence of the item: one whose words name what the person likes, else the first of its summary."""
    if description is None:
        return None
    liked = (
        [] if explanation is None else [c.feature.partition(":")[2] for c in explanation.contributions if c.product > 0]
    )
    told: list[Claim] = [*description.summary_claims, *(c for part in description.chapters for c in part.claims)]
    claims = [
        c for c in told if any(e.span is not None for e in c.evidence)
    ]  # others are a template over the file's data
    for word in liked:
        for claim in claims:
            if len(word) > 2 and word.replace("_", " ") in claim.text.casefold():
                return claim.text, next(iter(claim.evidence), None)
        for line in description.transcript:
            if len(word) > 3 and word.replace("_", " ") in line.text.casefold():
                return line.text, Evidence(span=line.span, quote=line.text)
    if claims:
        return claims[0].text, next(iter(claims[0].evidence), None)
    if description.transcript:
        line = max(description.transcript[:40], key=lambda said: min(len(said.text), _QUOTE))
        return line.text, Evidence(span=line.span, quote=line.text)
    return None


def _source(item: Item, evidence: Evidence | None, quote: str) -> Source:
    span = evidence.span if evidence is not None else None
    return Source(
        item_id=item.item_id,
        title=item.title or item.item_id,
        start=None if span is None else float(span.start),
        end=None if span is None else float(span.end),
        quote=_plain(quote, _QUOTE),
    )


def _plain(text: str, limit: int) -> str:
    return " ".join(safe_text(text, 4 * limit).split())[:limit]
