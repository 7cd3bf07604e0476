"""Why an item is there, as one HTML file that needs nothing else: bars, a heat map of attention, sentences.

Takes a `Why`; gives text. Figures are Matplotlib's SVG with text kept as text, so that a reader's own fonts show any
script. Everything that comes from a library (titles, words) is escaped and stripped of what could steer a page.
"""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.reasons import Attribution, Reason, label
from vitascope.base.time import clock
from vitascope.base.whys import Why

_MOST, _LETTERS = 10, 46
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]")
_PLUS, _MINUS = "#2a7f62", "#b3492d"
_HEADS = {
    "readable": ("Named features: weight × taste × value", "各项特征：权重 × 喜好 × 数值"),
    "fusion": ("The weighted scorers; they sum to the score", "加权评分器，其和即为总分"),
    "shap": ("The ranker's figures (SHAP; they sum to the score)", "排序器的各项数据（SHAP，其和即为总分）"),
    "left-out": ("How far the score falls without each act", "去掉每个行为后分数下降多少"),
    "attention": ("What the sequential model looks at (attention)", "序列模型关注什么（注意力）"),
    "rollout": ("Attention through all layers (rollout)", "贯穿各层的注意力（rollout）"),
    "gradients": ("What each act adds (integrated gradients)", "每个行为的贡献（积分梯度）"),
    "words": ("Words of the description (LIME)", "描述中的词（LIME）"),
    "segments": ("Stretches of the media (LIME)", "媒体片段（LIME）"),
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}"
    "svg{max-width:100%;height:auto}.soft{color:#666}section{margin:2rem 0}h2{font-size:1.05rem;margin:0 0 .3rem}"
    "li{margin:.2rem 0;overflow-wrap:anywhere}h1{overflow-wrap:anywhere}"
)


def why_page(why: Why, language: str = "en") -> str:
    """The whole page, in English or Chinese ("zh")."""
    zh = language == "zh"
    explanation = why.item.explanation
    sentence = "" if explanation is None else explanation.sentence_zh if zh else explanation.sentence
    place = f"名次 {why.place}（前 {why.n} 名之列表）" if zh else f"place {why.place} in a list of {why.n}"
    parts = [f"<h1>{_safe(why.title)}</h1>", f"<p>{_safe(sentence)}</p>", f'<p class="soft">{place}</p>']
    if explanation is not None and explanation.contributions:
        terms = [
            (c.feature + "".join(f" {clock(e.span.start)}" for e in c.evidence[:1] if e.span), c.product)
            for c in explanation.contributions
        ]
        parts.append(_section(_HEADS["readable"][zh], _bars(terms), ""))
    told = (*(explanation.told if explanation is not None else ()), *why.told)
    parts += [_section(_title(one, zh), _bars(_lines(one, zh)), _note(one, why, zh)) for one in told if one.reasons]
    if why.attention is not None and why.attention.acts:
        names = [_short(a.title or a.name) for a in why.attention.acts]
        rows = [
            (f"L{la + 1} H{he + 1}", w) for la, heads in enumerate(why.attention.weights) for he, w in enumerate(heads)
        ]
        picture = heat_map(np.array([w for _, w in rows]), [name for name, _ in rows], names)
        parts.append(_section(_HEADS["attention"][zh] + (" · 层 × 头" if zh else " · layers × heads"), picture, ""))
    said = _counterfactuals(why, zh)
    if said:
        parts.append("<section><ul>" + "".join(f"<li>{_safe(line)}</li>" for line in said) + "</ul></section>")
    lang = "zh" if zh else "en"
    return (
        f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{_safe(why.title)}</title><style>{_STYLE}</style><body>{''.join(parts)}</body></html>\n"
    )


