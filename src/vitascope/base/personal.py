"""Personal data in text: found by patterns and check digits, English and Chinese. Takes text; gives spans, or text with marks.

Kinds: e-mail addresses, phone numbers, id numbers (of mainland China with their check digit by GB 11643-1999 and a real birthday;
US social security), bank cards (Luhn, ISO/IEC 7812) and accounts (IBAN, ISO 13616), plates, addresses of houses, IP addresses,
accounts of networks that are named as such (WeChat, QQ, @name), names. Names are found where something says that they are one (a
title, "my name is", a known given name before a capitalised word; in Chinese a family name with a title, a cue, or given-name
characters between boundaries): a name that nothing marks is missed. How much is found is measured on texts of our own
(benchmarks/privacy/report.md). It knows no person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from ipaddress import ip_address
from typing import NamedTuple


class Kind(StrEnum):
    """What sort of personal data."""

    EMAIL = "email"
    PHONE = "phone"
    ID = "id"
    CARD = "card"
    ADDRESS = "address"
    NETWORK = "network"
    ACCOUNT = "account"
    NAME = "name"


class Found(NamedTuple):
    """Personal data in a text: from `start` up to `end`."""

    start: int
    end: int
    kind: Kind


_DOT = r"(?:\.|\(dot\)|\[dot\]| dot )"
_EMAIL = re.compile(
    rf"[A-Za-z0-9_.+-]{{1,64}}\s?(?:@|＠|\(at\)|\[at\]| at )\s?[\w-]+(?:{_DOT}[\w-]+)*{_DOT}[A-Za-z]{{2,24}}(?![A-Za-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_CN_ID = re.compile(r"(?<![\dA-Za-z])\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![\dA-Za-z])")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])")
_PASSPORT = re.compile(
    r"(?:passport(?: (?:no|number))?\.?[ :#]*|护照号?码?[：: 为是]*)([A-Z]{1,2}\d{7,8})\b", re.IGNORECASE | re.ASCII
)
_CARD = re.compile(r"(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d.])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b", re.ASCII)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·• ]?[A-HJ-NP-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_CN_MOBILE = re.compile(r"(?<![\d.])(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d.])")
_CN_LAND = re.compile(r"(?<![\d.-])(?:\(0\d{2,3}\)|（0\d{2,3}）|0\d{2,3}[- ])\d{7,8}(?!\d)")
_PHONE = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]?\d{2,4}){2,4}"
    r"|(?:1[ .-])?\(\d{3}\) ?\d{3}[ .-]\d{4}|(?:1[ .-])?\d{3}[.-]\d{3}[.-]\d{4}|0\d{3,4} \d{3} ?\d{3,4})(?!\w)",
    re.ASCII,
)
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4})(?![\w:])", re.ASCII
)
_HANDLE = re.compile(r"(?<![\w@/.])@[A-Za-z_][\w.]{2,30}\b", re.ASCII)
_ACCOUNT = re.compile(
    r"(?:微信号?|wechat(?: id)?|weixin|vx|QQ号?|qq群?|支付宝账?号?|抖音号|微博号?|telegram|whatsapp|instagram|"
    r"snapchat|skype(?: id)?)"
    r"(?:[：: ]|是|为|账号|号| is )*([A-Za-z][\w.-]{4,30}|\d{5,12})(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_UNIT = r"(?i:flat|apt\.?|apartment|unit|suite)"
_STREET = re.compile(
    rf"\b(?:{_UNIT}\s+\w{{1,5}},?\s+)?\d{{1,5}}[A-Za-z]?\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w'’]+\s+){{1,3}}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Square|Terrace|Crescent|"
    r"Close|Way|Parkway"
    rf"|Highway)\b\.?(?:,?\s+(?:{_UNIT}\s*|#\s*)\w{{1,5}})?(?:,\s*[A-Z][a-z.]+(?:\s[A-Z][a-z.]+)?){{0,2}}(?:,?\s+[A-Z]{{2}}\b)?"
    r"(?:,?\s+(?:\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})\b)?",
)
_BOX = re.compile(r"\bP\.?\s?O\.?\s?Box\s+\d{1,6}\b", re.IGNORECASE)
_CN_PART = r"\d{1,5}(?:号楼?|弄|巷|栋|幢|座|单元|室|层|楼)"
_CN_ADDRESS = re.compile(
    r"(?:[\u4e00-\u9fff]{2,7}(?:省|自治区|特别行政区))?(?:[\u4e00-\u9fff]{2,7}[市州盟])?(?:[\u4e00-\u9fff]{1,6}[区"
    r"县旗])?"
    r"(?:[\u4e00-\u9fff]{1,6}(?:[镇乡]|街道))?[\u4e00-\u9fff0-9]{1,8}?"
    r"(?:路|街|道|巷|弄|胡同|村|小区|花园|公寓|大厦|大街|[里苑坊园城庄屯])"
    rf"(?:[\u4e00-\u9fff]{{0,2}}?{_CN_PART})+(?:[A-Za-z]?\d{{0,4}}(?:号楼?|栋|幢|座|单元|室|层|楼)|\d{{3,4}})*"
)
_LEAD = re.compile(r"^(?:我?家?住在?|地址[是为]?|位于|寄到|送到|搬到|就在|来到|住址[是为]?|家在|在|是|到)")

_CAP = r"[A-ZÀ-Þ](?:['’][A-Z])?[a-zß-ÿ]+(?:[A-Z][a-z]+)?"
_TITLE = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir|Madam|Captain|Sgt|Sergeant|Officer|Nurse|Uncle|Aunt|Auntie|"
    rf"Grandma|Grandpa)\.?\s+"
    rf"((?:{_CAP}|[A-Z]\.)(?:[ -](?:{_CAP}|[A-Z]\.)){{0,2}})"
)
_CUE = re.compile(
    rf"(?i:\b(?:my name(?: is|['’]s)|name\s*:|i am called|call me|this is|i['’]m|yours sincerely,|best "
    rf"regards,|kind regards,|regards,|"
    rf"sincerely,|signed,?|contact(?: person)?\s*:?|dear|patient|named|husband|wife|daughter|neighbou?r|"
    rf"brother|sister|son|friend|colleague)\s+)"
    rf"({_CAP}(?:[ -](?:{_CAP}|[A-Z]\.)){{0,2}})(?=[\s,.!?;:)’']|$)"
)
_MET = re.compile(
    rf"(?i:\b(?:interviewed|interview with|witness|met|spoke (?:with|to)|talk(?:ed)? to|thanks to|written "
    rf"by|directed by|hosted by|"
    rf"filmed by|invited|joined by),?\s+)({_CAP}\s{_CAP})\b"
)
_PAIR = re.compile(rf"\b({_CAP})((?:\s(?:{_CAP}|[A-Z]\.|de|van|von|bin|al)){{0,2}}\s{_CAP})?\b")
_PINYIN = frozenset(
    "Zhang Wang Li He Ma Hu Han Gao Song Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Zhu Lin Guo Luo Liang "
    "Zheng Xie Tang Feng Yu Dong Xiao Cheng Cao Yuan Deng "
    "Fu Shen Zeng Peng Lü Su Lu Jiang Cai Jia Ding Wei Xue Ye Yan Pan Du Dai Xia Zhong Tian Fang Shi "
    "Yao Liao Zou Xiong Jin Hao "
    "Kong Bai Cui Kang Qiu Qin Gu Hou Shao Meng Wan Qian Tan Nguyen Kim Park Choi Tanaka Suzuki Sato "
    "Yamamoto Singh Kumar Patel Khan".split()
)
_NO_NAME = frozenset(
    "The This That There Then They These Those What When Where Which Who Why How And But For With From "
    "Into Not Now Yes Here You Your We Our He She "
    "His Her Its It In On At By To Of Or If As Is Are Was Be Do Does Did So No All Any Some More Most "
    "Today Tomorrow Yesterday Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday January February March April May June July August September October "
    "November December Sorry Happy Sure Glad Going "
    "Really Very Just Not Ready Back Home Doctor Mother Father Sir Madam Customer Team All Everyone Friends "
    "Guests Students Episode Part Chapter River "
    "Street Road City University College School Hospital Park Lake Mountain Island Bank Company Group "
    "Museum Library Theatre Theater Festival".split()
)

_COMPOUND = "(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯)"
_SURNAME = (
    "(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯|"
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯"
    "龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤])"
)
_GIVEN = (
    "[伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志文斌宇浩凯健俊帆辉鹏飞鑫波宁欣怡雨梓"
    "涵轩晨曦嘉琪佳颖慧雪莹婷玲燕萍琴云莲珍贞莉凤洁梅琳素蓉薇菁梦岚苑筠柔"
    "琼勤瑶露瑾翠雅芝康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河"
    "哲江泽翰朗伯宏言若鸣朋栋维启克伦翔旭泰昊然子墨诗海山仁清飘春龙锋"
    "学祥才发武新利生荣家贵福元全胜东南北小晓美爱媛馨瑜璐倩楠蕾晶妍茜秋珊莎锦黛青婧娇婉娴婵丹立力城世"
    "义兴良磊成亮政谦亨奇固之轮]"
)
_CN_AFTER = (
    "(?:先生|女士|小姐|太太|老师|医生|大夫|教授|经理|律师|师傅|阿姨|叔叔|大爷|大妈|同学|主任|博士|奶奶"
    "|爷爷|警官|护士|院长|校长|老板|司机|记者|队长|会计|编辑|导演|助理|工程师)"
)
_CN_CUE = (
    "(?:我叫|我是|名叫|叫做|他叫|她叫|名字是|名字叫|姓名[：: ]?|联系人[：: ]?|收件人[：: ]?|寄件人[："
    ": ]?|本人|患者|感谢|病人|当事人|申请人|嫌疑人|学员|邻居|同事|朋友|儿子|女儿|丈夫|妻子|老公|老婆|"
    "请找|致电|联系|署名[：: ]?|签名[：: ]?|被告|原告|乘客|业主|客户|用户|员工|学生)"
)
_CN_TITLE = re.compile(rf"({_SURNAME}[\u4e00-\u9fff]{{0,2}}?)(?={_CN_AFTER})")
_CN_CUED = re.compile(
    rf"{_CN_CUE}({_SURNAME}{_GIVEN}{{1,2}}|{_SURNAME}[\u4e00-\u9fff]{{1,2}}(?=[，。！？、；：,.!?;:\s]|$))"
)
_CN_BARE = re.compile(
    rf"(?<![\u4e00-\u9fff])({_SURNAME}{_GIVEN}{{1,2}}|{_COMPOUND}[\u4e00-\u9fff]{{1,2}}?)"
    r"(?=[，。！？、；：,.!?;:（(\s\d]|$|说|和|与|在|是|为|的|住|于|已|把|给|对|向|跟|去|到|来|也|有|想"
    r"|今|昨|明天|从|每|会|曾|将|被|请|发|打|买|带|电话|手机|身份证|微信|邮箱)"
)
_CN_MIDDLE = re.compile(
    rf"(?<=[和与跟给找问对向请让替把被由])({_SURNAME}{_GIVEN}{{1,2}})"
    r"(?=[，。！？、；：,.!?;:（(\s\d]|$|说|和|与|在|是|为|的|住|于|已|去|到|来|也|有|打|电话|手机|身份"
    r"证|微信|邮箱|一起|寄|发|送|借|介绍)"
)


@cache
def _given() -> frozenset[str]:
    text = (resources.files("vitascope.base") / "data" / "given_names.txt").read_text("utf-8")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


def find(text: str) -> list[Found]:
    """Personal data in a text, in order, without overlaps: what comes first in the order of kinds wins."""
    taken: list[Found] = []
    used = bytearray(len(text))
    for found in _all(text):
        if found.end > found.start and not any(used[found.start : found.end]):
            used[found.start : found.end] = b"\1" * (found.end - found.start)
            taken.append(found)
    return sorted(taken)


def _all(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        yield Found(match.start(), match.end(), Kind.EMAIL)
    for match in _CN_ID.finditer(text):
        if is_chinese_id(re.sub("[ -]", "", match.group())):
            yield Found(match.start(), match.end(), Kind.ID)
    for match in _SSN.finditer(text):
        yield Found(match.start(), match.end(), Kind.ID)
    for match in _PASSPORT.finditer(text):
        yield Found(match.start(1), match.end(1), Kind.ID)
    for match in _IBAN.finditer(text):
        if is_iban(match.group().replace(" ", "")):
            yield Found(match.start(), match.end(), Kind.CARD)
    for match in _CARD.finditer(text):
        if is_card(re.sub("[ -]", "", match.group())):
            yield Found(match.start(), match.end(), Kind.CARD)
    for match in _PLATE.finditer(text):
        yield Found(match.start(), match.end(), Kind.ID)
    for match in _IP.finditer(text):
        if _is_address(match.group()):
            yield Found(match.start(), match.end(), Kind.NETWORK)
    for match in _ACCOUNT.finditer(text):
        yield Found(match.start(1), match.end(1), Kind.ACCOUNT)
    for pattern in (_CN_MOBILE, _CN_LAND, _PHONE):
        for match in pattern.finditer(text):
            yield Found(match.start(), match.end(), Kind.PHONE)
    for match in _HANDLE.finditer(text):
        yield Found(match.start(), match.end(), Kind.ACCOUNT)
    for pattern in (_STREET, _BOX):
        for match in pattern.finditer(text):
            yield Found(match.start(), match.end(), Kind.ADDRESS)
    for match in _CN_ADDRESS.finditer(text):
        lead = _LEAD.match(match.group())
        yield Found(match.start() + (lead.end() if lead else 0), match.end(), Kind.ADDRESS)
    yield from _names(text)


def _names(text: str) -> Iterator[Found]:
    for pattern in (_TITLE, _CUE):
        for match in pattern.finditer(text):
            if match.group(1).split()[0] not in _NO_NAME:
                yield Found(match.start(1), match.end(1), Kind.NAME)
    for match in _MET.finditer(text):
        if not _NO_NAME & set(match.group(1).split()):
            yield Found(match.start(1), match.end(1), Kind.NAME)
    given = _given()
    for match in _PAIR.finditer(text):
        first, rest = match.group(1), (match.group(2) or "").split()
        if first in given:
            last = next((word for word in rest if word in _NO_NAME), None)
            end = match.end(1) if last is not None or not rest else match.end()
            yield Found(match.start(), end, Kind.NAME)
        elif len(rest) == 1 and rest[0] not in _NO_NAME and first not in _NO_NAME:
            if first in _PINYIN or rest[0] in _PINYIN:
                yield Found(match.start(), match.end(), Kind.NAME)
            elif rest[0] in given:
                yield Found(match.start(2) + 1, match.end(), Kind.NAME)
    for pattern in (_CN_TITLE, _CN_CUED, _CN_BARE, _CN_MIDDLE):
        for match in pattern.finditer(text):
            yield Found(match.start(1), match.end(1), Kind.NAME)


def is_chinese_id(number: str) -> bool:
    """18 characters with a real birthday and the check character of GB 11643-1999 (ISO 7064, MOD 11-2)."""
    if len(number) != 18 or not number[:17].isdigit():
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    weighted = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    return born.year >= 1900 and "10X98765432"[weighted % 11] == number[17].upper()


def is_card(number: str) -> bool:
    """13 to 19 digits with the check digit of Luhn, and not all alike."""
    if not 13 <= len(number) <= 19 or len(set(number)) < 3:
        return False
    total = 0
    for place, digit in enumerate(map(int, reversed(number))):
        total += digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4)
    return total % 10 == 0


def is_iban(number: str) -> bool:
    """Letters, digits and the remainder 1 of ISO 13616."""
    if not 15 <= len(number) <= 34 or not number.isalnum():
        return False
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def _is_address(text: str) -> bool:
    try:
        return not ip_address(text).is_unspecified
    except ValueError:
        return False


class Mask:
    """Puts marks in place of personal data, the same mark for the same text, and can put the texts back.

    One `Mask` serves one exchange with an outside model: what comes back with marks in it is read with the texts restored, and
    the texts never left.
    """

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}
        self._counts: dict[Kind, int] = {}

    def hide(self, text: str) -> str:
        """The text with marks such as [NAME_1] in place of what was found."""
        parts, at = [], 0
        for found in find(text):
            parts += [text[at : found.start], self._mark(text[found.start : found.end], found.kind)]
            at = found.end
        return "".join([*parts, text[at:]])

    def _mark(self, text: str, kind: Kind) -> str:
        if text not in self._marks:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._marks[text] = f"[{kind.name}_{self._counts[kind]}]"
        return self._marks[text]

    def show(self, text: str) -> str:
        """Marks read as the texts they stand for."""
        for hidden, mark in self._marks.items():
            text = text.replace(mark, hidden)
        return text
