"""Cuts and fades are found to the picture; flashes, pans and repeated pictures are none."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest

from vitascope.backends.media._shots import ShotFinder

Image = npt.NDArray[np.uint8]


def scene(seed: int, x: int = 0) -> Image:
    """A textured place, wider than the picture, seen from x on."""
    random = np.random.default_rng(seed)
    coarse = random.integers(20, 236, (9, 30, 3)).astype(np.float32)
    wide = np.kron(coarse, np.ones((12, 12, 1), np.float32))
    return np.asarray(wide[:, x : x + 192], np.uint8)


def starts(frames: list[Image], rate: int = 25, sparse: bool = False) -> list[float]:
    finder = ShotFinder(rate, sparse)
    for number, frame in enumerate(frames):
        finder.feed(Fraction(number, rate), frame)
    shots = finder.shots(Fraction(len(frames), rate))
    assert shots[0].start == 0
    assert all(a.end == b.start for a, b in itertools.pairwise(shots))
    return [float(s.start) for s in shots[1:]]


def moving(seed: int, count: int, speed: int = 1) -> list[Image]:
    return [scene(seed, speed * i % 160) for i in range(count)]


@pytest.mark.parametrize("rate", [5, 25, 60])
def test_a_cut_is_the_picture_that_opens_the_shot(rate: int) -> None:
    first, second = [scene(1)] * (2 * rate), [scene(2)] * (2 * rate)
    assert starts([*first, *second], rate) == [2.0]


def test_between_moving_pictures() -> None:
    assert starts([*moving(1, 40, 2), *moving(2, 40, 3)]) == [1.6]


def test_slides_are_shots_however_long_they_stand() -> None:
    assert starts([*[scene(1)] * 100, *[scene(2)] * 100, *[scene(3)] * 100]) == [4.0, 8.0]


@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("strength", [0.6, 1.0])
def test_a_flash_is_no_cut(length: int, strength: float) -> None:
    frames = moving(1, 60)
    for i in range(30, 30 + length):
        frames[i] = np.asarray(frames[i] * (1 - strength) + 255 * strength, np.uint8)
    assert starts(frames) == []


def test_a_whip_pan_is_no_cut_also_where_pictures_are_repeated() -> None:
    places = [0] * 30 + list(range(0, 84, 14)) + [84] * 30
    assert starts([scene(1, x) for x in places]) == []
    assert starts([f for x in places for f in (scene(1, x),) * 2]) == []


@pytest.mark.parametrize("ground", [0, 255])
@pytest.mark.parametrize("hold", [1, 10])
def test_a_fade_is_one_boundary_in_its_middle(ground: int, hold: int) -> None:
    first, second, out = moving(1, 30), moving(2, 30), 12
    down = [np.asarray(first[-1] * (1 - i / out) + ground * i / out, np.uint8) for i in range(1, out + 1)]
    up = [np.asarray(second[0] * (i / out) + ground * (1 - i / out), np.uint8) for i in range(out)]
    flat = [np.full_like(first[0], ground)] * hold
    found = starts([*first, *down, *flat, *up, *second])
    assert len(found) == 1
    assert abs(found[0] - (30 + out + hold / 2) / 25) < 0.1


def test_long_black_between_cuts_keeps_its_ends() -> None:
    black = [np.zeros_like(scene(1))] * 40
    assert starts([*moving(1, 30), *black, *moving(2, 30)]) == [1.2, 2.8]


def test_a_light_that_is_switched_on_is_no_cut() -> None:
    dark = [np.asarray(f * 0.5, np.uint8) for f in moving(1, 40)]
    assert starts([*dark, *moving(1, 80)[40:]]) == []


def test_key_frames_seconds_apart() -> None:
    assert starts([scene(1), scene(1), scene(2), scene(2)], rate=1, sparse=True) == [2.0]


def test_every_end_of_a_film() -> None:
    assert ShotFinder(25).shots(Fraction(0)) == ()
    assert starts([scene(1)]) == []
    assert starts([*[np.zeros_like(scene(1))] * 20, *moving(1, 30)]) == [], "a film that fades in"
    assert starts([*moving(1, 60), scene(2)]) == [], "too short to be seen"
