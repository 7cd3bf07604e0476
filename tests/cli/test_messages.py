"""Every text of the command line has its Chinese, with the same places in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import vitascope.cli
from vitascope.cli import _app, _say

CLI = Path(vitascope.cli.__file__).parent
PLACES = re.compile(r"\{[^}]*\}")


def texts() -> set[str]:
    """Literals given to `_()` or as `help=`, and the table of commands."""
    found = {text for _module, text in _app.COMMANDS.values()}
    for file in sorted(CLI.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if getattr(node.func, "id", "") == "_" and node.args and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
            found |= {k.value.value for k in node.keywords if k.arg == "help" and isinstance(k.value, ast.Constant)}
    return found


@pytest.mark.parametrize("text", sorted(texts()))
def test_has_chinese(text: str) -> None:
    chinese = _say.catalogue().get(text)
    assert chinese, f"no Chinese for {text!r}: add it to cli/messages/*.zh.toml"
    assert sorted(PLACES.findall(chinese)) == sorted(PLACES.findall(text))


def test_language_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITASCOPE_LANG", "zh_CN.UTF-8")
    assert _say._("no problems") == "没有问题"
    monkeypatch.setenv("VITASCOPE_LANG", "en")
    assert _say._("no problems") == "no problems"


def test_terminal_text_carries_no_control_characters() -> None:
    hostile = "a\x1b[31mred\u202edcba\x07"
    assert not re.search(r"[\x00-\x1f\u202e]", _say.plain(hostile))
