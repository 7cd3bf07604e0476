"""Off-policy estimates against worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitascope.train.offpolicy import Log, as_logged, doubly_robust, ips, overlap, regress, snips

ACTIONS, KINDS = 5, 3
Floats = npt.NDArray[np.float64]


class World:
    """Contexts of three kinds, five things to show; chances of a reward, a logging policy and another one, all by seed."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.random = random
        self.reward = random.random((KINDS, ACTIONS))
        self.logging = 0.7 * random.dirichlet(np.ones(ACTIONS), KINDS) + 0.3 / ACTIONS
        self.wanted = random.dirichlet(np.ones(ACTIONS), KINDS)
        self.often = random.dirichlet(np.full(KINDS, 3.0))
        self.truth = float(self.often @ (self.wanted * self.reward).sum(axis=1))

    def log(self, people: int, each: int = 2) -> tuple[Log, Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The log, the other policy's chances, the kinds and the actions."""
        m = people * each
        kind = self.random.choice(KINDS, m, p=self.often)
        drawn = self.random.random(m)[:, None] > np.cumsum(self.logging[kind], axis=1)
        action = np.minimum(drawn.sum(axis=1), ACTIONS - 1)
        reward = (self.random.random(m) < self.reward[kind, action]).astype(np.float64)
        log = Log(reward, self.logging[kind, action], np.repeat(np.arange(people), each))
        return log, self.wanted[kind, action], kind, action


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31))
def test_the_estimates_are_right_on_average(seed: int) -> None:
    world = World(seed)
    found: dict[str, list[float]] = {"ips": [], "snips": [], "dr": []}
    for _ in range(30):
        log, wanted, kind, _ = world.log(150)
        wrong = np.full(len(kind), 0.5)  # a model that knows nothing: the propensities must do
        found["ips"].append(float(np.mean(wanted / log.logged * log.reward)))
        found["snips"].append(float((wanted / log.logged) @ log.reward / (wanted / log.logged).sum()))
        found["dr"].append(float(np.mean(wrong + wanted / log.logged * (log.reward - wrong))))
    for name, values in found.items():
        error = float(np.std(values)) / np.sqrt(len(values))
        assert abs(np.mean(values) - world.truth) < 4.5 * error + (0.01 if name == "snips" else 1e-9), name
    log, wanted, kind, _ = world.log(150)
    again = {"ips": ips(log, wanted, 0), "snips": snips(log, wanted, 0)}
    again["dr"] = doubly_robust(log, wanted, np.full(len(kind), 0.5), np.full(len(kind), 0.5), 0)
    for estimate in again.values():
        assert estimate.low <= estimate.value <= estimate.high
    assert again["ips"].value == pytest.approx(float(np.mean(wanted / log.logged * log.reward)))
    assert overlap(log, wanted) <= len(kind) + 1e-6


def test_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held = dict.fromkeys(("ips", "snips", "dr"), 0)
    trials = 40
    for seed in range(trials):
        world = World(7_000 + seed)
        log, wanted, kind, action = world.log(150)
        shown = world.reward[kind, action] + 0.1  # a model that is wrong everywhere
        chosen = (world.wanted * (world.reward + 0.1)).sum(axis=1)[kind]
        made = {
            "ips": ips(log, wanted, seed),
            "snips": snips(log, wanted, seed),
            "dr": doubly_robust(log, wanted, shown, chosen, seed),
        }
        for name, estimate in made.items():
            held[name] += estimate.low <= world.truth <= estimate.high
    for name, many in held.items():
        assert many >= 0.85 * trials, f"{name}: a 95% interval held the truth {many} times of {trials}"


def test_a_model_that_is_right_makes_the_estimate_steadier_and_needs_no_right_chances() -> None:
    world = World(3)
    log, wanted, kind, action = world.log(2_000)
    shown, chosen = world.reward[kind, action], (world.wanted * world.reward).sum(axis=1)[kind]
    robust, plain = doubly_robust(log, wanted, shown, chosen, 0), ips(log, wanted, 0)
    assert robust.high - robust.low < plain.high - plain.low
    wrong = Log(log.reward, np.clip(log.logged * 2, 0.05, 1), log.owner)
    assert doubly_robust(wrong, wanted, shown, chosen, 0).value == pytest.approx(world.truth, abs=0.03)
    assert abs(ips(wrong, wanted, 0).value - world.truth) > 0.1


def test_the_logs_own_policy_earns_what_it_earned() -> None:
    world = World(5)
    log, _, _, _ = world.log(300)
    for estimate in (as_logged(log, 0), ips(log, log.logged, 0), snips(log, log.logged, 0)):
        assert estimate.value == pytest.approx(float(log.reward.mean()))
    assert np.isnan(snips(log, np.zeros(len(log.reward)), 0).value)


def test_a_regression_foretells_other_people_alone() -> None:
    random = np.random.default_rng(1)
    owner = np.arange(400)
    x = random.normal(size=(400, 3))
    x[::7, 2] = np.nan
    reward = 0.5 + 0.2 * x[:, 0] + 0.05 * random.normal(size=400)
    shown, chosen = regress(x, reward, owner, x + np.array([1.0, 0, 0]))
    assert np.corrcoef(shown, reward)[0, 1] > 0.95
    assert float((chosen - shown).mean()) == pytest.approx(0.2, abs=0.03)
    alone = np.zeros(400)
    alone[0] = 100.0  # one person's reward moves nothing of what is foretold of them
    again, _ = regress(x, reward + alone, owner, x + np.array([1.0, 0, 0]))
    assert again[0] == shown[0]
    assert again[1] != shown[1]


def test_of_one_person_alone_nothing_is_certain() -> None:
    log = Log(np.tile([0.0, 1.0], 20), np.full(40, 0.5), np.zeros(40, np.int64))
    told = as_logged(log, 0)
    assert told.low < told.value < told.high
