"""Cuts a stretch out of a media file without decoding it, in a process of its own: what is on air in a file played as live.

    python -m vitascope.backends.media._stretch IN OUT START SECONDS

Packets of the first picture and the first sound stream are copied, from the key frame before START on.
"""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from vitascope.base.errors import UnreadableMedia

_SECONDS = 60.0
"""Wall-clock time of one cut."""


def cut(path: Path, out: Path, start: float, seconds: float) -> None:
    """Write a stretch of a file to `out` (Matroska). Raises UnreadableMedia."""
    command = [sys.executable, "-P", "-m", "vitascope.backends.media._stretch"]
    try:
        done = subprocess.run(
            [*command, str(path), str(out), repr(start), repr(seconds)],
            timeout=_SECONDS,
            capture_output=True,
            check=False,
        )
        failed = done.returncode != 0 or not out.exists() or not out.stat().st_size
    except subprocess.TimeoutExpired:
        failed = True
    if failed:
        out.unlink(missing_ok=True)
        raise UnreadableMedia(
            "no stretch can be cut out of it", place=str(path), remedy="try another file or container"
        )


def _main(source: str, target: str, start: float, seconds: float) -> None:
    import av

    with av.open(source) as given, av.open(target, "w", format="matroska") as made:
        streams = [*given.streams.video[:1], *given.streams.audio[:1]]
        copies = {s.index: made.add_stream_from_template(s) for s in streams}
        if start > 0:
            given.seek(int(start * 1_000_000), backward=True)
        first: Fraction | None = None
        for packet in given.demux(streams):
            if packet.dts is None or packet.time_base is None:
                continue
            at = Fraction(packet.dts) * packet.time_base
            first = at if first is None else first
            if at >= Fraction(start + seconds) and at - first >= 1:
                break
            shift = int(first / packet.time_base)
            packet.dts -= shift
            packet.pts = packet.dts if packet.pts is None else packet.pts - shift
            packet.stream = copies[packet.stream.index]
            made.mux(packet)


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
