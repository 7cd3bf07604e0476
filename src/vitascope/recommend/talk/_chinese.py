"""Patterns of Chinese requests: numbers, lengths, times, likeness, what is not wanted. Used by `chinese.py`."""

from __future__ import annotations

import re

from vitascope.recommend.talk._slots import GONE

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
NUMBER = r"\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百几]+"
_UNIT = r"(?:个半?)?(?:小时|钟头|分钟|分|秒钟?|刻钟)"
LENGTH = rf"(?:半个?(?:小时|钟头)|(?:{NUMBER}){_UNIT}半?)"
RANGE = re.compile(
    rf"(?P<low>{NUMBER})(?P<lowunit>{_UNIT})?(?:到|至|-|~|—|和)(?P<high>{NUMBER})(?P<unit>{_UNIT})(?:之间|的)?"
)
MOST = re.compile(
    rf"(?:不超过|别超过|不要超过|最多|不多于|少于|短于|不到|不长于|控制在|最长|比)(?P<a>{LENGTH})(?:以内|"
    rf"短)?|(?P<b>{LENGTH})(?:以内|之内|以下|内|不到|封顶|为限|顶多)|只有(?P<c>{LENGTH})"
)
LEAST = re.compile(
    rf"(?:至少|最短|超过|多于|长于|不少于|不短于|起码)(?P<a>{LENGTH})(?:以上)?|(?P<b>{LENGTH})(?:以上|之上|起步|往上)"
)
AROUND = re.compile(rf"(?:大约|大概|差不多|约|一段)?(?P<a>{LENGTH})(?:左右|上下|的样子|长)?")

WHEN = (
    ("just-now", re.compile(r"刚才|刚刚|刚(?=[看听放播])")),
    ("yesterday", re.compile(r"昨天(?:晚上|早上|下午)?|昨晚|昨日|昨儿")),
    ("today", re.compile(r"今早|今天早上|今天上午|今天下午|今天(?=[看听放])")),
    ("last-week", re.compile(r"上周|上个?星期|上个?礼拜")),
    ("this-week", re.compile(r"这周|这个?星期|前几天|这几天|前两天")),
    ("last-month", re.compile(r"上个?月")),
)
PLAYED = r"(?:看过?|听过?|放过?|播过?|听到|看到)"
LIKE = (
    re.compile(
        r"(?:不要|别)?(?:像|跟|和|与|同)(?P<what>[^，。；！？,.;!?]+?)(?:那样|一样|那种|这样|似的|一类|这类|差不多|类似|相似|相近|同类)(?:的)?"
    ),
    re.compile(
        rf"(?P<what>(?:{'|'.join(p.pattern for _, p in WHEN)}){PLAYED}的?(?:那个|那部|那首|那段|那场|"
        rf"的)[^，。；！？,.;!?]*?)(?=[，。；！？,.;!?很真不挺]|$)"
    ),
    re.compile(r"类似(?:于)?(?P<what>[^，。；！？,.;!?]+?)(?:的|$|(?=[，。；！？,.;!?]))"),
    re.compile(
        r"(?P<what>[^，。；！？,.;!?]+?)(?:那种|的那种|这种|的)?(?:风格|味道|感觉)(?:的|(?=[，。；！？,.;!?]|$))"
    ),
)
THAT_ONE = re.compile(
    rf"(?P<when>{'|'.join(p.pattern for _, p in WHEN)}){PLAYED}?的?(?:那个|那部|那首|那段|那场|"
    rf"那集|那期)(?P<what>[^，。；！？,.;!?]*?)(?:太|很|真|挺|非常|不错|好看|好听|棒)[^，。；！？,.;!?]*"
)
SIMILAR = re.compile(
    r"(?:再?来|找|给我|要)?(?:点|些|几个|几首|几部|几段)?(?:那样的|类似|同类|像它|像这个|像那个|像这样|一样|差不多)(?:的)?"
)
FILLER = re.compile(r"那个|那部|那首|那段|那场|这个|这部|这首|的|我|了|一个|一部|一首|视频|节目|东西|那|这")

