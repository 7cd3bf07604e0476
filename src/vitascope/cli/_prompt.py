"""The demo's prompt: a typed line becomes a command, a command becomes feedback, and the list moves at once.

Takes a library (`Service`), typed lines and a place to print; gives the exchange. A line is hostile: it is bounded,
never run, and any text at all is answered. It ranks nothing: what moved and why is what the library says.
"""

from __future__ import annotations

import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vitascope.base.errors import VitascopeError
from vitascope.cli._say import _, language, plain

if TYPE_CHECKING:
    from vitascope.base.ports.service import ProfileView, Service
    from vitascope.base.ranking import Explanation, Move, Recommended

_MAX_LINE = 500
_WORDS: dict[str, tuple[str, ...]] = {
    "like": ("like", "l", "喜欢", "赞", "点赞"),
    "dislike": ("dislike", "不喜欢", "踩"),
    "skip": ("skip", "s", "跳过"),
    "play": ("play", "watch", "listen", "播放", "看完", "听完"),
    "rate": ("rate", "r", "评分", "打分"),
    "hide": ("hide", "隐藏", "不再显示"),
    "undo": ("undo", "撤销"),
    "why": ("why", "w", "为什么", "原因"),
    "list": ("list", "ls", "列表", "推荐"),
    "profile": ("profile", "taste", "画像", "口味"),
    "people": ("people", "who", "人", "用户"),
    "person": ("person", "be", "换人", "切换"),
    "search": ("search", "find", "搜索", "查找"),
    "help": ("help", "h", "?", "帮助"),
    "quit": ("quit", "q", "exit", "bye", "退出", "再见"),
}
_BY_WORD = {word: name for name, words in _WORDS.items() for word in words}
_NUMBERED = {"like", "dislike", "skip", "play", "rate", "hide", "why"}
_TEXT = {"person", "search"}
# longest first, so that 不喜欢3 is not read as something else
_GLUED = sorted((w for w in _BY_WORD if not w.isascii()), key=len, reverse=True)


@dataclass(frozen=True)
class Command:
    """A line that was understood."""

    name: str
    place: int = 0
    """1-based number in the list that is shown; 0 where the command takes none."""
    stars: int = 0
    text: str = ""


@dataclass(frozen=True)
class NotUnderstood:
    """A line that was not; says why, in the reader's language."""

    why: str


def parse(line: str) -> Command | NotUnderstood | None:
    """Read a line; None where it is empty. Full-width digits and Chinese without spaces are fine."""
    text = plain(unicodedata.normalize("NFKC", line[:_MAX_LINE])).strip()
    if not text:
        return None
    word, _space, rest = text.partition(" ")
    name = _BY_WORD.get(word.casefold())
    if name is None:
        glued = next((w for w in _GLUED if text.startswith(w)), None)
        if glued is None:
            return NotUnderstood(_("I do not know {word}. Type help to see what I know.").format(word=repr(word[:40])))
        name, rest = _BY_WORD[glued], text[len(glued) :]
    rest = rest.strip()
    if name in _TEXT:
        return Command(name, text=rest) if rest else NotUnderstood(_("{word} what?").format(word=word))
    if name not in _NUMBERED:
        return Command(name)
    numbers = rest.split()
    wanted = 2 if name == "rate" else 1
    if len(numbers) != wanted or not all(n.isascii() and n.isdigit() and len(n) <= 4 for n in numbers):
        example = "rate 2 5" if name == "rate" else f"{name} 3"
        return NotUnderstood(_("Say which one, by its number in the list: {example}").format(example=example))
    stars = int(numbers[1]) if name == "rate" else 0
    if name == "rate" and not 1 <= stars <= 5:
        return NotUnderstood(_("Stars go from 1 to 5."))
    return Command(name, place=int(numbers[0]), stars=stars)


HELP = (
    "like N, dislike N, skip N, play N (to the end), rate N STARS, hide N: say what you think of number N",
    "undo: take the last one back",
    "why N: why it is in the list, with the numbers that ranked it",
    "list, profile: the list again; what Vitascope believes this person likes",
    "people, person NAME: who there is; be somebody else",
    "search WORDS: find something; its numbers can be liked too",
    "quit",
)


