"""Keeps models loaded while they are used: lazy load under a lock, time-to-live, a bound on memory, one retry when damaged.

Takes loaders (how to load, how heavy, how to close); gives the loaded thing for the length of a `with`. It knows nothing of
what a model means or of files.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from vitascope.base.errors import ModelError, ModelFailed

T = TypeVar("T")


@dataclass(frozen=True)
class Loader(Generic[T]):
    """How one model is loaded.

    Attributes:
        key: one loaded model per key.
        bytes: what it is counted with while loaded.
        load: loads it; slow, may raise ModelError.
        close: frees what garbage collection does not (a child process).
        renew: called after a failed load; True when something damaged was replaced, so that loading is worth one retry.
    """

    key: str
    bytes: int
    load: Callable[[], T]
    close: Callable[[T], None] | None = None
    renew: Callable[[], bool] | None = None


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    thing: Any = None
    loaded: bool = False
    bytes: int = 0
    users: int = 0
    last: float = 0.0
    close: Callable[[Any], None] | None = None


@dataclass(frozen=True)
class Loaded:
    """One loaded model, for `status`."""

    key: str
    bytes: int
    users: int
    idle_s: float


class Keeper:
    """Holds loaded models.

    Args:
        ttl_s: an unused model is unloaded after so long.
        memory_bytes: before a model is loaded, the longest unused ones go until it fits. A model in use is never
            unloaded, so the bound can be passed while several are in use at once.
        clock: seconds, monotonic; tests pass their own.
    """

    def __init__(
        self, ttl_s: float = 600.0, memory_bytes: int = 3 << 30, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ttl, self._bound, self._clock = ttl_s, memory_bytes, clock
        self._slots: dict[str, _Slot] = {}
        self._changed = threading.Condition()
        self._sweeper: threading.Thread | None = None

    @contextlib.contextmanager
    def hold(self, loader: Loader[T]) -> Iterator[T]:
        """The loaded model, kept for the length of the `with`; loaded once however many threads ask."""
        with self._changed:
            slot = self._slots.setdefault(loader.key, _Slot())
            slot.users += 1
        try:
            with slot.lock:
                if not slot.loaded:
                    self._make_room(loader.bytes)
                    slot.thing = self._load(loader)
                    slot.bytes = loader.bytes
                    slot.close = cast("Callable[[Any], None] | None", loader.close)
                    slot.loaded = True
                thing = cast(T, slot.thing)
            yield thing
        finally:
            with self._changed:
                slot.users -= 1
                slot.last = self._clock()
                self._start_sweeper()
                self._changed.notify_all()

    def loaded(self) -> tuple[Loaded, ...]:
        """What is loaded now."""
        with self._changed:
            now = self._clock()
            return tuple(
                Loaded(key, s.bytes, s.users, 0.0 if s.users else now - s.last)
                for key, s in self._slots.items()
                if s.loaded
            )

    def drop(self, key: str) -> None:
        """Unload that model if nobody uses it (a child process that died is started anew at the next call)."""
        with self._changed:
            slot = self._slots.get(key)
            free = slot is not None and slot.loaded and slot.users == 0
        if free and slot is not None:
            self._unload(slot)

    def sweep(self) -> None:
        """Unload what was not used for its time-to-live."""
        with self._changed:
            now = self._clock()
            old = [s for s in self._slots.values() if s.loaded and s.users == 0 and now - s.last >= self._ttl]
        for slot in old:
            self._unload(slot)

    def close(self) -> None:
        """Unload everything that nobody uses, and stop sweeping."""
        with self._changed:
            slots = [s for s in self._slots.values() if s.loaded and s.users == 0]
        for slot in slots:
            self._unload(slot)
        with self._changed:
            self._changed.notify_all()

    # -- inside -----------------------------------------------------------------------------------------------------

    def _load(self, loader: Loader[T]) -> T:
        try:
            return loader.load()
        except ModelError:
            raise
        except Exception as first:
            why = first
        if loader.renew is not None and loader.renew():
            try:
                return loader.load()
            except ModelError:
                raise
            except Exception as again:
                why = again
        raise ModelFailed(
            f"the model could not be loaded: {type(why).__name__}: {str(why)[:200]}",
            place=loader.key,
            remedy="run `vitascope models verify`; if the files are whole, the machine may lack memory",
        ) from why

    def _make_room(self, size: int) -> None:
        while True:
            with self._changed:
                loaded = [s for s in self._slots.values() if s.loaded]
                idle = sorted((s for s in loaded if s.users == 0), key=lambda s: s.last)
                if not idle or sum(s.bytes for s in loaded) + size <= self._bound:
                    return
                oldest = idle[0]
            self._unload(oldest)

    def _unload(self, slot: _Slot) -> None:
        with slot.lock, self._changed:
            if slot.users or not slot.loaded:
                return
            thing, slot.thing, slot.loaded = slot.thing, None, False
            close = slot.close
        if close is not None:
            with contextlib.suppress(Exception):
                close(thing)

    def _start_sweeper(self) -> None:
        if self._sweeper is None or not self._sweeper.is_alive():
            self._sweeper = threading.Thread(target=self._sweep_until_empty, name="model-keeper", daemon=True)
            self._sweeper.start()

    def _sweep_until_empty(self) -> None:
        """Sleeps until the next model's time is over; ends when nothing is loaded."""
        while True:
            with self._changed:
                loaded = [s for s in self._slots.values() if s.loaded]
                if not loaded:
                    self._sweeper = None
                    return
                idle = [s.last + self._ttl for s in loaded if s.users == 0]
                wait = max(0.0, min(idle) - self._clock()) if idle else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
            self.sweep()
