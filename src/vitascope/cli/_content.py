"""Commands about what the library holds: ingest, describe, search, similar."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import click

from vitascope.base.errors import UsageError
from vitascope.base.time import clock
from vitascope.cli._common import Run, command
from vitascope.cli._say import _, language, plain


@command("ingest", help="Read files, folders, manifests or feeds into the library, and describe them")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--no-describe", is_flag=True, help="Only take the items in; `vitascope describe` describes them later")
@click.option(
    "--text-fields",
    metavar="FIELDS",
    help="Fields that say what an item is (default title,description,tags,creator)",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if anything was set aside")
def ingest(run: Run, paths: tuple[str, ...], no_describe: bool, text_fields: str | None, strict: bool) -> None:
    """Take items in."""
    fields = tuple(f.strip() for f in text_fields.split(",") if f.strip()) if text_fields else None
    with run.system() as system, run.progress() as progress:
        report = system.ingest(paths, describe=not no_describe, text_fields=fields, progress=progress)
    run.result(
        report,
        _(
            "{new} new, {changed} changed, {same} unchanged, {gone} gone, {copies} copies found; {described} described"
        ).format(
            new=report.items_new,
            changed=report.items_changed,
            same=report.items_same,
            gone=report.items_gone,
            copies=report.duplicates,
            described=report.described,
        ),
    )
    set_aside(run, report.set_aside, strict)


def set_aside(run: Run, count: int, strict: bool) -> None:
    """Say how many inputs were set aside; with --strict that is a failure."""
    if count:
        run.say(_("{n} set aside: see `vitascope problems`").format(n=count))
        if strict:
            raise click.exceptions.Exit(1)


@command("describe", help="Describe what is pending; show or export descriptions")
@click.option("--show", metavar="ITEM", help="Print the description of one item")
@click.option(
    "--style",
    type=click.Choice(["account", "script", "news"]),
    help="With --show: tell the item at length, by chapters, as a script or as news",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of --show")
@click.option(
    "--export", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.jsonl", help="Write all descriptions"
)
def describe(run: Run, show: str | None, style: str | None, form: str, export: Path | None) -> None:
    """Describe, show or export."""
    if style is not None and show is None:
        raise UsageError(_("--style goes with --show"), place="--style", remedy=_("name an item with --show"))
    with run.system() as system:
        if show is not None and style is not None:
            told = system.account_line(show, style, language())
            run.result(told, json.dumps(told, ensure_ascii=False, indent=2) if form == "json" else account(told))
        elif show is not None:
            line = system.export_one(show)
            run.result(line, json.dumps(line, ensure_ascii=False, indent=2) if form == "json" else card(line))
        elif export is not None:
            system.access.audit("export", detail="every description")
            count = write_lines(export, system.export())
            run.result({"file": str(export), "lines": count}, _("{n} descriptions written").format(n=count))
        else:
            with run.progress() as progress:
                report = system.describe(progress=progress)
            for gap in report.gaps:
                run.say(gap)
            run.result(
                report,
                _("{n} described, {same} unchanged, {failed} failed").format(
                    n=report.described, same=report.unchanged, failed=report.failed
                ),
            )


def write_lines(path: Path, lines: Any) -> int:
    """Write JSON lines to a file that is either whole or not there."""
    count = 0
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(
            _("cannot write here: {reason}").format(reason=error.strerror),
            place=str(path),
            remedy=_("name a folder that exists and is writable"),
        ) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~current_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return count


def current_umask() -> int:
    """The process's umask (it can only be read by setting it)."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def card(line: dict[str, Any]) -> str:
    """A description as a person reads it at a terminal."""
    rows = [
        (_("item"), line["item_id"]),
        (_("category"), line["category"]),
        (_("language"), line["language"]),
        (_("summary"), line["summary"]),
        (_("chapters"), " / ".join(f"{clock(c['start'])} {c['title']}" for c in line["chapters"])),
        (_("topics"), ", ".join(line["topics"])),
        (_("keywords"), ", ".join(k["text"] for k in line["keywords"])),
        (_("moods"), ", ".join(f"{name} {score:.2f}" for name, score in line["moods"].items())),
        (_("sound"), ", ".join(f"{name} {share:.0%}" for name, share in (line["audio"] or {}).items() if share)),
        (_("shots"), len(line["shots"])),
        (_("scenes"), ", ".join(dict.fromkeys(s["label"] for s in line["scenes"]))),
        (_("screen text"), " / ".join(t["text"] for t in line["screen_text"])),
        (_("said"), " ".join(t["text"] for t in line["transcript"])),
        (_("moderation"), line["moderation"]["decision"]),
        (_("copy of"), ", ".join(line["duplicates_of"])),
    ]
    return "\n".join(f"{name:12} {plain(value, 1_000)}" for name, value in rows if value)


def account(told: dict[str, Any]) -> str:
    """An account as a person reads it at a terminal: headings with times, sentences with where they stand."""
    out = [plain(told["title"])]
    for part in told["parts"]:
        when = f"{clock(part['start'])}-{clock(part['end'])}  " if "start" in part else ""
        out += ["", f"{when}{plain(part['heading'])}"]
        for claim in part["claims"]:
            places = [clock(e["start"]) if "start" in e else e["field"] for e in claim["evidence"]]
            out.append(f"  {plain(claim['text'], 1_000)}  [{plain(', '.join(dict.fromkeys(places)))}]")
    return "\n".join(out)


@command("search", help="Find items by words and meaning")
@click.argument("query")
@click.option("-n", default=10, type=click.IntRange(1, 1000), help="How many")
@click.option("--audience", help="Only what this audience of the moderation policy may see")
def search(run: Run, query: str, n: int, audience: str | None) -> None:
    """Search the library."""
    with run.system() as system:
        hits = system.search(query, n, system.check_audience(audience))
    run.result({"items": [h.model_dump(mode="json") for h in hits]}, lambda: hit_lines(hits))


@command("similar", help="Items that are like an item")
@click.argument("item")
@click.option("-n", default=10, type=click.IntRange(1, 1000), help="How many")
@click.option("--audience", help="Only what this audience of the moderation policy may see")
def similar(run: Run, item: str, n: int, audience: str | None) -> None:
    """Neighbours of an item."""
    with run.system() as system:
        system.check_shown(item, audience)
        hits = system.similar(item, n, audience)
    run.result({"items": [h.model_dump(mode="json") for h in hits]}, lambda: hit_lines(hits))


def hit_lines(hits: Any) -> str:
    """Hits, one a line."""
    return "\n".join(
        f"{h.score:6.3f}  {plain(h.item_id)}  {plain(h.found_in)}  {plain(h.quote, 120)}".rstrip() for h in hits
    )
