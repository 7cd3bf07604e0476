"""Each kind of bad file ends as tests/media/expected.tsv says: described, kept out of lists, or set aside with a reason code."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.contracts.media import sha
from tests.describe.library import Library, Pack
from tests.media.bad_clips import KINDS, Bad

from vitascope.backends.media import PyAvReader
from vitascope.base.content import EMPTY, Description
from vitascope.base.errors import UnreadableMedia
from vitascope.base.media import Decoded
from vitascope.base.ports.media import Limits

EXPECTED = Path(__file__).parents[2] / "media" / "expected.tsv"
CODES = {  # reasons of expected.tsv -> codes of the product, where the names differ
    "truncated-to-nothing": {"truncated"},
    "hostile-playlist": {"playlist"},
    "rare-codec-no-decoder": {"no-decoder"},
}
EMPTY_AS = {  # reasons of media that are kept out of lists -> what is said of them, one of these sets
    "silent": ({"silent"},),
    "black-silent": ({"black", "silent"},),
    "bomb-silent": ({"silent"},),
    "bomb-still": ({"still"}, {"blank"}),
}
EVIDENCE: dict[str, Callable[[Decoded], bool]] = {  # what the decode shows of an odd file that is described
    "subtitle-tracks": lambda d: bool(d.subtitles),
    "attached-picture": lambda d: d.cover is not None and not d.probe.has_video,
    "audio-only": lambda d: d.audio is not None and not d.probe.has_video,
    "truncated-but-plays": lambda d: d.decode_failures > 0 or d.cut_short is not None,
}
BOUNDS = Limits(seconds=120, memory=1 << 30, output=1 << 28)
"""What a bad file may cost: the reader stops a decode that takes more, and then the test fails."""
DAMAGED = {"corrupt-header", "truncated", "no-media", "no-samples", "header-only", "lying-header", "unknown-format", ""}
"""Codes that a file may have of which both ends are right ("either")."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PyAvReader]:
    found = PyAvReader(tmp_path_factory.mktemp("cache"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, reader: PyAvReader) -> Library:
    return Library(tmp_path_factory.mktemp("home"), reader)


def described(library: Library, path: Path) -> Description:
    """Described without any model: what is there and what is not is measured."""
    name = library.add(path)
    report = library.describer(Pack(None)).run()
    assert report.failed == 0
    return library.description(name)


def why_empty(description: Description) -> set[str]:
    assert all(f.evidence and f.evidence[0].quote for f in description.empty)
    return {f.name.removeprefix(EMPTY) for f in description.empty}


def ended(reader: PyAvReader, path: Path) -> Decoded | UnreadableMedia:
    try:
        return reader.decode(path, sha(path), BOUNDS)
    except UnreadableMedia as error:
        return error


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_each_kind(kind: Bad, library: Library, reader: PyAvReader, tmp_path: Path) -> None:
    path = tmp_path / kind.name
    kind.make(path)
    if kind.problem:
        with pytest.raises(UnreadableMedia) as caught:
            reader.decode(path, sha(path), Limits())
        assert caught.value.reason == kind.problem, caught.value
        assert caught.value.remedy
    else:
        found = described(library, path)
        assert why_empty(found) == set(kind.empty)
        assert all(word in found.summary for word in (("silent throughout",) if "silent" in kind.empty else ()))
    assert reader.worker.starts == 1


def rows() -> list[dict[str, str]]:
    """The bad group of the manifest; none where it is not there (the test then skips by its fixture)."""
    import os

    shared = Path(os.environ.get("VITASCOPE_SHARED") or EXPECTED.parents[2].parent / "shared")
    manifest = shared / "media" / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    with open(manifest, encoding="utf-8") as file:
        return [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["group"] == "bad"]


def wanted(labels: str) -> dict[str, str]:
    """The line of expected.tsv for a file's labels: the one with its detail, else the head's own."""
    with open(EXPECTED, encoding="utf-8") as file:
        lines = {(r["head"], r["detail"]): r for r in csv.DictReader(file, delimiter="\t")}
    head, _, detail = labels.partition(";")
    return lines.get((head, detail)) or lines[(head, "*")]


def test_every_label_has_an_expectation(shared: Path) -> None:
    labels = [r["labels"] for r in rows()]
    assert len(labels) > 90
    assert all(wanted(one)["expected"] in ("described", "problem", "either") for one in labels)


@pytest.mark.slow
@pytest.mark.parametrize("row", rows(), ids=lambda r: r["path"].removeprefix("dev/bad/"))
def test_every_bad_file(
    row: dict[str, str], shared: Path, library: Library, reader: PyAvReader, tmp_path: Path
) -> None:
    path = shared / "media" / row["path"]
    if row["as_name"]:
        path = Path(shutil.copy(path, tmp_path / row["as_name"]))
    expected = wanted(row["labels"])
    decoded = ended(reader, path)
    assert reader.worker.starts == 1  # no file takes the decoder down
    if isinstance(decoded, UnreadableMedia):
        assert expected["expected"] != "described", decoded
        assert decoded.remedy
        reason = expected["reason"]
        right = DAMAGED if expected["expected"] == "either" else CODES.get(reason, {reason})
        assert decoded.reason in right, decoded
        return
    assert expected["expected"] != "problem"
    found = described(library, path)
    if expected["listed"] == "no":
        assert why_empty(found) in EMPTY_AS[expected["reason"]]
    elif expected["listed"] == "yes":
        assert why_empty(found) == set()
    if expected["reason"] in EVIDENCE:
        assert EVIDENCE[expected["reason"]](decoded)
    if "bomb" in row["labels"]:
        assert sum(f.stat().st_blocks * 512 for f in (reader._folder / decoded.sha256).rglob("*")) < 40 << 20
