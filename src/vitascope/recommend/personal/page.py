"""A digest as a page of its own (HTML without scripts or anything from elsewhere), and as words to be read aloud.

Everything that came from media or people is escaped. The page says on its face that a machine made it, of what, and for whom.
"""

from __future__ import annotations

import datetime
from html import escape

from vitascope.base.made import GENERATED, GENERATED_ZH, Digest, Matter, Source
from vitascope.base.time import clock

_STYLE = """
:root{color-scheme:light dark;font:16px/1.55 system-ui,sans-serif}body{margin:0 auto;max-width:42rem;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid #8884}p{margin:.3rem 0}
ul{list-style:none;margin:0;padding:0}li{margin:.6rem 0;padding:.6rem .8rem;border:1px solid #8884;border-radius:.6rem}
.note,.src{color:#767676;font-size:.85rem}b{font-weight:600}@media (prefers-color-scheme:dark){.note,.src{color:#a0a0a0}}
"""
_TEXTS = {
    "title": ("Your week", "您的一周"),
    "watched": ("What you watched and heard", "您看过和听过的"),
    "ahead": ("What may matter to you next", "接下来也许值得一看的"),
    "new": ("New in the library", "媒体库里新来的"),
    "trends": ("What you turn to", "您的兴趣变化"),
    "rising": ("more than before", "比以前多"),
    "fading": ("less than before", "比以前少"),
    "steady": ("as before", "与以前相同"),
    "none": ("Nothing was watched in this week.", "这一周没有观看记录。"),
    "rests": ("rests on", "依据"),
}


def _day(stamp: float) -> str:
    return datetime.datetime.fromtimestamp(stamp, datetime.UTC).date().isoformat()


def page(digest: Digest, language: str = "en") -> str:
    """The digest as HTML, in English or Chinese."""
    zh = language == "zh"

    def say(name: str) -> str:
        return _TEXTS[name][zh]

    title = f"{say('title')} · {digest.week}"
    parts = [
        f'<!doctype html><html lang="{"zh" if zh else "en"}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta name="generator" content="Vitascope"><meta name="robots" content="noindex">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="note">{escape(GENERATED_ZH if zh else GENERATED)}. {_day(digest.first)} – {_day(digest.last)}</p>',
        f"<h2>{escape(say('watched'))}</h2>",
    ]
    if digest.watched:
        parts.append(f"<ul>{''.join(f'<li>{escape(s.title)}</li>' for s in digest.watched)}</ul>")
    else:
        parts.append(f"<p>{escape(say('none'))}</p>")
    if digest.ahead:
        parts += [
            f"<h2>{escape(say('ahead'))}</h2>",
            f"<ul>{''.join(_matter(m, zh, say('rests')) for m in digest.ahead)}</ul>",
        ]
    if digest.new:
        parts += [
            f"<h2>{escape(say('new'))}</h2>",
            f"<ul>{''.join(f'<li>{escape(s.title)}</li>' for s in digest.new)}</ul>",
        ]
    moved = [t for t in digest.trends if t.trend in ("rising", "fading")]
    if moved:
        rows = "".join(f"<li><b>{escape(t.topic)}</b>: {escape(say(t.trend))}</li>" for t in moved)
        parts += [f"<h2>{escape(say('trends'))}</h2>", f"<ul>{rows}</ul>"]
    return "".join([*parts, "</body></html>\n"])


def _matter(told: Matter, zh: bool, rests: str) -> str:
    said = told.text_zh if zh else told.text
    where = "; ".join(_where(s) for s in told.sources if s.start is not None or s.quote)
    under = f'<p class="src">{escape(rests)}: {escape(where)}</p>' if where else ""
    return f"<li><p>{escape(said)}</p>{under}</li>"


def _where(source: Source) -> str:
    at = clock(source.start) if source.start is not None else ""
    return f"{at} {source.quote}".strip() or source.title


def words(digest: Digest) -> str:
    """The digest as English sentences to be read aloud. Titles in scripts that an English voice cannot say are left out."""
    said = [f"Your week, {_day(digest.first)} to {_day(digest.last)}. This was made by machine, for you alone."]
    heard = [s.title for s in digest.watched[:5] if _sayable(s.title)]
    said.append(f"You watched or heard {_count(len(digest.watched))}{': ' + ', '.join(heard) if heard else ''}.")
    for told in digest.ahead[:5]:
        if _sayable(told.text):
            said.append(told.text.replace("“", "").replace("”", ""))
    new = [s.title for s in digest.new[:5] if _sayable(s.title)]
    if new:
        said.append(f"New in the library: {', '.join(new)}.")
    rising = [t.topic for t in digest.trends if t.trend == "rising" and _sayable(t.topic)][:3]
    if rising:
        said.append(f"You turn more to {', '.join(rising)}.")
    return "\n".join(said)


def _sayable(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and sum(c.isascii() or "À" <= c <= "ɏ" for c in letters) >= 0.9 * len(letters)


def _count(n: int) -> str:
    return "nothing" if n == 0 else "one thing" if n == 1 else f"{n} things"
