"""`vitascope talk`: ask for something in words, refine it turn by turn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vitascope.base.errors import UsageError
from vitascope.cli._common import Run, command, jsonl
from vitascope.cli._people import SURFACES
from vitascope.cli._say import _, language, plain

if TYPE_CHECKING:
    from vitascope.assemble import System
    from vitascope.base.talk import Conversation, TalkAnswer


@command("talk", help="Ask for something in words, in English or Chinese, and refine it turn by turn")
@click.argument("user")
@click.argument("words", nargs=-1)
@click.option(
    "--audio", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A spoken request in a file"
)
@click.option("-n", default=6, type=click.IntRange(1, 100), help="How many")
@click.option("--surface", type=click.Choice(SURFACES), help="Surface")
def talk(run: Run, user: str, words: tuple[str, ...], audio: Path | None, n: int, surface: str | None) -> None:
    """One request, or a conversation: without WORDS each line of standard input is a turn."""
    if words and audio is not None:
        raise UsageError("both words and a recording", place="talk", remedy="give one of them")
    with run.system() as system:
        if audio is not None:
            said = system.heard(_bytes(audio))
            run.say(_("heard: {text}").format(text=plain(said)))
            _one(run, system, user, said, n, surface, None)
        elif words:
            _one(run, system, user, " ".join(words), n, surface, None)
        else:
            _turns(run, system, user, n, surface)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError("cannot read the recording", place=str(file), remedy="name a sound file") from error


def _turns(run: Run, system: System, user: str, n: int, surface: str | None) -> None:
    state = None
    if sys.stdin.isatty():
        run.say(_("Say what you would like; an empty line ends it."))
    for line in sys.stdin:
        if not line.strip():
            if sys.stdin.isatty():
                return
            continue
        state = _one(run, system, user, line.strip(), n, surface, state)


def _one(
    run: Run, system: System, user: str, said: str, n: int, surface: str | None, state: Conversation | None
) -> Conversation:
    answer = system.talk(user, said, state, n=n, surface=surface)
    if run.as_json:
        jsonl([answer_line(answer)])
    else:
        click.echo(answer_text(answer))
    return answer.state


def answer_line(answer: TalkAnswer) -> dict[str, Any]:
    """An answer as plain JSON types; what is not said is left out of the wish."""
    line: dict[str, Any] = answer.model_dump(mode="json")
    line["understood"] = answer.understood.model_dump(mode="json", exclude_defaults=True)
    line["state"] = answer.state.model_dump(mode="json", exclude_defaults=True)
    return line


def answer_text(answer: TalkAnswer) -> str:
    """An answer as a person reads it, in the language of what was said (else the reader's)."""
    chinese = answer.language == "zh" or language() == "zh"
    lines = [plain(answer.text_zh if chinese else answer.text)]
    for place, item in enumerate(answer.items, 1):
        why = "；".join(r.text_zh for r in item.reasons) if chinese else "; ".join(r.text for r in item.reasons)
        length = f"  {item.seconds:.0f} s" if item.seconds is not None else ""
        lines.append(f"{place:3}. {plain(item.title, 80)}{length}  [{plain(item.item_id)}]  {plain(why)}".rstrip())
    return "\n".join(lines)
