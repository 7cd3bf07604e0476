"""Plants texts, uses everything once, and looks for them in raw files: with encryption, and without as a control.

Planted: an item's title, a person's name and e-mail address (their outside ids), a comment, an event's id, a row that is set
aside, a phrase in the subtitles of a clip, and, where a clip with speech is named, a phrase that is heard in it. Searched: the
home, its logs, the folder for temporary files, the backup; then, after the people were erased, the same and every value behind
the keys.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vitascope.assemble import System, open_system
from vitascope.base.ports.service import Ask, RawEvent
from vitascope.base.privacy import Searched

MARK = "amaranth"
TITLE, PHRASE = f"The {MARK} title of a planted film", f"whispering {MARK} subtitles drift along"
NAME, EMAIL = f"Valentina {MARK.title()} Quill", f"v.quill@{MARK}.example.org"
COMMENT, EVENT, ROW = f"my {MARK} comment, nobody else's", f"event-{MARK}-0001", f"{MARK} row that is set aside"
PLANTED = {
    "title": TITLE,
    "phrase": PHRASE,
    "name": NAME,
    "e-mail": EMAIL,
    "comment": COMMENT,
    "event": EVENT,
    "row": ROW,
}
OF_PEOPLE = ("name", "e-mail", "comment", "event", "row")


class Outcome(NamedTuple):
    """What one run found, by what was planted."""

    encrypted: bool
    texts: dict[str, str]
    before: Searched
    after: Searched
    verified: bool
    problems: int

    def told(self, found: Searched) -> dict[str, list[str]]:
        """Places and forms, by what was planted."""
        names = list(self.texts)
        out: dict[str, list[str]] = {name: [] for name in names}
        for trace in found.found:
            if trace.canary < len(names):
                out[names[trace.canary]].append(f"{trace.place} ({trace.form})")
        return out


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder of its own, with a folder for temporary files that the run uses, and a key in the environment."""
    folder = Path(tempfile.mkdtemp(prefix="canaries-"))
    before = {name: os.environ.get(name) for name in ("TMPDIR", "VITASCOPE_KEY")}
    (folder / "tmp").mkdir()
    os.environ["TMPDIR"], os.environ["VITASCOPE_KEY"] = str(folder / "tmp"), secrets.token_hex(32)
    tempfile.tempdir = None
    try:
        yield folder
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def run(encrypted: bool, clip: Path | None) -> Outcome:
    """One whole run."""
    with scratch() as folder:
        media = folder / "media"
        media.mkdir()
        made_clip(media / "made.mp4")
        (media / "made.srt").write_text(f"1\n00:00:00,200 --> 00:00:02,000\n{PHRASE}\n", encoding="utf-8")
        if clip is not None:
            shutil.copyfile(clip, media / f"spoken{clip.suffix}")
        system = open_system(
            folder / "home",
            settings={
                "models": {"off": ["language_model"]},
                "signals": {"folder": str(folder / "home" / "cache" / "signals")},
            },
            encrypt=encrypted,
        )
        try:
            texts = dict(PLANTED)
            texts |= _live(system, media, folder)
            backup = folder / "home.backup"
            system.backup(backup)
            places = [folder / "tmp", backup]
            before = system.traces(list(texts.values()), raw_only=True, also=places)
            receipts = [system.erase(user) for user in (NAME, EMAIL)]
            of_people = [texts[name] for name in OF_PEOPLE]
            after = system.traces(of_people, also=[folder / "tmp"])
            verified = all(
                system.check_receipt(receipt, user, of_people).clean
                for receipt, user in zip(receipts, (NAME, EMAIL), strict=True)
            )
            return Outcome(encrypted, texts, before, after, verified, sum(1 for _ in system.problems()))
        finally:
            system.close()


def _live(system: System, media: Path, folder: Path) -> dict[str, str]:
    system.ingest([str(media)])
    system.put_items([{"item_id": "planted", "title": TITLE, "tags": ["planted"]}])
    system.put_items([{"item_id": f"other-{n}", "title": f"Film {n}", "tags": [f"t{n % 3}"]} for n in range(30)])
    rows = ["user_id,item_id,type,value,timestamp,event_id", f"{NAME},planted,rate,{ROW},1700000000,x"]
    rows += [f"user-{n % 12},other-{n % 30},complete,1,{1700000000 + n * 90},e{n}" for n in range(240)]
    (folder / "events.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    system.import_events(folder / "events.csv")
    (folder / "events.csv").unlink()
    for user in (NAME, EMAIL):
        acts = [
            RawEvent(user_id=user, item_id="planted", type="comment", text=COMMENT),
            RawEvent(user_id=user, item_id="other-3", type="like", event_id=f"{EVENT}-{len(user)}"),
        ]
        system.record(acts)
        system.recommend(Ask(user_id=user, surface="video", n=5, explain=True, log_impressions=True))
        system.profile(user)
    system.fit(seed=0, promote="always")
    system.fit(seed=1, promote="always")
    lines = [
        " ".join(line.text.split())
        for item in system.rooms.stores.items.iter()
        if item.title != TITLE and (found := system.item(item.item_id).description) is not None
        for line in found.transcript
        if PHRASE not in line.text
    ]
    heard = max(lines, key=len, default="")
    return {"heard": heard} if len(heard) > 12 else {}


def made_clip(path: Path) -> None:
    """Three seconds of a moving picture and a tone."""
    import av
    import numpy as np

    with av.open(str(path), "w") as out:
        picture = out.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
        for n in range(30):
            frame = np.zeros((120, 160, 3), np.uint8)
            frame[20:100, 4 * n : 4 * n + 40] = (200, 40, 90)
            out.mux(picture.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(picture.encode(None))
