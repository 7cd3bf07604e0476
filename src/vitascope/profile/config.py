"""Settings of the room `profile`: how events are taken in, what counts as noise, how fast tastes fade."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.records import RoomConfig


class NoiseConfig(RoomConfig):
    """When behaviour is noise. Each rule acts only where its evidence exists."""

    bounce_fraction: float = Field(default=0.03, ge=0, le=1)
    """A play that ended below this watched fraction says nothing."""
    bounce_seconds: float = Field(default=10.0, ge=0)
    """A skip this soon after a play or click (and below a tenth watched, where that is known) makes it a bounce."""
    watch_seconds: float = Field(default=21_600.0, ge=0)
    """A progress or complete this soon after a play or progress of the same item, or in the same session, is the same watch;
    another play begins another watch."""
    repeat_seconds: float = Field(default=1.0, ge=0)
    """The same act on the same item within this time is one act (a double click)."""
    bot_events: int = Field(default=300, ge=10)
    """Automation is looked for in runs of so many acts..."""
    bot_seconds: float = Field(default=300.0, gt=0)
    """... done within this time, at uneven steps, live (not imported), ratings left out."""
    drop_bots: bool = False
    """False: marked and told only."""


class ProfileConfig(RoomConfig):
    """Settings of the room."""

    chunk: int = Field(default=20_000, ge=1)
    """Rows taken in at a time."""
    most_problems: int = Field(default=10_000, ge=1)
    """Rows of one file told one by one; the rest is told as a number."""
    noise: NoiseConfig = NoiseConfig()
    half_life_days: float = Field(default=60.0, gt=0)
    """Long-term taste halves in this time, counted back from the person's last timed event."""
    session_gap_minutes: float = Field(default=30.0, gt=0)
    """A pause longer than this ends a sitting, where no session id says so."""
    session_half_life_events: float = Field(default=8.0, gt=0)
    """Within the last sitting an act counts half after so many more."""
    session_share: float = Field(default=0.35, ge=0, le=1)
    """How much of the taste the last sitting may make."""
    undated_share: float = Field(default=0.5, ge=0, le=1)
    """Weight of events without a time beside those with one; 1 where none has one."""
    most_features: int = Field(default=400, ge=10)
    """Features kept in a stored profile, strongest first."""
    most_interests: int = Field(default=12, ge=1)
    interest_at_least: float = Field(default=0.12, ge=0, le=1)
    """Topics below this are not told as interests."""
    text: bool = True
    """Let the language model write the short text of interests (else a template)."""
