"""Fetches the pieces a pack is missing: local folders first, then each piece's sources in order, three archives at a time.

Takes pieces and a blob store; gives nothing back but a filled store, or one error that says what each source said. An
archive that holds several pieces is fetched once for all of them. It does not know roles or runtimes.
"""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vitascope.base.errors import ChecksumRefused, FetchError, SourceUnavailable

from ._archives import file_hash, mismatch, take
from ._index import download, fetch_archive, pip_settings
from ._pack import FIRST_USE, FolderSource, HuggingFaceSource, PackageSource, Piece, Source
from ._store import BlobStore

Stage = Literal["fetch", "done", "join", "derive"]
_AT_ONCE = 3


@dataclass(frozen=True)
class PullProgress:
    """How far a pull is: bytes over everything that was missing when it began."""

    stage: Stage
    what: str
    done: int
    total: int


Progress = Callable[[PullProgress], None]


@dataclass(frozen=True)
class Want:
    """A missing piece, the name it goes by, and the model it belongs to."""

    piece: Piece
    name: str
    model: str


def source_key(source: Source) -> str:
    """What a first-use hash is written down under."""
    if isinstance(source, HuggingFaceSource):
        return f"huggingface:{source.huggingface}@{source.revision}:{source.path}"
    if isinstance(source, PackageSource):
        return f"package:{source.package}:{source.path}"
    if isinstance(source, FolderSource):
        return f"folder:{source.folder}:{source.path}"
    return f"installed:{source.installed}:{source.path}"


def piece_hash(piece: Piece, pins: dict[str, str]) -> str | None:
    """The hash a piece must have: stated, or written down at first use; None before that."""
    if piece.sha256 != FIRST_USE:
        return piece.sha256
    return next((pins[k] for s in piece.sources if (k := source_key(s)) in pins), None)


