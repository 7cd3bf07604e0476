"""Contract suite of the port in `base.ports.registry`."""

from __future__ import annotations

import pytest
from tests.contracts.conftest import Library

from vitascope.backends.stores import Stores
from vitascope.base.errors import UnknownModel, UsageError
from vitascope.base.people import NoiseCount, NoiseRule
from vitascope.base.ports.registry import ModelRegistry
from vitascope.base.ranking import Metric, TrainedModel


def model(version: str, **more: object) -> TrainedModel:
    """A trained model."""
    return TrainedModel.model_validate(
        {"version": version, "created_at": 1.0, "seed": 7, "path": version, "evaluation": (), **more}
    )


def test_round_trip(stores: Stores) -> None:
    registry: ModelRegistry = stores.registry
    one = model(
        "1",
        evaluation=(Metric(name="hr@10", value=0.125, n=943),),
        noise=(NoiseCount(rule=NoiseRule.BOUNCE, events=1, people=1, dropped=True),),
        parent="0",
        note="n",
        seconds=1.5,
    )
    registry.add(one)
    assert registry.get("1") == one
    assert registry.get("2") is None
    assert registry.current() is None


def test_newest_first_and_one_is_current(library: Library) -> None:
    stores, other = library.open(), library.open()
    for version in ("1", "2", "3"):
        stores.registry.add(model(version, current=True))
    assert stores.registry.current() is None  # only promoting makes current
    before = other.data_version()
    stores.registry.promote("1")
    stores.registry.promote("3")
    assert other.data_version() > before
    assert [(m.version, m.current) for m in other.registry.iter()] == [("3", True), ("2", False), ("1", False)]
    stores.registry.promote("2")  # a roll-back
    current = other.registry.current()
    assert current is not None
    assert (current.version, current.current) == ("2", True)


def test_what_is_not_there_or_there_already(stores: Stores) -> None:
    stores.registry.add(model("1"))
    with pytest.raises(UsageError):
        stores.registry.add(model("1", note="other"))
    with pytest.raises(UnknownModel):
        stores.registry.promote("2")
    with pytest.raises(UnknownModel):
        stores.registry.remove("2")


def test_the_current_model_is_not_removed(stores: Stores) -> None:
    stores.registry.add(model("1"))
    stores.registry.add(model("2"))
    stores.registry.promote("1")
    with pytest.raises(UsageError):
        stores.registry.remove("1")
    stores.registry.remove("2")
    assert [m.version for m in stores.registry.iter()] == ["1"]
