"""The life cycle of models, with loaders that count: loaded once, unloaded when idle or in the way, one retry when damaged."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from vitascope.backends.runtimes import Keeper, Loader
from vitascope.base.errors import ModelFailed, ModelMissing


class Counted:
    """A loader's load, its closes, and what it should do."""

    def __init__(self, key: str, size: int = 1, fail: int = 0, renewed: bool = True) -> None:
        self.loads = self.closes = 0

        def load() -> str:
            self.loads += 1
            if self.loads <= fail:
                raise RuntimeError("damaged")
            return key

        def close(_: str) -> None:
            self.closes += 1

        self.loader = Loader(key, size, load, close, lambda: renewed)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_many_threads_load_a_model_once() -> None:
    keeper, model, start = Keeper(), Counted("a"), threading.Barrier(8)

    def use(_: int) -> str:
        start.wait()
        with keeper.hold(model.loader) as thing:
            return thing

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(use, range(8))) == {"a"}
    assert model.loads == 1
    keeper.close()
    assert model.closes == 1
    assert keeper.loaded() == ()


def test_an_idle_model_goes_after_its_time_and_one_in_use_stays() -> None:
    clock = Clock()
    keeper, model = Keeper(ttl_s=10, clock=clock), Counted("a")
    with keeper.hold(model.loader):
        clock.now = 100
        keeper.sweep()
        assert model.closes == 0
    clock.now = 109
    keeper.sweep()
    assert model.closes == 0
    clock.now = 110
    keeper.sweep()
    assert model.closes == 1
    with keeper.hold(model.loader):
        assert model.loads == 2
    keeper.close()


def test_the_longest_unused_model_makes_room() -> None:
    clock = Clock()
    keeper = Keeper(ttl_s=1e6, memory_bytes=10, clock=clock)
    old, new, big = Counted("old", 4), Counted("new", 4), Counted("big", 6)
    for model in (old, new, big):
        clock.now += 1
        with keeper.hold(model.loader):
            pass
    assert (old.closes, new.closes) == (1, 0)
    assert [m.key for m in keeper.loaded()] == ["new", "big"]
    with keeper.hold(new.loader), keeper.hold(big.loader), keeper.hold(old.loader) as thing:
        assert thing == "old"  # all in use: the bound gives way, nobody waits for ever
    keeper.close()


def test_a_damaged_model_is_tried_once_more() -> None:
    keeper = Keeper()
    with keeper.hold(Counted("a", fail=1).loader) as thing:
        assert thing == "a"
    twice = Counted("b", fail=2)
    with pytest.raises(ModelFailed, match="models verify"), keeper.hold(twice.loader):
        pass
    assert twice.loads == 2
    whole = Counted("c", fail=1, renewed=False)
    with pytest.raises(ModelFailed), keeper.hold(whole.loader):
        pass
    assert whole.loads == 1  # its files are whole: trying again would only fail again
    keeper.close()


def test_a_missing_model_says_so_itself() -> None:
    def load() -> str:
        raise ModelMissing("not here", remedy="pull it")

    with pytest.raises(ModelMissing), Keeper().hold(Loader("a", 1, load)):
        pass