class Counter:
    """Adds up what several downloads do and tells `progress`, one call at a time."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress = total, progress
        self._parts: dict[str, int] = {}
        self._lock = threading.Lock()

    def set(self, key: str, done: int, stage: Stage, what: str) -> None:
        with self._lock:
            self._parts[key] = done
            if self._progress:
                self._progress(PullProgress(stage, what, min(sum(self._parts.values()), self._total), self._total))


class Puller:
    """One pull into one store."""

    def __init__(self, store: BlobStore, folders: Sequence[Path], *, offline: bool, progress: Progress | None) -> None:
        self._store, self._folders, self._offline, self._progress = store, folders, offline, progress

    def pull(self, wants: Sequence[Want]) -> int:
        """Fetch all; gives the bytes fetched. Raises FetchError naming what is missing after every source was asked."""
        counter = Counter(sum(w.piece.bytes for w in wants), self._progress)
        faults: dict[int, list[FetchError]] = {i: [] for i in range(len(wants))}
        missing = [i for i, want in enumerate(wants) if not self._from_folders(want, faults[i], counter)]
        fetched = len(wants) - len(missing)
        turn = 0
        while missing and turn < max(len(wants[i].piece.sources) for i in missing):
            groups: dict[str, list[int]] = {}
            for i in missing:
                if turn < len(wants[i].piece.sources):
                    groups.setdefault(_archive_of(wants[i].piece.sources[turn]), []).append(i)
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="pull") as pool:
                jobs = [
                    pool.submit(self._group, key, [wants[i] for i in ids], turn, counter) for key, ids in groups.items()
                ]
                for ids, job in zip(groups.values(), jobs, strict=True):
                    for i, fault in zip(ids, job.result(), strict=True):
                        if fault is not None:
                            faults[i].append(fault)
            pins = self._store.pins()
            still = [i for i in missing if (h := piece_hash(wants[i].piece, pins)) is None or not self._store.intact(h)]
            fetched += len(missing) - len(still)
            missing, turn = still, turn + 1
        if missing:
            raise self._refusal([(wants[i], faults[i]) for i in missing])
        return sum(w.piece.bytes for w in wants) if fetched else 0

    def _from_folders(self, want: Want, faults: list[FetchError], counter: Counter) -> bool:
        for folder in self._folders:
            for path, own in _places(folder, want):
                # a first-use file is only taken from a folder named after its model: a bare name could be another's
                if not path.is_file() or (want.piece.sha256 == FIRST_USE and not own):
                    continue
                if (
                    want.piece.sha256 != FIRST_USE
                    and path.stat().st_size != want.piece.bytes
                    and path == folder / want.name
                ):
                    continue  # another model's file of that plain name
                try:
                    self._put(path, want)
                except ChecksumRefused as error:
                    faults.append(error)
                    continue
                counter.set(want.name + want.piece.sha256, want.piece.bytes, "done", want.name)
                return True
        return False

    def _put(self, path: Path, want: Want) -> None:
        if want.piece.sha256 != FIRST_USE:
            with path.open("rb") as stream:
                self._store.put(stream, want.piece.sha256, want.piece.bytes, str(path))
            return
        if (size := path.stat().st_size) > (most := most_bytes(want.piece)):
            raise mismatch(str(path), f"it has {size} bytes where about {want.piece.bytes} are stated, {most} at most")
        sha256 = file_hash(path)
        known = piece_hash(want.piece, self._store.pins())
        with path.open("rb") as stream:
            self._store.put(stream, known or sha256, None, str(path))
        for source in want.piece.sources if known is None else ():
            self._store.pin(source_key(source), sha256)

    def _group(self, key: str, wants: Sequence[Want], turn: int, counter: Counter) -> list[FetchError | None]:
        """Fetch one archive and take all its pieces; a fault for each piece it did not give."""
        size = sum(w.piece.bytes for w in wants)
        what = key.partition("\0")[0]

        def tick(done: int, total: int) -> None:
            if total:
                counter.set(key, min(size, size * done // total), "fetch", what)

        with self._store.lock(key):
            pins = self._store.pins()
            here = [(h := piece_hash(w.piece, pins)) is not None and self._store.intact(h) for w in wants]
            faults: list[FetchError | None] = [None] * len(wants)
            if not all(here):
                with self._store.scratch() as scratch:
                    try:
                        source = wants[0].piece.sources[turn]
                        archive = self._fetch(source, wants[0].piece, scratch, tick)
                    except FetchError as error:
                        return [None if h else error for h in here]
                    for i, want in enumerate(wants):
                        if here[i]:
                            continue
                        try:
                            faults[i] = None
                            self._take(archive, want, want.piece.sources[turn], scratch)
                        except FetchError as error:
                            faults[i] = error
            counter.set(key, size, "done", what)
            return faults

    def _fetch(self, source: Source, piece: Piece, scratch: Path, tick: Callable[[int, int], None]) -> Path:
        if isinstance(source, PackageSource):
            base = pip_settings()
            folders = tuple(str(f) for f in self._folders if f.is_dir())
            settings = dataclasses.replace(base, find_links=folders + base.find_links)
            if self._offline:
                settings = settings.local_only()
            return fetch_archive(source.name, source.version, scratch, sdist=source.sdist, tick=tick, settings=settings)
        if isinstance(source, FolderSource):
            if not (path := source.folder / source.path).is_file():
                raise SourceUnavailable(
                    "it is not there", place=str(path), remedy="correct the folder in the pack's file"
                )
            return path
        if self._offline:
            raise SourceUnavailable(
                "downloads are switched off", place=str(source), remedy="go online and run it again"
            )
        if isinstance(source, HuggingFaceSource):
            hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
            url = f"{hub}/{source.huggingface}/resolve/{source.revision}/{source.path}"
            return download(url, scratch, source.path.rsplit("/", 1)[-1], limit=most_bytes(piece), tick=tick)
        raise SourceUnavailable(
            f"it comes with the dependency {source.installed}", place=source.path, remedy="install Vitascope again"
        )

    def _take(self, archive: Path, want: Want, source: Source, scratch: Path) -> None:
        if not isinstance(source, PackageSource):
            self._put(archive, want)
            return
        out = scratch / "piece"
        stated = want.piece.sha256 != FIRST_USE
        take(archive, source.path, out, sha256=want.piece.sha256, size=want.piece.bytes if stated else None)
        self._put(out, want)
        out.unlink()

    def _refusal(self, missing: Sequence[tuple[Want, list[FetchError]]]) -> FetchError:
        names = ", ".join(f"{w.model}/{w.name}" for w, _ in missing)
        said = [error for _, errors in missing for error in errors]
        refused = next((e for e in said if isinstance(e, ChecksumRefused)), None)
        if refused is not None:
            return ChecksumRefused(f"{names}: {refused.thing}", place=refused.place, remedy=refused.remedy)
        if self._offline:
            place = "the folders in VITASCOPE_MODEL_SOURCES" if self._folders else None
            remedy = "go online and run it again, or put the files in a folder named in VITASCOPE_MODEL_SOURCES"
            return SourceUnavailable(f"{names}: not there, and downloads are switched off", place=place, remedy=remedy)
        told = "; ".join(dict.fromkeys(e.thing for e in said)) or "no source is named for it"
        return SourceUnavailable(
            f"{names} could not be had: {told}",
            remedy="check the network and pip's index settings and run it again; what is complete is kept",
        )


def _archive_of(source: Source) -> str:
    """What is fetched as one: an archive for a package, the file itself otherwise."""
    if isinstance(source, PackageSource):
        return f"{source.package}{' (sdist)' if source.sdist else ''}"
    return source_key(source)


def most_bytes(piece: Piece) -> int:
    """The most bytes that are believed to be that piece: what is stated, with room where only about is known."""
    return piece.bytes if piece.sha256 != FIRST_USE else 2 * piece.bytes + (16 << 20)


def _places(folder: Path, want: Want) -> list[tuple[Path, bool]]:
    """Where an operator's folder may hold a piece, and whether that place is the model's own.

    By its hash, below the model's name, below OWNER/REPO as Hugging Face names it, in a copy of its hub cache
    (models--OWNER--REPO/snapshots/REVISION), or by a plain name.
    """
    places = [(folder / want.piece.sha256, False), (folder / want.model / want.name, True)]
    for source in want.piece.sources:
        if isinstance(source, HuggingFaceSource):
            places.append((folder / source.huggingface / source.path, True))
            hub = folder / f"models--{source.huggingface.replace('/', '--')}"
            names = [source.revision]
            ref = hub / "refs" / source.revision
            if ref.is_file() and ref.stat().st_size < 200:
                names.append(ref.read_text("ascii", "replace").strip())
            places += [(hub / "snapshots" / name / source.path, True) for name in names if "/" not in name]
    names = [want.name, *(s.path.replace("!", "/").rsplit("/", 1)[-1] for s in want.piece.sources)]
    return places + [(folder / name, False) for name in dict.fromkeys(names)]
