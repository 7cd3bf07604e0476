"""The demo's simulated audience: what a few people with openly stated tastes did over the past days.

Takes the demo's people, the clips and the time; gives events. The rule is stated here and printed by the demo: of every
kind of clip that a person is said to like, about half is watched to the end, some of it liked or rated; a few other
clips are started and skipped. It reads no feature that Vitascope computes, so the taste has to be learnt from behaviour.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vitascope.base.ports.service import RawEvent

if TYPE_CHECKING:
    from vitascope.backends.demo import Clip, DemoPerson

_DAY = 86_400.0
_SKIPS = 4


def simulate_events(people: Sequence[DemoPerson], clips: Sequence[Clip], now: float, seed: int = 7) -> list[RawEvent]:
    """Events of all people in order of time, none in the future; the same for the same arguments.

    Event ids do not hold the time, so that a second run of the demo adds nothing.
    """
    works = [c for c in clips if c.same_work_as is None]
    events: list[RawEvent] = []
    for person in people:
        if person.likes:
            events += _history(person, works, now, random.Random(f"{seed}:{person.id}"))
    return sorted(events, key=lambda e: (float(e.timestamp or 0), e.event_id or ""))


def _history(person: DemoPerson, works: Sequence[Clip], now: float, rng: random.Random) -> list[RawEvent]:
    watched: list[tuple[Clip, bool]] = []
    for group in person.likes:
        members = [c for c in works if c.group == group]
        watched += [(c, True) for c in rng.sample(members, min(len(members), max(1, len(members) // 2)))]
    others = [c for c in works if c.group not in person.likes]
    watched += [(c, False) for c in rng.sample(others, min(len(others), _SKIPS))]
    rng.shuffle(watched)
    evenings = sorted(rng.sample(range(1, 11), 4), reverse=True)  # days ago
    events: list[RawEvent] = []
    for number, (clip, liked) in enumerate(watched):
        days = evenings[number * len(evenings) // len(watched)]
        time = now - days * _DAY + 600.0 * (number % 8) + rng.uniform(0, 120)
        session = f"demo-{person.id}-{days}"

        def add(kind: str, after: float, value: float | None, clip: Clip = clip, time: float = time) -> None:
            events.append(
                RawEvent(
                    user_id=person.id,
                    item_id=clip.id,
                    type=kind,
                    value=value,
                    timestamp=round(time + after, 3),
                    surface="video",
                    session_id=session,  # noqa: B023
                    event_id=f"demo:{person.id}:{clip.id}:{kind}",
                )
            )

        add("play", 0.0, None)
        if liked:
            add("complete", clip.seconds, 1.0)
            mood = rng.random()
            if mood < 0.5:
                add("like", clip.seconds + 2, None)
            elif mood < 0.8:
                add("rate", clip.seconds + 2, float(rng.choice((4, 5))))
        else:
            add("skip", min(2.0, clip.seconds / 4), round(rng.uniform(0.05, 0.25), 3))
    return events