RESET = re.compile(
    r"重头(?:来|开始)|重新(?:开始|来|说)|从头(?:来|开始)|(?:刚才|之前|前面)(?:说|讲)?的?(?:都|全)?(?:不算|不要了|"
    r"作废|忘了|忘掉)|(?:全部)?忘(?:掉|了)(?:吧|刚才|这些|之前|前面)|当我没说|清空|重来|重置|"
    r"算了重来"
)
WHY = re.compile(r"为什么|为啥|为何|什么原因|怎么(?:会|给我|就)?(?:给我)?(?:推荐|推)|凭什么|什么理由|原因是")
MORE = re.compile(
    r"^\W*(?:好的?|嗯|那|请)?(?:还有(?:吗|没有|别的吗|其他的吗|更多吗)?|更多|再来(?:一些|几个|"
    r"一批|点)?|下一(?:批|页|个|组)|接着(?:来|放|看|听)?|继续|再?多(?:给|来)(?:点|几个|一些)|换一?批|再(?:给|推荐)(?:我)?(?:几个|"
    r"一些|点))(?:吧|的|呢|吗)?\W*$"
)
_ORDINAL = r"第(?:[一二三四五六七八九十]|\d+)(?:个|首|部|段|集|条|期)?"
PLACE = re.compile(rf"(?:{_ORDINAL}|最后一?(?:个|首|部|段|集|条))")
NO_MUSIC = re.compile(r"(?:没有|不带|不含|无)(?:背景)?音乐|(?:不要|别放|不放)(?:背景音乐|配乐)")
FIRST = re.compile(r"(?P<end>前|后|最后)(?P<n>[一二两三四五六七八九十]|\d+)(?:个|首|部|段|集|条|期)")
_THESE = r"这个|那个|这部|那部|这首|那首|这些|那些|这种|这几个|它们?"
REJECT = (
    re.compile(
        rf"(?:也)?(?:不要|别要|不想要|不想看|不想听|不喜欢|跳过|去掉|讨厌|换掉|除了)(?P<what>(?:{_ORDINAL})(?:[和、跟与](?:{_ORDINAL}))*|"
        rf"{_THESE})(?=[了吧，。；！？,.;!? ]|以外|之外|$)(?:了|吧|以外|之外)?"
    ),
    re.compile(
        rf"(?P<what>(?:{_ORDINAL})(?:[和、跟与](?:{_ORDINAL}))*|{FIRST.pattern.replace('?P<end>', '?:').replace('?P<n>', '?:')}|"
        rf""
        rf""
        rf""
        rf"{_THESE})(?:都|就|我)?(?:不要|不行|不喜欢|不想看|不想听|不好|算了|跳过|去掉|不合适|没兴趣|不感兴趣)(?:了|"
        rf"吧)?"
    ),
    re.compile(r"^\W*(?:不喜欢|不好|不行|不是这(?:个|种|样)|都不(?:喜欢|要|行))(?=[，。；！？,.;!?]|$)"),
)
SWAP = re.compile(r"换(?:一)?(?:个|首|部|段)")

ARE_THERE = re.compile(r"完全不同的?|不一样的|不同的|(?:好久|很久|好长时间)没(?:看|听)过?|有没有|^有(?=.*[吗么]\W*$)")

