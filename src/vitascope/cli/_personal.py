"""Commands that make content for one person: digest, trailer."""

from __future__ import annotations

from pathlib import Path

import click

from vitascope.base.errors import UsageError
from vitascope.cli._common import Run, command
from vitascope.cli._say import _, language, plain


@command("digest", help="A person's week as a page, and read aloud")
@click.argument("user")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the page here")
@click.option(
    "--audio", type=click.Path(path_type=Path, dir_okay=False), help="Write it read aloud here (WAV, English)"
)
@click.option("--lang", type=click.Choice(["en", "zh"]), help="Of the page (default: the reader's)")
def digest(run: Run, user: str, html: Path | None, audio: Path | None, lang: str | None) -> None:
    """Show a digest, write its page and its sound."""
    spoken = lang or language()
    with run.system() as system:
        told = system.digest(user)
        if html is not None:
            _write(html, system.digest_page(user, spoken).encode())
        if audio is not None:
            _write(audio, system.digest_sound(user))
    heading = _("Week {week}: {n} watched or heard").format(week=told.week, n=len(told.watched))
    lines = [heading, *(f"  {plain(m.text_zh if spoken == 'zh' else m.text, 300)}" for m in told.ahead)]
    run.result(told, "\n".join(lines))


@command("trailer", help="Cut a trailer of what a person likes in an item, or a best-of of several")
@click.argument("user")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Write the film here (MP4)")
@click.option("--seconds", default=30.0, type=click.FloatRange(4, 600), help="About how long")
def trailer(run: Run, user: str, items: tuple[str, ...], out: Path, seconds: float) -> None:
    """Cut a trailer; its captions go beside it."""
    with run.system() as system:
        plan, made = system.trailer(user, items, out, seconds)
    captions = out.with_suffix(".vtt")
    _write(captions, made.captions.encode())
    lines = [
        _("{seconds:.1f} s to {file}, captions to {captions}").format(seconds=made.seconds, file=out, captions=captions)
    ]
    if not plan.by_taste:
        lines.append(_("nothing in it matches what is known of this person; it shows how its parts begin"))
    lines += [f"  {cut.start:8.1f} - {cut.end:8.1f}  {plain(', '.join(cut.reasons) or '-', 120)}" for cut in plan.cuts]
    run.result({"trailer": plan.model_dump(mode="json"), "file": made.model_dump(mode="json")}, "\n".join(lines))


def _write(file: Path, data: bytes) -> None:
    try:
        file.write_bytes(data)
    except OSError as error:
        raise UsageError(f"cannot write: {error.strerror}", place=str(file), remedy=_("name another file")) from error