@dataclass
class Exchange:
    """One person at the prompt. `people` are (id, name, what they are said to like)."""

    service: Service
    people: Sequence[tuple[str, str, str]]
    say: Callable[[str], None]
    n: int = 8
    person: str = ""
    clock: Callable[[], float] = time.time
    shown: list[str] = field(default_factory=list)
    """Item ids that the numbers on the screen stand for."""
    _titles: dict[str, str] = field(default_factory=dict)
    _last: tuple[str, str] | None = None
    """(item, type) of the last feedback, for undo."""

    def run(self, lines: Iterator[str]) -> None:
        """Answer line after line until they end or one says quit."""
        for line in lines:
            if not self.answer(line):
                return

    def answer(self, line: str) -> bool:
        """Answer one line; False when it said quit."""
        command = parse(line)
        if command is None:
            return True
        if isinstance(command, NotUnderstood):
            self.say(command.why)
            return True
        if command.name == "quit":
            return False
        try:
            self._do(command)
        except VitascopeError as error:
            self.say(plain(error))
        return True

    def name(self, person: str) -> str:
        """A person's name."""
        return next((name for id_, name, _says in self.people if id_ == person), person)

    def title(self, item_id: str) -> str:
        """An item's title, safe to print."""
        if item_id not in self._titles:
            try:
                stated = self.service.item(item_id).item.title
            except VitascopeError:
                stated = None
            self._titles[item_id] = plain(stated or item_id, 70)
        return self._titles[item_id]

    def show_list(self) -> None:
        """Ask for the person's list and print it, numbered, each with its reason."""
        answer = self.service.recommend(self._ask())
        self.shown = [r.item_id for r in answer.items]
        self.say(_("{name}'s list:").format(name=self.name(self.person)))
        for line in list_lines(answer.items, self.title):
            self.say(line)
        if not answer.items:
            self.say(_("  (empty: everything was seen or hidden)"))

    def _do(self, command: Command) -> None:
        if command.name == "help":
            for line in HELP:
                self.say("  " + _(line))
        elif command.name == "people":
            for _id, name, says in self.people:
                self.say(f"  {name}: {says}")
        elif command.name == "person":
            self._be(command.text)
        elif command.name == "list":
            self.show_list()
        elif command.name == "profile":
            for line in profile_lines(self.service.profile(self.person), self.name(self.person)):
                self.say(line)
        elif command.name == "search":
            self._search(command.text)
        elif command.name == "undo":
            self._undo()
        else:
            item = self._at(command.place)
            if item is None:
                self.say(_("There is no number {n} on the screen.").format(n=command.place))
            elif command.name == "why":
                self._why(item)
            else:
                self._feedback(item, command)

    def _at(self, place: int) -> str | None:
        return self.shown[place - 1] if 1 <= place <= len(self.shown) else None

    def _ask(self, explain: bool = True):  # type: ignore[no-untyped-def]  # the record is imported late
        from vitascope.base.ports.service import Ask

        return Ask(user_id=self.person, surface="video", n=self.n, explain=explain)

    def _be(self, text: str) -> None:
        for id_, name, says in self.people:
            if text.casefold() in (id_.casefold(), name.casefold()):
                self.person, self._last = id_, None
                self.say(_("You are {name} now, who {says}.").format(name=name, says=says))
                self.show_list()
                return
        self.say(_("There is no {name} here; type people to see who there is.").format(name=repr(text[:40])))

    def _search(self, text: str) -> None:
        hits = self.service.search(text, self.n)
        self.shown = [h.item_id for h in hits]
        for number, hit in enumerate(hits, 1):
            where = f" [{plain(hit.found_in, 40)}]" if hit.found_in else ""
            self.say(f"{number:3}. {self.title(hit.item_id)}{where}")
        if not hits:
            self.say(_("Nothing was found."))

    def _why(self, item: str) -> None:
        answer = self.service.explain(self.person, item, "video")
        explanation = answer.items[0].explanation if answer.items else None
        self.say(self.title(item))
        for line in why_lines(explanation):
            self.say(line)

    def _feedback(self, item: str, command: Command) -> None:
        kind = {"play": "complete"}.get(command.name, command.name)
        value = {"rate": float(command.stars), "play": 1.0, "skip": 0.1}.get(command.name)
        self._send(item, kind, value)
        self._last = (item, kind)

    def _undo(self) -> None:
        if self._last is None:
            self.say(_("There is nothing to take back."))
            return
        item, kind = self._last
        self._last = None
        self._send(item, "undo", kind)

    def _send(self, item: str, kind: str, value: float | str | None) -> None:
        from vitascope.base.ports.service import RawEvent

        event = RawEvent(
            user_id=self.person,
            item_id=item,
            type=kind,
            value=value,
            timestamp=self.clock(),
            surface="video",
            session_id=f"prompt-{self.person}",
            event_id=uuid.uuid4().hex,
        )
        told = self.service.feedback([event], self._ask())
        for refused in told.report.rejected:
            self.say(f"{plain(refused.reason)} ({plain(refused.remedy)})")
        if told.report.added:
            self.say(
                _("Noted: {name}, {kind}, {title}.").format(
                    name=self.name(self.person), kind=_(kind), title=self.title(item)
                )
            )
        if told.moves:
            self.say(_("What moved and why:"))
            for move in told.moves:
                self.say(f"  {self._step(move.before, move.after)} {self.title(move.item_id)}: {self._because(move)}")
        else:
            self.say(_("Nothing moved."))
        self.shown = [r.item_id for r in told.after.items]
        self.say(_("{name}'s list now:").format(name=self.name(self.person)))
        for line in list_lines(told.after.items, self.title):
            self.say(line)

    @staticmethod
    def _because(move: Move) -> str:
        return plain((move.why_zh if language() == "zh" else "") or move.why, 300)

    @staticmethod
    def _step(before: int | None, after: int | None) -> str:
        if before is None:
            return _("new at {after}").format(after=after)
        if after is None:
            return _("{before} -> gone").format(before=before)
        return f"{before} -> {after}"


