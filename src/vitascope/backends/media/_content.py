"""What a file's streams hold, as one hash that a new container or a changed tag leaves as it is. Runs in the worker only.

Takes the packets as they are demuxed; gives a digest. It decodes nothing. Two files with one digest give one decode: the same
packets in the same order, of the same codecs and sizes, shown the same way up, starting and ending at the same tenth of a second.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


class Content:
    """Hashes of the streams of one file."""

    def __init__(self) -> None:
        self._hashes: dict[int, Any] = {}
        self._times: dict[int, list[float]] = {}

    def add(self, packet: Any, zero: float) -> None:
        """Take a packet, in the order of its stream."""
        if not packet.size:
            return
        index = packet.stream.index
        if index not in self._hashes:
            self._hashes[index] = hashlib.blake2b(digest_size=32)
        self._hashes[index].update(memoryview(packet))
        base = packet.time_base or packet.stream.time_base
        if packet.pts is not None and base:
            at = round(packet.pts * base.numerator / base.denominator - zero, 1)
            times = self._times.setdefault(index, [at, at])
            times[0], times[1] = min(times[0], at), max(times[1], at)

    def digest(self, streams: Sequence[Any], rotations: Mapping[int, int]) -> str:
        """Of these streams, in this order; "" where none gave anything."""
        said = []
        for stream in streams:
            if stream.index not in self._hashes:
                continue
            context = stream.codec_context
            said.append(
                (
                    stream.type,
                    context.name,
                    [getattr(context, name, None) for name in ("width", "height", "sample_rate", "channels")],
                    rotations.get(stream.index, 0),
                    self._times.get(stream.index),
                    self._hashes[stream.index].hexdigest(),
                )
            )
        return hashlib.sha256(json.dumps(said).encode()).hexdigest() if said else ""
