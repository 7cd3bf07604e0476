"""The `vitascope` command: its table of commands, each imported only when it is run.

`vitascope --help` therefore imports click and nothing else of weight.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
from typing import Any, NoReturn

import click

from vitascope import __version__
from vitascope.base.errors import VitascopeError
from vitascope.cli._say import _, note

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("_home", "Make a home: the folder that holds the whole state of one library"),
    "ingest": ("_content", "Read files, folders, manifests or feeds into the library, and describe them"),
    "watch": ("_watch", "Ingest folders and feeds, then go on ingesting what changes in them"),
    "describe": ("_content", "Describe what is pending; show or export descriptions"),
    "search": ("_content", "Find items by words and meaning"),
    "similar": ("_content", "Items that are like an item"),
    "events": ("_people", "What people did: import event files"),
    "fit": ("_learn", "Train on what is stored; promote the new model if it is not worse"),
    "evaluate": ("_learn", "What this library's lists are worth on held-out events, beside popularity and chance"),
    "rollback": ("_learn", "Go back to the model before the current one"),
    "recommend": ("_people", "Lists of items for people, with reasons"),
    "explain": ("_explain", "Why an item is, or would be, recommended to a person"),
    "talk": ("_talk", "Ask for something in words, in English or Chinese, and refine it turn by turn"),
    "profile": ("_people", "A person's taste: show, correct, mute, reset"),
    "flow": ("_learn", "Draw the pipeline of a surface"),
    "live": ("_surfaces", "Live channels: add, list, look, run, end"),
    "guide": ("_surfaces", "Programme guides: import, show"),
    "moderation": ("_moderation", "Unfit items: the queue, decisions, appeals, the trail, the policy"),
    "privacy": ("_privacy", "Encryption, people's rights, erasure and what proves them"),
    "problems": ("_home", "Inputs that were set aside, with reason and remedy"),
    "status": ("_home", "Sizes, pending work, last fit, disk left"),
    "cost": ("_cost", "What describing cost: seconds, tokens and bytes, per item and per media hour"),
    "models": ("_models", "Model packs: pull, list, verify, remove"),
    "serve": ("_serve", "Serve the library's page and API on this machine"),
    "top": ("_top", "The live state of a running server: requests, events, lists, jobs, model, backlog"),
    "access": ("_access", "Who may do what: keys of the API, owners' sign-ins, the audit trail"),
    "digest": ("_personal", "A person's week as a page, and read aloud"),
    "trailer": ("_personal", "Cut a trailer of what a person likes in an item, or a best-of of several"),
    "mcp": ("_mcp", "Serve the library to assistants over the Model Context Protocol"),
    "demo": ("_demo_command", "Run the whole loop on real, freely licensed clips"),
    "backup": ("_home", "Write the home to one consistent file"),
    "restore": ("_home", "Make a home from a backup"),
    "gc": ("_home", "Clear caches and old models"),
}


class Translated(click.Command):
    """A command whose help is read from the catalogue when it is shown, not when it is imported."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """One line, translated."""
        return _(self.short_help or self.help or "")

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help page, translated."""
        translate(self)
        super().format_help(ctx, formatter)


class TranslatedGroup(click.Group):
    """A group of such commands."""

    command_class = Translated

    def get_short_help_str(self, limit: int = 45) -> str:
        """One line, translated."""
        return _(self.short_help or self.help or "")

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help page, translated."""
        translate(self)
        super().format_help(ctx, formatter)


def translate(command: click.Command) -> None:
    """Put a command's texts into the reader's language."""
    command.help = _(command.help or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = _(parameter.help)


class Lazy(TranslatedGroup):
    """The top group: knows its commands by name and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the loop, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that holds the command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"vitascope.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing them."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(text)) for name, (_module, text) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "--version", prog_name="vitascope")
def vitascope() -> None:
    """A recommender for your own audio and video: it watches and listens, learns, recommends and says why."""


def _terminate(_signal: int, _frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def main(argv: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 ended, 1 failed, 2 the command line or every input was wrong."""
    signal.signal(signal.SIGTERM, _terminate)  # ends as Ctrl-C does: what was done is kept
    arguments = sys.argv[1:] if argv is None else argv
    try:
        # without its standalone mode click gives the code of an early exit back instead of raising it
        code = vitascope.main(args=arguments, prog_name="vitascope", standalone_mode=False) or 0
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except click.ClickException as wrong:
        wrong.show()
        code = 2
    except VitascopeError as error:
        code = error.exit_code
        note(_("Error: {error}").format(error=error))
        if "--json" in arguments:
            told = {"code": error.code, "thing": error.thing, "place": error.place, "remedy": error.remedy}
            print(json.dumps({"error": told}, ensure_ascii=False))
    except (KeyboardInterrupt, click.Abort):
        note(_("Stopped. What was done is kept; run the command again to go on."))
        code = 1
    except BrokenPipeError:  # the reader of stdout left (head): nothing is wrong
        sys.stderr.close()
        code = 0
    sys.exit(code)
