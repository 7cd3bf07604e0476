"""English requests by rules: what is not wanted is marked first, then each rule takes its piece, the rest is what it is about.

Takes a text of at most a few hundred characters, gives an `Utterance`. Knows no library and no person.
"""

from __future__ import annotations

import re
import unicodedata

from vitascope.recommend.talk._slots import alternatives

_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0}
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_SMALL_WORDS = _SMALL.split()[1:13]
_NUMBERS = {word: float(i) for i, word in enumerate(_SMALL.split())} | {
    "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0, "a": 1.0, "an": 1.0,
    "a couple of": 2.0, "a couple": 2.0, "a dozen": 12.0, "forty-five": 45.0, "twenty-five": 25.0,
}  # fmt: skip
_ORDINALS = {
    word: i
    for i, said in enumerate(
        ("first|1st|top|number one|number 1", "second|2nd|number two|number 2", "third|3rd|number three|number 3",
         "fourth|4th|number four|number 4", "fifth|5th|number five|number 5", "sixth|6th", "seventh|7th", "eighth|8th",
         "ninth|9th", "tenth|10th"), 1)
    for word in said.split("|")
}  # fmt: skip
_NUMBER = rf"\d+(?:\.\d+)?|(?:{alternatives(_NUMBERS)})(?=[ -])"
_UNIT = r"(?P<unit{0}>sec(?:ond)?s?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)\b"
_AMOUNT = (
    r"(?P<half>half an? hour|half-hour|(?:a )?quarter of an hour|an hour and a half)|"
    rf"(?P<number>{_NUMBER})(?P<more> and a half)?[ -]?{_UNIT.format('')}"
)
_ROUGHLY = r"(?:about|around|roughly|approximately|some|circa|~)"
_RANGE = re.compile(
    rf"(?:between |from )?\b(?P<low>{_NUMBER})(?:[ -]?{_UNIT.format('low')})? ?"
    rf"(?:-|to|and|or) ?(?P<high>{_NUMBER})[ -]?{_UNIT.format('high')}"
    r"(?: long| in length)?"
)
_MOST = re.compile(
    rf"\b(?:under|below|less than|at most|up to|no more than|not more than|max(?:imum)?(?: of)?|"
    rf"within|shorter than|no longer than|not longer than"
    rf"|(?:nothing|none) longer than|none over|none above|(?:have|got|is) only|only (?:have|got)|"
    rf"in|nothing over|not over|nothing above|no longer|not exceeding)\s+(?:{_AMOUNT})(?: long|"
    rf""
    rf" in length)?"
)
_LEAST = re.compile(
    rf"\b(?:over|above|more than|at least|longer than|min(?:imum)?(?: of)?|no less than|not less than|"
    rf"no shorter than|not shorter than"
    rf"|nothing shorter than|nothing under)\s+(?:{_AMOUNT})(?: long| in length)?"
)
_MOST_AFTER = re.compile(
    rf"\b(?:{_AMOUNT})(?: long)? (?:tops|max|maximum|or less|or under|or shorter|at (?:the )?most)\b"
)
_LEAST_AFTER = re.compile(rf"\b(?:{_AMOUNT})(?: long)? ?(?:\+|plus|or more|or longer|and up|minimum|at least)(?!\w)")
_AROUND = re.compile(rf"(?:\b{_ROUGHLY} )?\b(?:{_AMOUNT})(?: long| in length)?(?: or so| or thereabouts|ish)?")
_QUOTED = re.compile(r"[\"“„«](?P<title>[^\"”“»]{1,200})[\"”»]")
_TIMES = (
    ("just-now", r"just now|a moment ago|just(?= listened| heard| watched| saw| played)|right now"),
    ("yesterday", r"yesterday(?:'s)?(?: evening| night| morning)?|last night(?:'s)?"),
    ("today", r"earlier today|this morning(?:'s)?|this afternoon(?:'s)?|today(?:'s)?"),
    ("last-week", r"last week(?:'s)?|a week ago|the other week"),
    ("this-week", r"this week(?:'s)?|the other day|a few days ago|recently"),
    ("last-month", r"last month(?:'s)?|a month ago"),
)
_WHEN = [(name, re.compile(rf"\b(?:from |on )?(?:{said})(?!\w)")) for name, said in _TIMES]
_PLAYED = (
    r"(?:heard|listened to|listened|watched|saw|seen|played|enjoyed|had|put on|was playing|was watching|"
    r"was listening to)"
)
_LIKE = re.compile(
    r"(?<!would )(?<!feel )(?<!do not )(?<!i )(?<!you )\b(?:similar ones to|similar to|(?:more |"
    r"others? |something |anything |much |kind of |sounds? |sounding |is |are )?like(?! to\b)"
    r"|along the lines of|in the (?:style|vein|spirit) of|reminiscent of|reminds me of|close to)\s+"
    r"(?P<what>[^,.;!?\n]*?)(?=$|[,.;!?]|\s(?:but|only|without|with no|and no|just(?! listened|"
    r" heard| watched| saw| played)|except|please|though|yet)\b)"
)
_ONE_I_HEARD = re.compile(
    rf"\b(?:what|the one|the thing|that one|the stuff)\s+(?:that )?i (?:have )?(?:just )?(?:{_PLAYED})(?P<rest>[^,.;!?]*)"
)
_SIMILAR = re.compile(
    r"\b(?:find|show|give|play|get)?\s*(?:me )?(?:some |a few |more )?(?:similar(?: ones| things|"
    r" stuff)?|more of the same|(?:the )?same again|(?:anything|something)? ?along (?:those|"
    r"these|the same) lines|of (?:that|this) (?:kind|sort)|more of (?:that|this|it|those|them)|others like (?:it|"
    r"that|this|them)|like it)\b")  # fmt: skip