def heat_map(weights: npt.NDArray[Any], rows: Sequence[str], columns: Sequence[str]) -> str:
    """A matrix (rows, columns) of shares as an SVG: people or heads down, acts across."""
    figure, axes = _canvas(max(4.0, 0.32 * len(columns) + 1.6), 0.34 * len(rows) + 1.9)
    axes.imshow(weights, aspect="auto", cmap="Greens", vmin=0.0)
    axes.set_yticks(range(len(rows)), [_short(name) for name in rows])
    axes.set_xticks(range(len(columns)), [_short(name, 22) for name in columns], rotation=60, ha="right")
    axes.tick_params(length=0, labelsize=8)
    return _svg(figure)


def _bars(lines: Sequence[tuple[str, float]]) -> str:
    some = list(lines)[:_MOST][::-1]
    figure, axes = _canvas(7.5, 0.3 * len(some) + 0.5)
    amounts = [amount for _, amount in some]
    bars = axes.barh(range(len(some)), amounts, color=[_PLUS if a > 0 else _MINUS for a in amounts], height=0.6)
    axes.bar_label(bars, [f"{a:+.3g}" for a in amounts], padding=3, fontsize=8)
    axes.set_yticks(range(len(some)), [_short(name) for name, _ in some])
    axes.tick_params(length=0, labelsize=9)
    axes.axvline(0, color="#888", linewidth=0.6)
    axes.margins(x=0.15)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.set_xticks([])
    return _svg(figure)


def _canvas(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _svg(figure: Any) -> str:
    import matplotlib

    out = io.StringIO()
    # text as text, not as math or shapes; the same figure gives the same bytes
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "vitascope", "text.parse_math": False}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # a script that Matplotlib's own font lacks is drawn by the reader's
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def _section(head: str, picture: str, note: str) -> str:
    return (
        f"<section><h2>{_safe(head)}</h2>{picture}"
        + (f'<p class="soft">{_safe(note)}</p>' if note else "")
        + "</section>"
    )


def _title(told: Attribution, zh: bool) -> str:
    about = "" if told.of == "score" else f" · {told.of}"
    return _HEADS[told.method][zh] + about


def _note(told: Attribution, why: Why, zh: bool) -> str:
    notes = [f"{told.base:.4f} → {told.score:.4f}"] if told.exact else []
    if told.fit is not None:
        notes.append(f"R² {told.fit:.2f}")
    if told.method not in why.shown:
        notes.append("未通过删除检验，请谨慎看待" if zh else "did not hold in the deletion test: look at it with care")
    return " · ".join(notes)


def _lines(told: Attribution, zh: bool) -> list[tuple[str, float]]:
    return [(_named(reason, zh), reason.amount) for reason in told.reasons]


def _named(reason: Reason, zh: bool) -> str:
    text = label(reason)[zh]
    return f"{clock(reason.span.start)} {text}" if reason.span is not None else text


def _counterfactuals(why: Why, zh: bool) -> list[str]:
    lines = []
    for without in why.without:
        acts = ("和" if zh else " and ").join(f"“{act.title}”" for act in without.acts)
        if zh:
            tail = (
                f"它将不在前 {why.n} 名之列（名次 {without.place}）"
                if without.gone
                else f"它的名次将是 {without.place}"
            )
            lines.append(f"如果没有{acts}，{tail}。")
        else:
            tail = (
                f"not be among the first {why.n} (place {without.place})"
                if without.gone
                else f"be at place {without.place}"
            )
            lines.append(f"Without {acts} this would {tail}.")
    for more in why.more:
        if zh:
            verb = "喜欢" if more.did == "like" else "隐藏"
            lines.append(
                f"如果您{verb}“{more.title}”，前 {why.n} 名中“{more.feature}”将有 {more.after} 个（现在 {more.before} 个）。"
            )
        else:
            verb = "liked" if more.did == "like" else "hid"
            lines.append(
                f"If you {verb} “{more.title}”, {more.after} of {why.n} would be {more.feature} (now {more.before})."
            )
    return lines


def _short(text: str, most: int = _LETTERS) -> str:
    text = _ODD.sub("", " ".join(text.split()))
    return text if len(text) <= most else text[: most - 1] + "…"


def _safe(text: str) -> str:
    return html.escape(_ODD.sub("", text))
