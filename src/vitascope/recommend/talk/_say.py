"""What a conversation says, in English and Chinese: a wish in words, and the parts of it that were given up. Templates alone."""

from __future__ import annotations

from vitascope.base.languages import named
from vitascope.base.talk import Wish

MOODS = {
    "calm": "安静", "energetic": "有活力", "happy": "欢快", "sad": "悲伤", "dark": "阴暗", "tense": "紧张", "epic": "史诗般",
    "romantic": "浪漫", "funny": "有趣", "mysterious": "神秘", "hopeful": "有希望", "angry": "愤怒", "inspiring": "励志",
    "informative": "有知识", "fascinating": "引人入胜", "beautiful": "优美", "courageous": "勇敢", "persuasive": "有说服力",
    "ingenious": "巧妙",
}  # fmt: skip
CATEGORIES = {
    "film": "电影", "series": "剧集", "music": "音乐", "news": "新闻", "talk": "演讲", "education": "教程", "science": "科学",
    "technology": "科技", "sport": "体育", "game": "游戏", "children": "儿童", "comedy": "喜剧", "podcast": "播客",
    "audiobook": "有声书", "nature": "自然", "travel": "旅行", "food": "美食", "art": "艺术",
    "business": "商业", "health": "健康",
    "politics": "政治", "documentary": "纪录片", "animation": "动画", "trailer": "预告片", "live": "直播", "history": "历史",
    "religion": "宗教", "lifestyle": "生活方式", "cars": "汽车", "sound": "声音", "announcement": "公告",
}  # fmt: skip
KINDS = {"video": "视频", "audio": "音频", "live": "直播"}
SOUNDS = {"speech": "说话声", "music": "音乐声", "vocals": "人声"}
_TIMES = {
    "recent": ("recent", "最近的"), "old": ("old", "老的"), "today": ("from today", "今天的"),
    "this-week": ("from this week", "这周的"),
    "this-month": ("from this month", "这个月的"), "this-year": ("from this year", "今年的"),
    "last-year": ("from last year", "去年的"),
}  # fmt: skip
PARTS = {
    "mood": ("that mood", "那种情绪"), "time": ("that time", "那个时间"), "length": ("that length", "那个长度"),
    "language": ("that language", "那种语言"), "kind": ("that kind of file", "那种形式"),
    "category": ("that category", "那个类别"),
    "about": ("that subject", "那个主题"), "by": ("that creator", "那位作者"), "sound": ("that sound", "那种声音"),
    "like": ("what it should be like", "与之相似的条目"), "seen": ("what you watched before", "您看过的"),
}  # fmt: skip


def length(seconds: float) -> tuple[str, str]:
    """A length in words."""
    if seconds < 90:
        return f"{seconds:.0f} seconds", f"{seconds:.0f} 秒"
    minutes = seconds / 60
    shown = f"{minutes:.0f}" if minutes >= 10 or abs(minutes - round(minutes)) < 0.05 else f"{minutes:.1f}"
    return f"{shown} minutes", f"{shown} 分钟"


def date(time: str) -> tuple[str, str]:
    """When something came out, in words."""
    if time in _TIMES:
        return _TIMES[time]
    side, _, rest = time.partition("-")
    if side == "before":
        return f"from before {rest}", f"{rest} 以前的"
    if side == "after":
        return f"from after {rest}", f"{rest} 以后的"
    return f"from {time}", f"{time.removesuffix('s')} 年{'代' if time.endswith('s') else ''}的"


def wish_words(wish: Wish, like: str | None) -> tuple[list[str], list[str]]:
    """The parts of a wish, in order, as English and as Chinese words."""
    said: list[tuple[str, str]] = [(m, MOODS.get(m, m)) for m in wish.moods]
    said += [(c, CATEGORIES.get(c, c)) for c in wish.categories]
    said += [(k, KINDS.get(k, k)) for k in wish.kinds]
    said += [(f"about {a}", f"关于“{a}”") for a in wish.about]
    said += [(f"by {b}", f"{b} 的") for b in wish.by]
    if like:
        said.append((f"like “{like}”", f"像“{like}”"))
    if wish.least is not None and wish.most is not None:
        low, high = length(wish.least), length(wish.most)
        said.append((f"between {low[0]} and {high[0]}", f"{low[1]}到{high[1]}"))
    elif wish.most is not None:
        said.append((f"at most {length(wish.most)[0]}", f"不超过{length(wish.most)[1]}"))
    elif wish.least is not None:
        said.append((f"at least {length(wish.least)[0]}", f"至少{length(wish.least)[1]}"))
    said += [(f"in {named(code)}", f"{named(code, 'zh')}的") for code in wish.languages]
    if wish.time:
        said.append(date(wish.time))
    if wish.seen is not None:
        said.append(("that you know", "您看过的") if wish.seen else ("new to you", "您没看过的"))
    said += [(f"with {s}", f"有{SOUNDS.get(s, s)}") for s in wish.sounds]
    no = [(m, MOODS.get(m, m)) for m in wish.not_moods] + [(c, CATEGORIES.get(c, c)) for c in wish.not_categories]
    no += [(a, a) for a in (*wish.not_about, *wish.not_by)]
    no += [(s, SOUNDS.get(s, s)) for s in wish.not_sounds] + [(named(c), named(c, "zh")) for c in wish.not_languages]
    said += [(f"not {e}" if e not in SOUNDS else f"no {e}", f"不要{c}") for e, c in no]
    return [e for e, _ in said], [c for _, c in said]


def answer_words(
    count: int, wish: Wish, like: str | None, relaxed: tuple[str, ...], missing: str | None
) -> tuple[str, str]:
    """The sentence over a list.

    Args:
        missing: what `wish.like` named and nothing was found for.
    """
    english, chinese = wish_words(wish, like)
    told, told_zh = ", ".join(english), "、".join(chinese)
    if count:
        text = f"{count} from your library" + (f": {told}." if told else ", by your taste.")
        text_zh = f"您的媒体库里有 {count} 个" + (f"：{told_zh}。" if told_zh else "，按您的口味排列。")
    else:
        text = "Nothing in your library fits" + (f": {told}." if told else ".")
        text_zh = "您的媒体库里没有合适的" + (f"：{told_zh}。" if told_zh else "。")
    if missing:
        text += f" I found nothing of the name “{missing}” to go by."
        text_zh += f"没有找到可以参照的“{missing}”。"
    if relaxed:
        text += f" Nothing had it all; I gave up {', '.join(PARTS[r][0] for r in relaxed)}."
        text_zh += f"没有全部符合的，放宽了{'、'.join(PARTS[r][1] for r in relaxed)}。"
    return text, text_zh