def sentence(explanation: Explanation | None) -> str:
    """The reason in the reader's language."""
    if explanation is None:
        return ""
    chinese = explanation.sentence_zh if language() == "zh" else ""
    return plain(chinese or explanation.sentence, 300)


def list_lines(items: Sequence[Recommended], title: Callable[[str], str]) -> Iterator[str]:
    """A numbered list, the reason under each title."""
    for number, item in enumerate(items, 1):
        yield f"{number:3}. {title(item.item_id)}"
        if reason := sentence(item.explanation):
            yield f"       {reason}"


def why_lines(explanation: Explanation | None) -> Iterator[str]:
    """The reason, then the terms w x u x v of the readable score and what each scorer counted."""
    if explanation is None:
        yield "  " + _("No reason is recorded.")
        return
    yield f"  {sentence(explanation)}"
    if explanation.contributions:
        yield "  " + _("feature: weight x taste x item = product")
    for part in explanation.contributions[:6]:
        yield (
            f"    {plain(part.feature, 50)}: {part.weight:.2f} x {part.taste:+.2f} x {part.value:.2f} = {part.product:+.3f}"
        )
    for scored in explanation.parts:
        yield "    " + _("{scorer} counted {value:+.3f}").format(
            scorer=plain(scored.scorer, 40), value=scored.normalised * scored.weight
        )


def profile_lines(view: ProfileView, name: str) -> Iterator[str]:
    """What is believed of a person's taste, strongest first."""
    yield _("{name}, from {n} events: {text}").format(name=name, n=view.events, text=plain(view.text, 600) or "-")
    for row in view.rows[:10]:
        evidence = f" ({plain(row.evidence[0], 80)})" if row.evidence else ""
        session = _(" (this session {value:+.2f})").format(value=row.session) if row.session else ""
        yield f"  {plain(row.feature, 50)}: {row.taste:+.2f}{session}{evidence}"
