"""What the one decode of a file costs against a plain PyAV loop that decodes the same streams and keeps nothing.

    python -m benchmarks.decode FILE... > benchmarks/reports/decode.md

Prints CPU seconds per minute of media. The bundle holds shots, key frames, hashes, PCM at 16 kHz, loudness, prints.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from vitascope.base.ports.media import Limits


def floor(path: Path) -> float:
    """CPU seconds of decoding every frame and keeping none."""
    import av

    began = time.process_time()
    with av.open(str(path)) as container:
        streams = [*container.streams.video[:1], *container.streams.audio[:1]]
        for stream in streams:
            stream.thread_type = "AUTO"
        for packet in container.demux(*streams):
            packet.decode()
    return time.process_time() - began


def bundle(path: Path) -> tuple[float, float]:
    """(CPU seconds, media seconds) of the whole bundle, in this process."""
    from vitascope.backends.media._decode import decode

    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        made = decode(path, "0" * 64, Path(folder), Limits())
        return time.process_time() - began, float(made.duration)


def main() -> None:
    """Measure each file, the best of three."""
    import av
    import cv2

    av.logging.set_level(None)
    cv2.setNumThreads(1)
    paths = [Path(p) for p in sys.argv[1:]]
    bundle(paths[0])  # imports are not what is measured
    print("# Cost of the one decode\n\nCPU seconds per minute of media, best of three.\n")
    print("    python -m benchmarks.decode FILE...\n")
    print("| file | seconds | plain loop | whole bundle | ratio |\n| --- | --- | --- | --- | --- |")
    for path in paths:
        plain = min(floor(path) for _ in range(3))
        runs = [bundle(path) for _ in range(3)]
        cost, seconds = min(runs)
        minute = 60 / seconds
        print(f"| {path.name} | {seconds:.1f} | {plain * minute:.2f} | {cost * minute:.2f} | {cost / plain:.1f} |")


if __name__ == "__main__":
    main()
