"""Settings of the room `train`: what a fit tries, and how far one event may move a weight."""

from __future__ import annotations

from pydantic import Field

from vitascope.base.records import RoomConfig


class TrainConfig(RoomConfig):
    """Settings of the room."""

    strengths: tuple[float, ...] = (30.0, 100.0, 300.0, 600.0, 1_000.0)
    """Regularisation strengths of the collaborative closed form that a fit tries."""
    half_lives: tuple[float, ...] = (0.0, 2.0, 5.0, 12.0, 40.0)
    """Acts after which an act counts half, that a fit tries where events have a time; 0: all alike."""
    neighbour_shares: tuple[float, ...] = (0.0, 0.3, 1.0)
    """How much of the library's item-item model (BM25) is mixed in, that a fit tries."""
    closed_form_up_to: int = Field(default=10_000, ge=1)
    """Items up to which the closed form is used (its matrix is n x n); above, item neighbours alone."""
    neighbours: int = Field(default=200, ge=1)
    judges: int = Field(default=2_000, ge=10)
    """People at most that choices are judged on."""
    few: int = Field(default=50, ge=1)
    """With fewer held-out people than this nothing is chosen: the defaults stay."""
    step: float = Field(default=0.1, gt=0, le=1)
    """Learning rate of a person's own weights."""
    general_step: float = Field(default=0.02, ge=0, le=1)
    """Learning rate of the weights in general."""
    most_step: float = Field(default=0.05, gt=0, le=0.5)
    """No event moves a weight by more."""
    highest_weight: float = Field(default=2.0, gt=0)
    learn_weights: bool = True
