"""What counts as a copy, and what finding copies costs, on made prints and sounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from tests.media import make_clips

from vitascope.backends.media._sound import audio_print
from vitascope.base.ports.stores import Fingerprint
from vitascope.base.records import AssetKey, ItemKey
from vitascope.base.time import media_time
from vitascope.catalog._neardup import MOST_CHECKS, Index, Match

Sound = npt.NDArray[np.int16]


def voice(seconds: float, seed: int) -> Sound:
    """A melody with a breath of noise that never repeats."""
    noise = np.random.default_rng(seed).normal(0, 300, int(seconds * make_clips.RATE))
    return np.asarray(make_clips.sound(seconds, seed)[: len(noise)] + noise, np.int16)


def faster(sound: Sound, factor: float) -> Sound:
    """Faster and higher."""
    return np.asarray(np.interp(np.arange(0, len(sound) - 1, factor), np.arange(len(sound)), sound), np.int16)


def film(rows: int, seed: int) -> npt.NDArray[np.uint64]:
    """Picture hashes of a film that changes every second."""
    some = np.random.default_rng(seed).integers(1, 1 << 63, (rows // 4 + 1, 3), dtype=np.uint64)
    return np.repeat(some, 4, axis=0)[:rows]


def fingerprint(key: int, sound: Sound | None = None, pictures: npt.NDArray[np.uint64] | None = None) -> Fingerprint:
    """As the catalogue keeps it."""
    seconds = len(sound) / make_clips.RATE if sound is not None else len(pictures if pictures is not None else ()) / 4
    return Fingerprint(
        asset=AssetKey(key),
        item=ItemKey(key),
        duration=media_time(seconds),
        picture=b"" if pictures is None else pictures.astype("<u8").tobytes(),
        picture_step=0.25,
        audio=b"" if sound is None else audio_print(sound).tobytes(),
        audio_step=0.04,
    )


def between(one: Fingerprint, other: Fingerprint) -> Match | None:
    """What the first is told of the second."""
    return next((m for m in Index([one, other]).matches(one) if m.other == other.asset), None)


@pytest.mark.parametrize("percent", [-6, -3, 3, 6])
@pytest.mark.parametrize("seed", [3, 4])
def test_a_little_faster_and_higher_is_a_copy(percent: int, seed: int) -> None:
    sound = voice(12, seed)
    one, other = fingerprint(1, sound), fingerprint(2, faster(sound, 1 + percent / 100))
    there, back = between(one, other), between(other, one)
    assert there is not None
    assert there.whole
    assert back is not None
    assert back.whole


def test_others_and_silence_are_no_copies() -> None:
    assert between(fingerprint(1, voice(12, 5)), fingerprint(2, voice(12, 6))) is None
    silent = np.zeros(12 * make_clips.RATE, np.int16)
    assert between(fingerprint(1, silent), fingerprint(2, silent)) is None


def test_a_recording_under_another_one_is_a_shared_stretch() -> None:
    sound, other = voice(12, 7), voice(5, 8)
    mixed = sound.copy()
    mixed[: len(other)] = (sound[: len(other)] // 2 + other // 2).astype(np.int16)
    found = between(fingerprint(1, sound), fingerprint(2, mixed))
    assert found is not None
    assert not found.whole


def test_the_sound_of_a_film_is_no_copy_of_the_film_but_of_its_still() -> None:
    sound = voice(12, 9)
    alone, moving = fingerprint(1, sound), fingerprint(2, sound, film(48, 1))
    found = between(alone, moving)
    assert found is not None
    assert not found.whole
    still = fingerprint(3, sound, np.repeat(film(1, 2), 48, axis=0))
    found = between(alone, still)
    assert found is not None
    assert found.whole


def test_films_agree_in_picture_and_sound() -> None:
    pictures, sound = film(48, 3), voice(12, 10)
    one = fingerprint(1, sound, pictures)
    same = between(one, fingerprint(2, sound, pictures))
    assert same is not None
    assert same.whole
    mute = between(one, fingerprint(2, None, pictures))
    assert mute is not None
    assert mute.whole
    other_sound = between(one, fingerprint(2, voice(12, 11), pictures))
    assert other_sound is not None
    assert not other_sound.whole
    other_pictures = between(one, fingerprint(2, sound, film(48, 4)))
    assert other_pictures is not None
    assert not other_pictures.whole


def test_the_cost_of_asking_does_not_grow_with_the_library() -> None:
    """Alignments are counted, not seconds. Past a size an asked work is compared with no more others:
    with all pairs it would be with 324."""
    random = np.random.default_rng(1)
    prints = []
    for key in range(1, 261):
        audio = random.integers(0, 256, (200, 12), dtype=np.uint8).tobytes()
        made = fingerprint(key, None, film(40, key)).model_copy(update={"audio": audio})
        prints += [made, made.model_copy(update={"asset": key + 900, "item": key + 900})] if key % 4 == 0 else [made]

    def most(some: list[Fingerprint]) -> int:
        index, counts = Index(some), [0]
        copies = 0
        for asked in some[::9]:
            copies += any(m.whole for m in index.matches(asked))
            counts.append(index.looked[1])
        assert copies == sum(p.asset % 4 == 0 for p in some[::9])
        return int(np.diff(counts).max())

    small, large = most(prints[:80]), most(prints)
    assert small > 0
    assert large <= MOST_CHECKS
    assert len(prints) > MOST_CHECKS
