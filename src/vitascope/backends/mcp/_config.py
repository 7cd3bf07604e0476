"""Settings of the MCP server."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.records import RoomConfig

READING = ("search", "recommend", "explain", "describe_item", "talk")
WRITING = ("give_feedback",)


class McpConfig(RoomConfig):
    """Which tools an assistant gets, and for whom."""

    user: str | None = None
    """The one person it speaks for: tools then take no `user_id` but this one. None: any person, named with each call."""
    tools: tuple[str, ...] = READING
    """Of search, recommend, explain, describe_item, talk."""
    write: bool = False
    """Whether `give_feedback` is there, which records likes, dislikes and hidden items."""
    n: int = Field(default=20, ge=1, le=100)
    """Most items of an answer."""
