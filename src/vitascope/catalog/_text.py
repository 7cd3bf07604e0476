"""Small pure readers of hostile text: dates, languages, tags, titles. They know no file and no store."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_MARKUP = re.compile(r"<[^<>]{0,1000}>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")

TITLE, TEXT, NAME, TAGS = 500, 8_000, 300, 60

_LONG_CODES = dict(
    pair.split("=")
    for pair in """
        ara=ar bul=bg cat=ca ces=cs cze=cs chi=zh zho=zh cmn=zh dan=da deu=de ger=de dut=nl nld=nl ell=el
        gre=el eng=en est=et eus=eu baq=eu fas=fa per=fa fin=fi fra=fr fre=fr gle=ga glg=gl heb=he hin=hi
        hrv=hr hun=hu hye=hy arm=hy ind=id isl=is ice=is ita=it jpn=ja kat=ka geo=ka kor=ko lat=la lav=lv
        lit=lt mkd=mk mac=mk mon=mn msa=ms may=ms nor=no nob=nb nno=nn pol=pl por=pt ron=ro rum=ro rus=ru
        slk=sk slo=sk slv=sl spa=es sqi=sq alb=sq srp=sr swa=sw swe=sv tam=ta tel=te tha=th tur=tr ukr=uk
        urd=ur vie=vi yue=yue
    """.split()
)
_WORDS = {
    "english": "en",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "spanish": "es",
    "italian": "it",
    "russian": "ru",
}
_WORDS |= {"chinese": "zh", "mandarin": "zh", "japanese": "ja", "korean": "ko", "portuguese": "pt", "dutch": "nl"}

_DATES = (
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y-%m",
    "%Y/%m",
    "%b %Y",
    "%B %Y",
    "%Y%m%d",
    "%a %b %d %H:%M:%S %Y",
    "%Y:%m:%d %H:%M:%S",
    "%d-%b-%y",
)


def clean(value: Any, limit: int) -> str:
    """One line or more of text: NFC, control and direction characters out, cut."""
    text = unicodedata.normalize("NFC", str(value)[: limit * 4])
    text = text.encode("utf-8", "replace").decode()
    return _CONTROL.sub("", text).strip()[:limit].strip()


def plain(value: Any, limit: int) -> str:
    """As `clean`, with markup taken out and entities read (feeds hold HTML)."""
    import html

    text = html.unescape(_MARKUP.sub(" ", str(value)[: limit * 8]))
    return clean(re.sub(r"[ \t\r\f\v]+", " ", _MARKUP.sub(" ", text)), limit)


def language_code(value: Any) -> str | None:
    """ISO 639-1 where there is one ("eng", "en-US" and "English" give "en"); None where it is no language.

    Raises:
        ValueError: it is written like nothing we know.
    """
    text = clean(value, 60).lower()
    if not text or text in {"und", "unk", "mul", "zxx", "mis", "none", "null"}:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("not a language code")
    head = re.split(r"[-_]", text)[0]
    return _LONG_CODES.get(head, head)


def timestamp(value: Any) -> float | None:
    """Seconds since 1970 of a number, an ISO 8601 text or a common written date; None where it is empty.

    A number is seconds; a text of four digits is a year; day and month in doubt ("03/04/2020") is refused.

    Raises:
        ValueError: it cannot be read, or lies outside the years 1 to 9999.
    """
    if value is None or isinstance(value, bool):
        if value is None:
            return None
        raise ValueError("not a date")
    if isinstance(value, datetime):
        return _seconds(value)
    if hasattr(value, "isoformat"):  # a date of Parquet
        return _seconds(datetime.fromisoformat(value.isoformat()))
    if isinstance(value, int | float):
        return _number(float(value))
    text = clean(value, 80)
    if not text or text.lower() in {"null", "none", "nan", "nat"}:
        return None
    if re.fullmatch(r"\d{4}", text):
        return _seconds(datetime(int(text), 1, 1)) if int(text) else _fail()
    if re.fullmatch(r"-?\d{5,}(\.\d+)?|-?\d{1,3}(\.\d+)?|-?\d{4}\.\d+", text) and not _is_day(text):
        return _number(float(text))
    try:
        return _seconds(datetime.fromisoformat(text))
    except ValueError:
        pass
    for form in _DATES:
        try:
            return _seconds(datetime.strptime(text, form))
        except ValueError:
            continue
    slashed = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    if slashed:
        a, b, year = map(int, slashed.groups())
        if a > 12 >= b:
            return _seconds(datetime(year, b, a))
        if b > 12 >= a or a == b:
            return _seconds(datetime(year, a, b))
        raise ValueError("day and month are in doubt: write it as YYYY-MM-DD")
    try:
        return _seconds(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError):
        return _fail()


def _is_day(text: str) -> bool:
    return bool(re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", text))


def _fail() -> float:
    raise ValueError("not a date: write it as YYYY-MM-DD, ISO 8601 or seconds since 1970")


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("not a date")
    if abs(value) > 1e11:  # milliseconds
        value /= 1000
    if not -62_135_596_800 <= value <= 253_402_300_799:
        raise ValueError("outside the years 1 to 9999")
    return value


def _seconds(when: datetime) -> float:
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def tag_list(value: Any) -> tuple[str, ...]:
    """Tags of a list, a JSON list in a text, or a text with separators. Doubles go, order stays.

    Raises:
        ValueError: it is a number or a table.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            try:
                value = json.loads(text)
            except ValueError:
                value = None
        if not isinstance(value, list):
            value = re.split(r"[;|]", text) if re.search(r"[;|]", text) else text.split(",")
    if hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        raise ValueError("tags are a list of texts")
    if any(isinstance(v, dict | list | tuple) for v in value):
        raise ValueError("tags are a list of texts")
    seen = dict.fromkeys(t for t in (clean(v, 100) for v in value if v is not None) if t)
    return tuple(seen)[:TAGS]


def title_of_file(stem: str) -> str:
    """A readable title of a file name: percent signs kept, underscores and dots to spaces, release noise dropped."""
    text = stem.encode("utf-8", "replace").decode()
    text = re.sub(r"[_]+|(?<=\w)\.(?=\w)", " ", text)
    text = re.sub(
        r"\b(?:2160p|1080p|720p|480p|x26[45]|h26[45]|hevc|bluray|brrip|web-?dl|webrip|hdtv|dvdrip|xvid)\b.*$",
        "",
        text,
        flags=re.I,
    )
    return clean(re.sub(r"\s+", " ", text), 200) or clean(stem, 200)
