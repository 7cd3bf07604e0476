"""Settings of the room `train`: what a fit tries, and how far one event may move a weight."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.records import RoomConfig


class TrainConfig(RoomConfig):
    """Settings of the room."""

    strengths: tuple[float, ...] = (30.0, 100.0, 300.0, 1_000.0, 2_000.0)
    """Regularisation strengths of the collaborative closed form that a fit tries."""
    half_lives: tuple[float, ...] = (0.0, 2.0, 5.0, 12.0, 40.0)
    """Acts after which an act counts half, that a fit tries where events have a time; 0: all alike."""
    contents: tuple[float, ...] = (0.3, 0.0, 0.1, 1.0)
    """How much likeness by content counts in the closed form, in units of its strength, that a fit tries."""
    smooth_ranks: tuple[int, ...] = (32, 64, 128)
    """Directions of the spectral part that a fit tries."""
    contents_smooth: tuple[float, ...] = (1.0, 0.0)
    """How much likeness by content counts in the spectral part, that a fit tries."""
    smooth_shares: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0)
    """How much of the spectral part is mixed in, that a fit tries."""
    cold_strengths: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0)
    """Regularisation of what is foretold for items that nobody took up, that a fit tries."""
    neighbour_shares: tuple[float, ...] = (0.0, 0.15, 0.5)
    """How much of the library's item-item model (BM25) is mixed in, that a fit tries."""
    factors: tuple[int, ...] = (16, 32)
    """Hidden directions of taste of the library's factor model (alternating least squares) that a fit tries; empty: none."""
    flattens: tuple[float, ...] = (0.5, 0.3, 0.15)
    """How much an item's own takers are divided out of what was taken up together, that a fit tries; empty: no such matrix."""
    factor_confidence: float = Field(default=10.0, gt=1)
    """What an item that was taken up counts in the factor model, one that was not counting 1."""
    factor_ridge: float = Field(default=10.0, gt=0)
    """Regularisation of the factor model."""
    closed_form_up_to: int = Field(default=10_000, ge=1)
    """Items up to which the closed form is used (its matrix is n x n); above, item neighbours alone."""
    neighbours: int = Field(default=200, ge=1)
    judges: int = Field(default=2_000, ge=10)
    """People at most that choices are judged on."""
    short_histories: tuple[int, ...] = (0, 2, 5, 20)
    """Groups of people by how many items they took up (the most of each group) for which a fit chooses weights of the scorers
    of their own, on histories cut down to so many; empty: one set of weights for all."""
    few: int = Field(default=50, ge=1)
    """With fewer held-out people than this nothing is chosen: the defaults stay."""
    ranker: bool = True
    """Learn a ranker of several outcomes; it is used only where it ranked better on people it had not seen."""
    step: float = Field(default=0.1, gt=0, le=1)
    """Learning rate of a person's own weights."""
    general_step: float = Field(default=0.02, ge=0, le=1)
    """Learning rate of the weights in general."""
    most_step: float = Field(default=0.05, gt=0, le=0.5)
    """No event moves a weight by more."""
    highest_weight: float = Field(default=2.0, gt=0)
    learn_weights: bool = True
    sequence_minutes: float = Field(default=20.0, ge=0)
    """Minutes that the sequential model may train in a fit, in processor time of its thread, so that a busy machine learns
    the same; it ends earlier when held-out items gain no more. 0: none is made."""
    sequence_from: int = Field(default=200_000, ge=1)
    """Dated acts that a library must have before a sequential model is trained; histories without times are sets."""
    sequence_epochs: int = Field(default=20, ge=1)
    """Times at most that the sequential model sees all histories."""
    sequence_width: int = Field(default=128, ge=8, multiple_of=8)
    """Numbers in an item's vector of the sequential model."""
    sequence_blocks: int = Field(default=2, ge=1, le=8)
    """Layers of the sequential model."""
    sequence_length: int = Field(default=200, ge=2, le=2_000)
    """Acts that the sequential model looks back."""
    sequence_dropout: float = Field(default=0.25, ge=0, lt=1)
    """Share of the sequential model's inner numbers that is left out by chance in training."""
    sequence_threads: int = Field(default=0, ge=0)
    """Processor threads of the sequential model's training; 0: as the environment says, else all."""