_FILLER = re.compile(
    rf"\b(?:what|the|that|this|those|these|a|an|my|one|ones|video|clip|thing|which|i|we|{_PLAYED}|have|"
    rf"from|on|of|by name|it|again|very much|so much|to)\b"
)

_RESET = re.compile(
    r"\b(?:start (?:over|again|afresh)|reset|forget (?:it|that|all that|all of that|everything|"
    r"what i said)|never mind(?: that)?|clear (?:that|everything|it all)|from scratch|scrap (?:that|"
    r"it|all that|everything)(?: and .*)?$|new search)\b"
)
_WHY = re.compile(
    r"\b(?:why|how come|what makes you|for what reason)\b|(?<!that )(?<!which )(?<!to )\bexplain(?= .*\b(?:why|"
    r"one|choice|result|it|number|pick|this|that)\b)"
)
_MORE = re.compile(
    r"^\W*(?:(?:ok|okay|and|please|yes|can you|could you)\s+)?(?:(?:show|give|get) me |i want |"
    r"let me see |load )?(?:some |a few )?(?:more(?: of (?:them|these|those))?|next(?: ones?|"
    r" page)?|others|any(?:thing)? (?:more|else)|what else\b.*|what else(?: is there)?|keep (?:them|"
    r"it) coming|bring (?:it|them) on|keep going|go on|continue|"
    r"another(?: one)?)(?: please| results)?\W*$"
)
_REJECTS = re.compile(
    r"\b(?:do not (?:want|like)|not|skip|drop|remove|hide|dismiss|take out|hate|dislike|no to|get rid of|without|ditch|"
    r"lose|not interested in|no interest in|do not care for|do not fancy|scrap|toss|leave out|"
    r"forget)\s+(?:the )?(?P<what>last(?: one)?|that one|"
    r"this one|those ones|these ones|that|this|it|these|those|them"
    rf"|(?P<count>first|top|last) (?P<many>two|three|four|five|2|3|4|5)(?: ones)?|(?:{alternatives(_ORDINALS)})(?:(?:,|"
    rf" and| or) (?:the )?(?:{alternatives(_ORDINALS)}))*(?: ones?)?|any of (?:them|these|those)|"
    rf"all of (?:them|these|those))(?=\W|$)(?! (?:are|is|much|many|too|so))"
)
_PLACE = re.compile(rf"\b(?:the )?(?P<word>{alternatives(_ORDINALS)})(?: (?:one|item|result|song|video))?\b")
_UNSEEN = re.compile(
    r"\b(?:(?:nothing|not anything) (?:that )?(?:i|we) (?:have )?(?:already )?(?:seen|heard|"
    r"watched|played)(?: before| already)?|(?:that |which )?(?:i|we) (?:have|had) (?:not|never)(?: yet)? (?:seen|"
    r"heard|watched|"
    r"listened to|played|come across)(?: it| them)?(?: yet| before)?(?! any\b| much\b| an?\b)|unseen|unwatched|unheard|"
    r"new to me|(?:that |which )?i do not know(?: yet)?)\b"
)
_AGAIN = re.compile(
    r"\b(?:rewatch|re-watch|relisten|rehear|(?:i want to |want to |let me )?(?:see|watch|hear|"
    r"play|listen to)(?: it| that| them)? again|(?:that |which )?i (?:have )?(?:already )?(?:seen|"
    r"heard|watched) (?:before|already)|(?<!same )again|(?:that |which )?i (?:have )?already (?:seen|"
    r"heard|watched|know)(?: before)?|(?:that |which )i know|old favou?rites?)\b"
)
_OUT = (
    ("before-2000", r"(?:from |of |in )?the last century|20th century"),
    ("today", r"today's|(?:out|published|released|from|uploaded)(?: in| on)? today"),
    ("this-week", r"(?:(?:out|published|released|made|from|uploaded|added)(?: in| during)? )?this week"),
    ("this-month", r"(?:(?:out|published|released|made|from|uploaded|added)(?: in| during)? )?this month"),
    ("this-year", r"(?:(?:out|published|released|made|from|uploaded|added)(?: in| during)? )?this year"),
    ("last-year", r"(?:(?:out|published|released|made|from|uploaded)(?: in)? )?last year"),
)
_YEARS = re.compile(
    r"\b(?:(?P<side>before|prior to|older than|earlier than|after|since|newer than|later than)|"
    r"(?:(?:made|published|released|recorded|shot|out) )?(?:in|from|of)|the)?\s*(?:the )?(?:(?P<year>(?:18|"
    r"19|20)\d\d)(?P<s>'?s)?|(?P<decade>[2-9]0)'?s|(?P<word>twenties|thirties|forties|fifties|"
    r"sixties|seventies|eighties|nineties))(?!\w)"
)
_TIES = "twenties thirties forties fifties sixties seventies eighties nineties"
_DECADES = {w: 1920 + 10 * i for i, w in enumerate(_TIES.split())}
_COMPARED = {
    "shorter": (
        r"(?:much |a bit |a little |something |anything )?shorter(?: ones?| please)?|(?:that is |"
        r"they are |it is |way |far |all )?too long|less long|not so long"
    ),
    "longer": (
        r"(?:much |a bit |a little |something |anything )?longer(?: ones?| please)?|(?:that is |"
        r"they are |it is |way |far |all )?too short|less short"
    ),
    "newer": r"(?:something |anything |a bit )?(?:newer|more recent|more modern)(?: ones?)?|too old",
    "older": r"(?:something |anything |a bit )?older(?: ones?)?|too new",
}
_NEW = re.compile(r"\b(?:newest|latest|most recent|recent|recently|brand new|brand-new|new(?! to me))\b")
_OLD = re.compile(r"\b(?:old(?!er)|classic|vintage|ancient|retro)\b")
_SHORT = re.compile(r"\b(?:short(?! of)|quick|brief|bite-sized|tiny)\b(?! films?\b(?=.*festival))")
_LONG = re.compile(r"\b(?:long(?! day| week| time| as| ago)|lengthy|full[- ]length|feature[- ]length|extended)\b")
_BY = re.compile(
    r"\b(?:by|(?:made|sung|performed|played|written|presented) by|(?<=latest )from|(?<=new )from|"
    r"(?<=recent )from)\s+(?:the )?(?P<who>(?:[A-Z][\w'.&-]*|of|the|and|de|van|von)(?:\s+(?:[A-Z][\w'.&-]*|"
    r"of|de|van|von|\d+))*)"
)
_COUNT = re.compile(
    r"\b(?:(?P<of>\w+) of (?:them|those|these)|(?:give|play|show|find|get|want|pick|queue|put on|"
    r"choose|me|need|just|only)\s+(?:me\s+)?(?:on\s+)?(?P<n>\d{1,2}|one|two|three|four|five|"
    r"six|seven|eight|nine|ten|a couple of|a dozen)(?=\s+(?!of the|one\b|minute|hour|second))|"
    r"^(?P<m>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)(?=\s+(?!to\b|minute|hour|"
    r"second|or\b)))"
)
_ABOUT_WHAT = re.compile(
    r"\b(?:about|concerning|regarding|covering|dealing with|featuring|(?<!put )(?<!go )on)\s+(?!my |the mood|the go)"
    r"(?P<what>[^,.;!?\n\x00]+?)(?=$|[,.;!?\n\x00]|\s(?:but|without|for|from|in|by|that|which|"
    r"please|tonight|i|no|not|under|over|at"
    r"|published|made)\b)"
)
_PRAISED = re.compile(
    r"\b(?:was|were|is|are) (?:so |really |very |just )?\w+\b.*|\bi (?:really )?(?:liked|loved|enjoyed)\b"
)
_AGED = re.compile(rf"\b(?:for )?(?:my |a |an |our )?(?:{alternatives(_SMALL_WORDS)}|[1-9]|1[0-2])[ -]year[ -]olds?\b")
_HOW = re.compile(r"\bhow (?:do|does|did|is|are) (?P<what>[^,.;!?]+?) (?:work|made|happen|function|come about)\b")
_NO_MUSIC = re.compile(r"\b(?:without|with no|no|nothing with)(?: any)?(?: background)? music\b(?: in (?:it|them))?")
_BETTER = re.compile(r"\bthe (?P<how>shorter|longer|older|newer) the better\b")
_LIKE_IT = re.compile(r"\b(?:more |others |something )?like (?:it|this one|that one|this|that)\b")
_PRAISE = re.compile(r"(?: looks| sounds| is| was)?(?: good| great| nice| fine)?")
_CUE = re.compile(
    r"\b(?:no more|not too|not so|not that|do not want|do not like|not in the mood for|not|no|"
    r"without|nothing too|nothing with|nothing|never|except(?: for)?|but for|anything but|everything but|"
    r"anything except|neither|nor|less|fewer|(?:had|have had) enough of|enough|a break from|"
    r"break from|tired of|sick of|"
    r"bored (?:of|with)|hate|skip|avoid|apart from|aside from|other than|(?:the )?opposite of|"
    r"far from|keep(?=[^,.;!?]{1,40}\bout\b)|leave out|keep away from|exclude|excluding|minus|"
    r"free of|leave out|spare me|rather than|"
    r"instead of)\b"
)
_SCOPE_END = re.compile(
    r"[,.;:!?]|\b(?:but|just|only|something|please|instead|with|however|then|i|give|show|what)\b|"
    r"\band (?=something|some|a |an |make|in |with|at )"
)
_EXPAND = (
    (re.compile(r"\bcan't\b"), "can not"), (re.compile(r"\bwon't\b"), "will not"), (re.compile(r"n't\b"), " not"),
    (re.compile(r"\b(i|we|they|you)'ve\b"), r"\1 have"), (re.compile(r"\bi'm\b"), "i am"), (re.compile(r"\bi'd\b"), "i would"),
    (re.compile(r"\b(it|that|what|who|there|here)'s\b"), r"\1 is"), (re.compile(r"\b(they|you|we)'re\b"), r"\1 are"),
    (re.compile(r"\bi'll\b"), "i will"),
)  # fmt: skip
_TRIM = re.compile(
    r"^(?:(?:the|a|an|some|any|about|of|to|and|or|more|with|on|my)\s+)+|(?:\s+(?:and|or|with|of|the|a|to|for|in))+$"
)
_WORD = re.compile(r"[\w'&-]+")


def _amount(match: re.Match[str]) -> float:
    """Seconds of a length."""
    half = match.group("half")
    if half:
        return 5_400.0 if "and a half" in half else 900.0 if "quarter" in half else 1_800.0
    return (_number(match.group("number")) + (0.5 if match.group("more") else 0.0)) * _UNITS[match.group("unit")[0]]


def _number(said: str) -> float:
    return _NUMBERS[said] if said in _NUMBERS else float(said)


def expand(text: str) -> str:
    """Folded quotes and written-out short forms, case kept."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    for pattern, full in _EXPAND:
        plain = re.sub(pattern.pattern, full, plain, flags=re.IGNORECASE)
    return " ".join(plain.split())
