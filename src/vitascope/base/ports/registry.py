"""Port of the model registry: trained models, their evaluation, which one is current. Suite: tests/contracts/test_registry.py."""

from __future__ import annotations

from typing import Protocol

from vitascope.base.ranking import TrainedModel


class ModelRegistry(Protocol):
    """Rows in the store; the files stand under the home's models/."""

    def add(self, model: TrainedModel) -> None: ...
    def promote(self, version: str) -> None: ...
    def current(self) -> TrainedModel | None: ...
    def get(self, version: str) -> TrainedModel | None: ...
    def iter(self) -> list[TrainedModel]:
        """Newest first."""
        ...

    def remove(self, version: str) -> None: ...
