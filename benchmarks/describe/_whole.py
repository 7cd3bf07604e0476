"""The whole description of some files as the product makes it, with a note of every input that a model was given.

Runs in a process of its own: `vitascope ingest` in all but name, on the home it is told. The notes are references and texts, so
taking them costs next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from vitascope.assemble import open_system


class _Notes:
    def __init__(self) -> None:
        self.listened: list[list[tuple[float, float]]] = []
        self.looked = self.unsafe = self.read = self.voiced = self.cleaned = 0
        self.texts: list[list[str]] = []
        self.prompts: list[dict[str, Any]] = []


class _Noted:
    """A role whose calls are noted; everything else is the role's own."""

    def __init__(self, role: Any, notes: _Notes) -> None:
        self._role, self._notes = role, notes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._role, name)

    def probabilities(self, pcm: Any) -> Any:
        self._notes.voiced += len(pcm)
        return self._role.probabilities(pcm)

    def clean(self, pcm: Any) -> Any:
        self._notes.cleaned += len(pcm)
        return self._role.clean(pcm)

    def listen(self, pcm: Any, speech: Sequence[Any], language: str | None = None) -> Any:
        self._notes.listened.append([(float(s.start), float(s.end)) for s in speech])
        return self._role.listen(pcm, speech, language)

    def look(self, pictures: Sequence[Any], top: int = 5) -> Any:
        self._notes.looked += len(pictures)
        return self._role.look(pictures, top)

    def unsafe(self, pictures: Sequence[Any]) -> Any:
        self._notes.unsafe += len(pictures)
        return self._role.unsafe(pictures)

    def read(self, picture: Any, span: Any) -> Any:
        self._notes.read += 1
        return self._role.read(picture, span)

    def embed(self, texts: Sequence[str]) -> Any:
        self._notes.texts.append(list(texts))
        return self._role.embed(texts)

    def about(self, feature: str, item: Any = 0) -> Any:
        return _Noted(self._role.about(feature, item), self._notes)

    def write(self, system: str, prompt: str, max_tokens: int = 128, **options: Any) -> Any:
        self._notes.prompts.append({"system": system, "prompt": str(prompt), "most": max_tokens})
        return self._role.write(system, prompt, max_tokens, **options)


ROLES = ("voice_activity", "noise", "speech", "text", "picture", "unsafe", "screen", "language")


def main(home: str, files: str, note: str) -> None:
    """Ingest the files of a JSON list; write what the models were given to `note`."""
    wanted: list[str] = json.loads(Path(files).read_text("utf-8"))
    system = open_system(Path(home))
    models, notes = system.rooms.models, _Notes()
    for role in ROLES:
        models.__dict__[role] = _Noted(getattr(models, role), notes)
    marks: list[tuple[str, int, int]] = []
    describer = system.rooms.describer
    one = describer._one

    def noted(item: Any, assets: Any, *more: Any) -> Any:
        before = len(notes.listened), notes.looked
        found = one(item, assets, *more)
        marks.append((assets[0].uri if assets else "", len(notes.listened) - before[0], notes.looked - before[1]))
        return found

    with patch.object(describer, "_one", noted):
        report = system.ingest(wanted)
    hashes = {uri: system.rooms.stores.items.asset_by_uri(uri) for uri, _, _ in marks}
    system.close()
    place = 0
    rows = []
    for uri, listened, looked in marks:
        asset = hashes[uri]
        if asset is not None:
            seconds = float(asset.duration or 0)
            heard = notes.listened[place : place + listened]
            rows.append({"path": uri, "sha256": asset.sha256, "seconds": seconds, "listened": heard, "looked": looked})
        place += listened
    counts = {
        "voice activity.samples": notes.voiced,
        "noise.samples": notes.cleaned,
        "picture.pictures": notes.looked,
        "unsafe picture.pictures": notes.unsafe,
        "screen text.pictures": notes.read,
        "embedding.texts": sum(map(len, notes.texts)),
        "language model.prompts": len(notes.prompts),
    }
    told = {"home": home, "files": rows, "prompts": notes.prompts, "texts": notes.texts, "counts": counts}
    Path(note).write_text(json.dumps(told | {"report": report.model_dump(mode="json")}), encoding="utf-8")
