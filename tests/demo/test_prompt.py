"""What is typed at the demo's prompt: every line is answered, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitascope.cli._prompt import HELP, Command, NotUnderstood, parse


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("like 3", Command("like", 3)),
        ("  LIKE   12 ", Command("like", 12)),
        ("rate 2 5", Command("rate", 2, 5)),
        ("喜欢 3", Command("like", 3)),
        ("喜欢3", Command("like", 3)),
        ("不喜欢2", Command("dislike", 2)),
        ("评分 1 4", Command("rate", 1, 4)),
        ("跳过３", Command("skip", 3)),
        ("搜索 钢琴", Command("search", text="钢琴")),
        ("person ben", Command("person", text="ben")),
        ("?", Command("help")),
        ("退出", Command("quit")),
    ],
)
def test_understood(line: str, expected: Command) -> None:
    assert parse(line) == expected


@pytest.mark.parametrize(
    "line", ["like", "like x", "like -1", "like 1 2", "like 99999", "rate 1", "rate 1 6", "rate 1 0", "search", "fly 3"]
)
def test_not_understood(line: str) -> None:
    answer = parse(line)
    assert isinstance(answer, NotUnderstood)
    assert answer.why


def test_empty_is_nothing() -> None:
    assert parse("") is None
    assert parse(" \t ") is None


@given(st.text())
def test_any_text_is_answered(line: str) -> None:
    answer = parse(line)
    assert answer is None or isinstance(answer, Command | NotUnderstood)
    if isinstance(answer, NotUnderstood):
        assert not any(ord(c) < 32 or c in "\u202e\x7f" for c in answer.why)


@given(
    st.sampled_from(["like", "skip", "rate", "hide", "why", "喜欢", "评分", "为什么", "person", "search"]),
    st.text(max_size=2000),
)
def test_a_known_word_with_any_rest_is_answered(word: str, rest: str) -> None:
    answer = parse(f"{word} {rest}")
    assert isinstance(answer, Command | NotUnderstood)
    if isinstance(answer, Command):
        assert 0 <= answer.place <= 9999
        assert 0 <= answer.stars <= 5


def test_help_names_every_command() -> None:
    said = " ".join(HELP)
    for word in ("like", "dislike", "skip", "play", "rate", "hide", "undo", "why", "list", "profile", "people", "quit"):
        assert word in said
