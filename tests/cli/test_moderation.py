"""The moderation commands on a small library: one JSON object each, and a text for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from vitascope.assemble import open_system
from vitascope.base.content import Description, Finding, Moderation, ReasonCode
from vitascope.base.errors import UsageError
from vitascope.base.items import ItemDraft
from vitascope.base.time import Span
from vitascope.cli._app import vitascope


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One item that waits for review."""
    folder = tmp_path / "home"
    system = open_system(folder)
    item = system.rooms.stores.items.put([ItemDraft(item_id="a", title="A fight\u202e")])[0]
    found = Finding(
        reason=ReasonCode.VIOLENCE, score=0.8, source="transcript", span=Span(start=61, end=64), quote="beat him"
    )
    made = Description(item=item.key, fingerprint="x", moderation=Moderation(findings=(found,)))
    system.rooms.stores.descriptions.put(made, {})
    system.close()
    return folder


def run(home: Path, *arguments: str) -> Any:
    """A command's --json answer."""
    answer = CliRunner().invoke(vitascope, ["moderation", *arguments, "--json", "--home", str(home)])
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return json.loads(answer.stdout)


def test_from_the_queue_to_the_trail(home: Path) -> None:
    (case,) = run(home, "list")["cases"]
    assert (case["item_id"], case["judgement"]["verdict"], case["judgement"]["shown"]) == ("a", "review", True)
    text = CliRunner().invoke(vitascope, ["moderation", "show", "a", "--home", str(home)]).stdout
    assert "violence 0.80  1:01-1:04 transcript  beat him" in text
    assert "children: not shown" in text
    assert "\u202e" not in text

    done = run(home, "decide", "a", "age-limit", "--age", "16", "--by", "ada", "--why", "a boxing film")
    assert done["judgement"]["age"] == 16
    assert run(home, "list")["cases"] == []
    assert [c["item_id"] for c in run(home, "list", "--verdict", "age-limit")["cases"]] == ["a"]
    assert run(home, "appeal", "a", "--by", "ben", "--why", "too strict")["appeal"]["who"] == "ben"
    assert [c["item_id"] for c in run(home, "list")["cases"]] == ["a"]
    trail = run(home, "audit")
    assert [(a["act"], a["who"], a["why"]) for a in trail["acts"]] == [
        ("decide", "ada", "a boxing film"),
        ("appeal", "ben", "too strict"),
    ]
    assert trail["broken"] is None


def test_people_and_the_policy(home: Path) -> None:
    assert run(home, "audience", "kim", "children", "--by", "ada", "--why", "is seven")["audience"] == "children"
    assert run(home, "audience", "kim")["audience"] == "children"
    with pytest.raises(UsageError):
        run(home, "audience", "kim", "gods", "--by", "ada", "--why", "x")
    assert run(home, "policy")["audiences"]["children"]["hold_review"]
    text = CliRunner().invoke(vitascope, ["moderation", "policy", "--home", str(home)]).stdout
    import tomllib

    told = tomllib.loads(text)["moderation"]
    assert told["rules"]["hate"] == {"review": 0.5}
    assert told["audiences"]["children"]["age"] == 7
