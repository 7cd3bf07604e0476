"""Key words of Chinese texts: nouns, verbs and names cut out of the run of characters, and the pairs that keep company.

Takes passages; gives scored words with the passages they stand in. The score is log(1 + count) x rarity, nouns before
verbs. What is in no list (names, new words) is found as a run of single characters that repeats.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from vitascope.describe._evidence import Passage
from vitascope.describe._language import HAN, stopwords
from vitascope.describe._words import chinese_rarity, segment

WEIGHTS = {"title": 3.0, "description": 2.0, "chapter": 1.5}
KINDS = {"n": 1.0, "j": 0.9, "i": 0.8, "l": 0.7, "v": 0.6, "a": 0.4, "s": 0.6, "z": 0.3, "b": 0.4}
"""What a part of speech is worth as a keyword: nouns, short forms, idioms, verbs, adjectives, places."""
_WEAK = """
    大家 东西 事情 时候 时间 问题 样子 地方 方面 情况 朋友们 觉得 知道 认为 开始 进行 可能 没有 需要 应该 看到 看看 成为 希望
    喜欢 出来 起来 下来 过来 人们 有人 别人 自己 先生 女士 今天 明天 昨天 就是 还有 不是 非常 成功 顺利 视频 节目 内容 介绍
"""
WEAK = frozenset(_WEAK.split())
"""Words that carry no subject of their own."""
_LONGEST_PAIR = 8


def chinese(passages: Sequence[Passage], most_text: int) -> list[tuple[float, str, list[Passage]]]:
    """All candidates: score, text as it stands, passages."""
    stop = stopwords("zh")
    counts: dict[str, float] = defaultdict(float)
    value: dict[str, float] = {}
    places: dict[str, list[Passage]] = defaultdict(list)
    seen: Counter[str] = Counter()
    read = 0

    def see(text: str, worth: float, passage: Passage, weight: float) -> None:
        counts[text] += weight
        seen[text] += 1
        value[text] = max(worth, value.get(text, 0.0))
        if len(places[text]) < 5 and (not places[text] or places[text][-1] is not passage):
            places[text].append(passage)

    for passage in passages:
        text = passage.text[: max(0, most_text - read)]
        read += len(text)
        weight = WEIGHTS.get(passage.source, 1.0)
        for run in HAN.finditer(text):
            before: tuple[str, float] | None = None
            unknown = ""
            for start, end, kind in [*segment(run.group()), (0, 0, "")]:
                word = run.group()[start:end]
                single = kind == "x" and len(word) == 1 and word not in stop
                if single:
                    unknown += word
                elif unknown:
                    for size in range(2, min(4, len(unknown)) + 1):
                        for i in range(len(unknown) - size + 1):
                            see(unknown[i : i + size], 0.7, passage, weight)
                    unknown = ""
                worth = 0.0 if word in WEAK or word in stop else KINDS.get(kind, 0.0)
                if worth and len(word) > 1:
                    see(word, worth, passage, weight)
                    if before and len(before[0]) + len(word) <= _LONGEST_PAIR:
                        see(before[0] + word, (before[1] + worth) / 2, passage, weight)
                    before = (word, worth)
                else:
                    before = None
    out = []
    for text, count in counts.items():
        whole = chinese_rarity(text)
        pair = whole == 1.0
        if pair and seen[text] < 2 and count < 3:
            continue
        score = math.log1p(count) * whole * value[text] * (1.0 if not pair or value[text] == 0.7 else 1.1)
        out.append((score, text, places[text]))
    return out
