"""Settings of the describe room."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from vitascope.base.records import RoomConfig


class ModerationConfig(RoomConfig):
    """What is looked for. What follows from it is the policy's: `[moderation]`."""

    least: float = Field(0.3, ge=0, le=1)
    """Findings less sure than this are not kept."""
    words: tuple[str, ...] = ()
    """Words of the owner's own list: a text that holds one is a finding of reason "listed"."""
    text: bool = True
    """Look at texts at all."""


class DescribeConfig(RoomConfig):
    """How items are described. Every value but `language_model` and `off` is part of what a description is made from."""

    off: tuple[str, ...] = ()
    """Names of extractors that are not run: "screen_text", "unsafe", ..."""
    language_model: bool = True
    """Let the language model write summaries; off, sentences are taken from the item's own text."""
    summary_words: int = Field(20, ge=0)
    """The language model is asked only where an item's evidence has at least this many words."""
    summary_tokens: int = Field(48, ge=16, le=512)
    speech_threshold: float = Field(0.35, gt=0, lt=1)
    """Speech probability that starts a spoken stretch."""
    noise_below_db: float = -5.0
    """Noise suppression only where the measured signal-to-noise ratio of speech is below this. From 0 dB up it costs words
    (recognition was trained on noisy sound, and suppression takes speech with it); mixtures made at -5 dB gain by it, a little
    (benchmarks/reports/speech_noise.md)."""
    stretch_seconds: float = Field(10.0, ge=2, le=60)
    """Length of the stretches that are told apart as speech, music or other."""
    pictures: int = Field(48, ge=1, le=512)
    """Pictures of one asset that the picture models look at."""
    sound_belief: float = Field(0.3, ge=0, le=1)
    """Named sounds below this share of a stretch are not believed. Not measured: no pack that we can run has such a model."""
    seen_pictures: int = Field(4, ge=0, le=64)
    """Pictures of one asset that a vision-language model is shown, one at a time; each is a call."""
    label_belief: float = Field(0.4, ge=0, le=1)
    """Picture labels below this are not believed."""
    screen_every: float = Field(0.4, gt=0)
    """Least seconds between two pictures that are read."""
    screen_pictures: int = Field(96, ge=0, le=200)
    """Pictures of one asset that are read, of those in which strokes came to stand still (about a fifth of a second each)."""
    screen_belief: float = Field(0.8, ge=0, le=1)
    keywords: int = Field(12, ge=1, le=50)
    topics: int = Field(6, ge=1, le=30)
    chapters_from: float = Field(120.0, ge=10)
    """Items of so many seconds and more are parted into chapters; stated chapters are taken over whatever the length."""
    chapter_penalty: float = Field(1.9, gt=0, le=20)
    """What a cut must gain before it is made: higher, fewer chapters. Chosen on joined talks (benchmarks/reports/chapters.md)."""
    chapter_least: float = Field(30.0, ge=5)
    """Seconds that a chapter has at least."""
    chapter_minutes: float = Field(5.0, gt=0)
    """Of what is spoken, at least about one chapter in so many minutes."""
    chapter_writer: Literal["auto", "extraction", "language_model"] = "auto"
    """Who tells what happens in a chapter: its own sentences, or the language model in words that are checked against them;
    auto: the language model of an endpoint, and never a pack's own small one (benchmarks/reports/chapters.md)."""
    chapter_room: int = Field(1_500, ge=500, le=100_000)
    """Characters of text in one question to the language model; what is longer is asked in pieces and put together."""
    taxonomy: Path | None = None
    """A TOML file to use instead of the shipped taxonomy."""
    moderation: ModerationConfig = ModerationConfig()
    order: Literal["key", "newest"] = "key"
    """In which order pending items are taken."""