UNSEEN = re.compile(r"(?:我)?(?:还|从)?(?:没有?|未)(?:看|听|放|接触)过的?|没(?:看|听)的")
AGAIN = re.compile(r"重温|再(?:看|听|放)一(?:遍|次)|重(?:看|听)|(?:我)?(?:以前|之前|曾经)(?:看|听)过的|老样子")
OUT = (
    ("before-2000", re.compile(r"上个?世纪(?!\w*年代)的?")),
    ("today", re.compile(r"今天的|今天(?:发布|上线|出|更新|上传)的?")),
    ("this-week", re.compile(r"(?:这|本)(?:周|个?星期)(?:发布|上线|出|更新|上传)?的")),
    ("this-month", re.compile(r"(?:这个|本)月(?:发布|上线|出|更新|上传|拍)?的?")),
    ("this-year", re.compile(r"今年(?:发布|上线|出|更新|上传|拍)?的?")),
    ("last-year", re.compile(r"去年(?:发布|上线|出|更新|上传|拍)?的?")),
)
YEAR = re.compile(
    r"(?P<year>(?:18|19|20)\d\d)年?(?P<side>以前|之前|前|以后|之后|后)?(?P<s>代)?(?:拍|出|发布|录|制作|上映)?的?"
    r"|(?:(?:上个?世纪|上世纪)?(?P<decade>[二三四五六七八九]|[2-9])(?:十|0)年代(?:的)?)"
)
DECADES = {c: 1900 + 10 * i for i, c in enumerate("零一二三四五六七八九")}
NEW = re.compile(r"最新|最近|新出|近期|新鲜|新(?=的|视频|电影|歌|片)")
OLD = re.compile(r"经典|怀旧|复古|古老|老(?=喜剧|动画|纪录|节目|电影|歌|片|的|剧|影片|视频)|旧")
CHANGE = (
    ("shorter", re.compile(r"(?:太长|更短|再短|短一?[点些]|(?:没|不)(?:有)?(?:这|那)么长)(?:了|一?点|一些|些)?的?")),
    ("longer", re.compile(r"(?:太短|更长|再长|长一?[点些]|(?:没|不)(?:有)?(?:这|那)么短)(?:了|一?点|一些|些)?的?")),
    ("newer", re.compile(r"(?:太老|太旧|更新|再新|新一?[点些])(?:了|一?点|一些|些)?的?")),
    ("older", re.compile(r"(?:太新|更老|更旧|再老|老一?[点些]|旧一?[点些])(?:了|一?点|一些|些)?的?")),
)
SHORT = re.compile(r"短小|简短|短(?!片)|快速|很快|小(?=段)")
LONG = re.compile(r"长篇|完整|长(?=的|片|视频|节目)")
COUNT = re.compile(
    r"(?P<n>[一二两三四五六七八九十]|\d{1,2})(?:个|首|部|段|集|条|本|支|篇)(?!小时|钟头|月|星期|礼拜|世纪)"
)
BY = re.compile(
    r"(?:由)?(?P<who>[A-Za-z][\w .'-]{1,60}|[\u4e00-\u9fff]{2,4})(?:演播|播讲|演唱|主演|导演|演奏|主讲|主持|创作|作曲|朗读)的?"
)
HOW = re.compile(
    r"(?P<what>[^，。；！？,.;!?\x00]{1,12}?)是?(?:怎么|如何)(?:起作用|工作|运作|来|回事|形成|炼成|做成|做)的?"
)
AGED = re.compile(r"(?:\d+|[一二两三四五六七八九十]+)岁(?:的)?")
ABOUT = re.compile(
    r"(?:有关|关于|讲述?(?!个|一|点|些)|介绍|谈论?|说)(?!话)(?P<what>[^，。；！？,.;!?"
    + GONE
    + r"]+?)(?:的|方面)(?=[^，。；！？,.;!?"
    + GONE
    + r"]|$|"
    + GONE
    + r"|[，。；！？,.;!?])"
)
BEFORE = re.compile(
    r"(?:也)?(?:不要给我放|不要给我|别给我放|别给我|不要|没那么|没有那么|不看|不听|不放|不来|"
    r"但不(?!要|想|是|过)|又不(?!要|想|是)|而不(?!要|想|是)|别放(?!了)|别再|别太|别(?!放了|看了|"
    r"听了)|没有|"
    r"不想[看听要]|不带|不含|无(?=[人歌声对旁])|除了|不是|不那么|不太|不(?=唱|说|讲|吵)|不(?=[^\s，。]{1,4}的)|"
    r"少[点些]?|讨厌|不喜欢|排除|避开|拒绝|受够了)"
)
AFTER = re.compile(
    r"(?:的)?(?:也)?(?:就算了|就免了|算了|免了|看腻了|听腻了|看够了|听够了|腻了|除外|之外|以外|就不要了|先别放了?|先不要了?|先不看了?|别放了|都?不要了?|不用了)"
)
BETTER = re.compile(r"越(?P<how>[短长老旧新])越好的?")
HOWS = {"短": "shorter", "长": "longer", "老": "older", "旧": "older", "新": "newer"}
WEAK = re.compile(r"别太|没有|不带|不含|无|不是|不那么|不太|不|少[点些]?$")
"""These reach no further than the next 的: "没有人说话的音乐" is music."""
END = re.compile(r"[，。；！？,.;!?]|但|不过|只要|光是|要(?!不)|来(?:点|些)?")


def number(said: str) -> float:
    """Digits or Chinese numerals under a thousand; "几" is a few (3)."""
    if said[0].isdigit():
        return float(said)
    if said == "几":
        return 3.0
    total, current = 0, 0
    for char in said:
        if char == "百":
            total, current = total + max(current, 1) * 100, 0
        elif char == "十":
            total, current = total + max(current, 1) * 10, 0
        elif char == "几":
            current = 5
        else:
            current = _DIGITS[char]
    return float(total + current)


def seconds(said: str) -> float:
    """Seconds of a length: "十分钟", "半小时", "一个半小时", "一刻钟"."""
    if said.startswith("半"):
        return 1_800.0
    found = re.match(NUMBER, said)
    many = number(found.group()) if found else 1.0
    rest = said[found.end() :] if found else said
    unit = 3_600.0 if "小时" in rest or "钟头" in rest else 900.0 if "刻" in rest else 1.0 if "秒" in rest else 60.0
    return (many + (0.5 if "半" in rest else 0.0)) * unit


def place(said: str) -> int:
    """ "第二个" -> 2; "最后一个" -> -1, the last."""
    if said.startswith("最后"):
        return -1
    found = re.search(r"[一二三四五六七八九十两]+|\d+", said)
    return int(number(found.group())) if found else 1
