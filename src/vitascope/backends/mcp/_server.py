"""The tools. Each checks, calls the library once, and gives what others wrote between marks.

Errors of the library come out as tool errors that name thing, place and remedy; nothing else of an exception leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from vitascope import __version__
from vitascope.backends.mcp._config import READING, McpConfig
from vitascope.backends.mcp._fence import NOTICE, fenced
from vitascope.base.errors import UnknownItem, UsageError, VitascopeError
from vitascope.base.ports.service import Ask, RawEvent, Service
from vitascope.base.ranking import Explanation
from vitascope.base.talk import Conversation

Answer = dict[str, Any]
UserId = Annotated[str, Field(max_length=512, description="the person, as the library knows them")]
ItemId = Annotated[str, Field(min_length=1, max_length=512, description="an item_id from another answer")]
Count = Annotated[int, Field(ge=1, le=100, description="how many at most")]
_LINES = 40
_INSTRUCTIONS = (
    "A person's own library of audio and video: find, recommend, explain and describe what is in it. Item ids go from one "
    f"tool to the next. {NOTICE}"
)


def build(service: Service, config: McpConfig) -> MCPServer:
    """The server; see `mcp_server`."""
    unknown = sorted(set(config.tools) - set(READING))
    if unknown:
        raise UsageError(f"no such tool: {', '.join(unknown)}", place="mcp.tools", remedy=f"of {', '.join(READING)}")
    server = MCPServer("vitascope", version=__version__, instructions=_INSTRUCTIONS)
    tools = Tools(service, config)
    for name in config.tools:
        _add(server, name, getattr(tools, name), read_only=True)
    if config.write:
        _add(server, "give_feedback", tools.give_feedback, read_only=False)
    return server


def _add(server: MCPServer, name: str, tool: Callable[..., Answer], read_only: bool) -> None:
    marks = ToolAnnotations(
        read_only_hint=read_only, destructive_hint=False, idempotent_hint=read_only, open_world_hint=False
    )
    server.add_tool(tool, name=name, annotations=marks, structured_output=True)


class Tools:
    """What an assistant may do with a library."""

    def __init__(self, service: Service, config: McpConfig) -> None:
        self._service, self._config = service, config

    def search(
        self, query: Annotated[str, Field(min_length=1, max_length=500)], n: Count = 10, user_id: UserId = ""
    ) -> Answer:
        """Find items by words (titles, speech, text in pictures) and meaning. With user_id, that person's own limits hold."""
        with _Told():
            found = self._service.search(query, min(n, self._config.n), self._audience(user_id))
            return _answer(
                hits=[
                    {**self._item(h.item_id), "found_in": fenced(h.found_in, 60), "quote": fenced(h.quote)}
                    for h in found
                ]
            )

    def recommend(
        self,
        user_id: UserId = "",
        n: Count = 10,
        surface: Annotated[str | None, Field(description="short, video, music, tv or live")] = None,
    ) -> Answer:
        """Items for a person, best first, each with the reason. Without user_id: for somebody unknown."""
        with _Told():
            who = self._who(user_id)
            ask = Ask(user_id=who, surface=surface, n=min(n, self._config.n), explain=True, rerank=True)
            listed = self._service.recommend(ask)
            return _answer(
                items=[
                    {**self._item(line.item_id), "score": line.score, "source": line.source, **_why(line.explanation)}
                    for line in listed.items
                ],
                note=listed.note,
            )

    def explain(self, item_id: ItemId, user_id: UserId = "") -> Answer:
        """Why an item is, or would be, recommended to a person: the terms of its score, with where they were seen or heard."""
        with _Told():
            who = self._who(user_id)
            if who is None:
                raise UsageError("an explanation is for a person", place="user_id", remedy="name the person")
            listed = self._service.explain(who, item_id)
            line = next(iter(listed.items), None)
            if line is None:
                raise UnknownItem("no such item", place=item_id, remedy="look for it with `search`")
            terms = [] if line.explanation is None else line.explanation.contributions
            return _answer(
                **self._item(item_id),
                score=line.score,
                **_why(line.explanation),
                terms=[
                    {
                        "feature": fenced(t.feature, 120),
                        "weight": t.weight,
                        "taste": t.taste,
                        "value": t.value,
                        "product": t.product,
                        "seen_at": [float(e.span.start) for e in t.evidence if e.span is not None],
                    }
                    for t in terms[:12]
                ],
            )

    def describe_item(self, item_id: ItemId, user_id: UserId = "") -> Answer:
        """What an item is: title, summary, chapters, topics, moods, and the beginning of what is said in it."""
        with _Told():
            self._service.check_shown(item_id, self._audience(user_id))
            view = self._service.item(item_id)
            known = view.description
            told: Answer = self._item(item_id)
            told |= {"described": known is not None, "creator": fenced(view.item.creator), "kind": view.item.kind.value}
            if known is not None:
                told |= {
                    "language": known.language,
                    "summary": fenced(known.summary, 1_000),
                    "category": known.category,
                    "topics": [fenced(t, 60) for t in known.topics[:10]],
                    "moods": dict(known.moods),
                    "chapters": [
                        {"start": float(c.span.start), "end": float(c.span.end), "title": fenced(c.title, 120)}
                        for c in known.chapters[:_LINES]
                    ],
                    "speech": [
                        {"start": float(line.span.start), "text": fenced(line.text)}
                        for line in known.transcript[:_LINES]
                    ],
                    "screen_text": [fenced(t.text, 160) for t in known.screen_text[:_LINES]],
                }
            return _answer(**told)

    def talk(
        self,
        text: Annotated[str, Field(min_length=1, max_length=2_000, description="in English or Chinese")],
        user_id: UserId = "",
        n: Count = 6,
        state: Annotated[Conversation | None, Field(description="`state` of the answer before")] = None,
    ) -> Answer:
        """Ask for something in words ("calm, like the concert yesterday, but no vocals"), and refine it turn by turn."""
        with _Told():
            said = self._service.talk(self._who(user_id), text, state, n=min(n, self._config.n))
            return _answer(
                understood=said.understood.model_dump(mode="json", exclude_defaults=True),
                gave_up=list(said.relaxed),
                items=[
                    {**self._item(i.item_id), "reasons": [fenced(r.text, 160) for r in i.reasons]} for i in said.items
                ],
                state=said.state.model_dump(mode="json", exclude_defaults=True),
            )

    def give_feedback(
        self,
        item_id: ItemId,
        type: Annotated[str, Field(pattern="^(like|dislike|favourite|hide)$")],
        user_id: UserId = "",
    ) -> Answer:
        """Record that a person likes, dislikes, favours or hides an item. Only when the person asked for it."""
        with _Told():
            who = self._who(user_id)
            if who is None:
                raise UsageError("feedback is a person's", place="user_id", remedy="name the person")
            report = self._service.record([RawEvent(user_id=who, item_id=item_id, type=type)], source="mcp")
            if report.rejected:
                raise UsageError(report.rejected[0].reason, place=item_id, remedy=report.rejected[0].remedy)
            return _answer(recorded=report.added)

    # --- inside

    def _who(self, user_id: str) -> str | None:
        """The person that is meant; where the settings name one, nobody else."""
        mine = self._config.user
        if mine is None:
            return user_id or None
        if user_id not in ("", mine):
            raise UsageError("this server speaks for one person alone", place="user_id", remedy="leave user_id out")
        return mine

    def _audience(self, user_id: str) -> str | None:
        who = self._who(user_id)
        return None if who is None else self._service.audience_of(who)

    def _item(self, item_id: str) -> Answer:
        view = self._service.item(item_id)
        length = next((float(a.duration) for a in view.assets if a.duration), None)
        return {"item_id": item_id, "title": fenced(view.item.title or item_id), "seconds": length}


class _Told:
    """Turns the library's errors into tool errors; others become one plain sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ToolError) or error is None or not isinstance(error, Exception):
            return
        if isinstance(error, VitascopeError):
            raise ToolError(f"{error.thing} ({fenced(error.place)}): {error.remedy}") from None
        raise ToolError("the library could not answer; its log says why") from error


def _why(explanation: Explanation | None) -> Answer:
    if explanation is None:
        return {"reason": ""}
    return {"reason": fenced(explanation.sentence, 400), "reason_zh": fenced(explanation.sentence_zh, 400)}


def _answer(**fields: Any) -> Answer:
    return {"notice": NOTICE, **fields}
