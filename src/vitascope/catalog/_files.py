"""One media file to one asset record: sniff, hash, decode once. And the walk through a folder.

Takes paths, gives `Taken` or raises an InputError that names the remedy. Knows no item and writes to no store.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vitascope.base.errors import InputError, UnreadableMedia
from vitascope.base.media import Decoded
from vitascope.base.ports.media import Limits, MediaReader
from vitascope.base.ports.stores import AssetDraft

MEDIA = frozenset(
    """
        .3g2 .3gp .aa .aac .aax .ac3 .aif .aifc .aiff .alac .amr .ape .asf .au .avi .caf .divx .dts .dv .f4v
        .flac .flv .gsm .m1v .m2ts .m2v .m4a .m4b .m4v .mid .midi .mka .mkv .mka .mov .mp1 .mp2 .mp3
        .mp4 .mpa .mpc .mpe .mpeg .mpg .mts .mxf .oga .ogg .ogm .ogv .opus .qt .ra .ram .rm .rmvb .snd .spx
        .tak .ts .tta .vob .voc .w64 .wav .weba .webm .wma .wmv .wtv .wv
    """.split()
)
"""Extensions under which a file in a folder claims to be media: what cannot be read is a problem, not skipped."""

_MAGIC = (
    b"\x1aE\xdf\xa3",
    b"OggS",
    b"fLaC",
    b"ID3",
    b"FLV\x01",
    b"\x30\x26\xb2\x75",
    b".RMF",
    b"FORM",
    b"caff",
    b"MAC ",
    b"wvpk",
)


@dataclass(frozen=True)
class Found:
    """A regular file in a folder."""

    path: Path
    bytes: int
    modified: float


@dataclass(frozen=True)
class Taken:
    """A file that was read."""

    asset: AssetDraft
    decoded: Decoded


def walk(root: Path) -> Iterator[tuple[Path, list[Found], frozenset[str], list[tuple[Path, str]]]]:
    """Folder by folder in order of name: (the folder, media files, all names there, (place, why) of what could not be listed).

    Hidden folders, links to folders and anything that is no regular file are left out; a hidden file counts where its
    extension is a media file's (not the shadows that macOS and Android leave).
    """
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        media: list[Found] = []
        names: list[str] = []
        failed: list[tuple[Path, str]] = []
        below: list[Path] = []
        try:
            entries = sorted(os.scandir(folder), key=lambda e: os.fsencode(e.name))
        except OSError as error:
            yield folder, [], frozenset(), [(folder, error.strerror or "not readable")]
            continue
        for entry in entries:
            names.append(entry.name)
            try:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        below.append(Path(entry.path))
                    continue
                if entry.name.startswith(("._", ".trashed-", ".vitascope")):
                    continue
                status = entry.stat()
                if stat.S_ISREG(status.st_mode) and claims_media(Path(entry.path), entry.name.startswith(".")):
                    media.append(Found(Path(entry.path), status.st_size, status.st_mtime))
            except OSError as error:  # a link that points nowhere, a file that vanished while we looked
                if Path(entry.name).suffix.lower() in MEDIA:
                    failed.append((Path(entry.path), error.strerror or "not readable"))
        waiting.extend(reversed(below))
        yield folder, media, frozenset(names), failed


def claims_media(path: Path, hidden: bool = False) -> bool:
    """By its extension, else (no known extension) by its first bytes."""
    suffix = path.suffix.lower()
    if suffix in MEDIA:
        return True
    if hidden or suffix in _OTHER:
        return False
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError:
        return False
    return media_magic(head)


_OTHER = frozenset(
    """
        .txt .md .nfo .srt .vtt .ass .ssa .lrc .sub .idx .jpg .jpeg .png .gif .webp .bmp .svg .pdf .doc
        .docx .xls .xlsx .ppt .pptx .odt .html .htm .css .js .py .json .jsonl .csv .tsv .xml .rss .opml
        .parquet .zip .gz .tar .7z .rar .db .sqlite .log .ini .toml .yaml .yml .cue .m3u .m3u8 .xspf .pls .exe .dll .so
        .iso .part .crdownload .tmp .torrent .url .ds_store
    """.split()
)


def media_magic(head: bytes) -> bool:
    """Whether the first 16 bytes are those of a media container."""
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide"} or head.startswith(_MAGIC):
        return True
    return head[:4] in {b"RIFF", b"RF64"} and head[8:12] in {b"WAVE", b"AVI "}


def relative_name(root: Path, path: Path) -> str:
    """The path below the root with "/" between its parts and Unicode in normal form C."""
    return unicodedata.normalize("NFC", path.relative_to(root).as_posix())


def item_id_of(root_id: str, name: str) -> str:
    """`f_` and 20 hex digits of SHA-256 over the root's id and the normalised relative path."""
    data = f"{root_id}\n{name}".encode("utf-8", "surrogateescape")
    return "f_" + hashlib.sha256(data).hexdigest()[:20]


def hashed(path: Path) -> tuple[str, os.stat_result]:
    """SHA-256 of a regular file, and its status. Raises InputError where it cannot be read or changes meanwhile."""
    try:
        before = os.stat(path)
        if not stat.S_ISREG(before.st_mode):
            raise InputError("it is no regular file", place=str(path), remedy="name a file or a folder")
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        after = os.stat(path)
    except OSError as error:
        raise UnreadableMedia(
            f"the file cannot be read ({error.strerror})",
            place=str(path),
            remedy="check that it exists and may be read",
            reason="no-access",
        ) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise InputError("the file is being written", place=str(path), remedy="ingest it again when it is complete")
    return digest.hexdigest(), after


def take(path: Path, reader: MediaReader, limits: Limits, known: tuple[str, os.stat_result] | None = None) -> Taken:
    """Hash and decode one file. Raises InputError (UnreadableMedia) with the remedy."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise InputError(
            "the file's name is no valid UTF-8", place=str(path), remedy="rename it (convmv does so for many)"
        ) from None
    sha256, status = known or hashed(path)
    if status.st_size == 0:
        raise UnreadableMedia(
            "the file is empty (0 bytes)", place=str(path), remedy="get a complete copy", reason="zero-bytes"
        )
    decoded = reader.decode(path, sha256, limits)
    return Taken(
        asset=AssetDraft(
            uri=os.path.abspath(path),
            sha256=sha256,
            bytes=status.st_size,
            modified=status.st_mtime,
            probe=decoded.probe,
            duration=decoded.duration,
            loudness=decoded.loudness,
        ),
        decoded=decoded,
    )
