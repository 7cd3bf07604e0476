"""What is asked of a recommender and what it answers: requests, candidates, scores, explanations, lists."""

from __future__ import annotations

from vitascope.base.content import Evidence
from vitascope.base.live import Happening
from vitascope.base.people import Event, NoiseCount, Surface
from vitascope.base.reasons import Attribution
from vitascope.base.records import ItemKey, PersonKey, Record


class Filters(Record):
    """What items must be; None and empty: anything. Names are compared case and spacing aside."""

    kind: str | None = None
    categories: tuple[str, ...] = ()
    """Any of them."""
    language: str | None = None
    creator: str | None = None
    shortest: float | None = None
    """Seconds of the item's first asset; an item of unknown length fits no bound. Searches and charts only."""
    longest: float | None = None


class Request(Record):
    """One list wanted."""

    person: PersonKey | None
    """None: nobody known (the fallback speaks)."""
    surface: Surface
    n: int = 10
    include_seen: bool | None = None
    """None: the surface decides."""
    candidates: frozenset[ItemKey] | None = None
    """Restricts every source and the fallback; does not lift seen."""
    exclude: frozenset[ItemKey] = frozenset()
    filters: Filters | None = None
    """Like `candidates`; lengths are not looked at."""
    session: str | None = None
    seed_items: tuple[ItemKey, ...] = ()
    """Items of an anonymous session, or what a radio starts from, newest last."""
    acts: tuple[Event, ...] = ()
    """What somebody unknown just did, in order; nothing of it is stored. They speak in place of `seed_items`."""
    explain: bool = False
    explore: bool = False
    rerank: bool = False
    """Apply the surface's re-rankers (diversity, quotas, fatigue)."""
    audience: str | None = None
    """A name of the moderation policy: what it does not show to them is in no list."""
    happening: tuple[Happening, ...] = ()
    """What happens in live channels now (surface live)."""
    utc_offset: float | None = None
    """Hours that the person's clock is ahead of UTC: what they watch at this time of day counts. None: it does not."""
    now: float
    seed: int = 0


class Candidate(Record):
    """An item and the source that named it."""

    item: ItemKey
    source: str
    because: ItemKey | None = None
    """The item of the person's history that led to it, where there is one."""
    strength: float = 0.0


class Contribution(Record):
    """One term w * u * v of the readable score."""

    feature: str
    weight: float
    taste: float
    value: float
    evidence: tuple[Evidence, ...] = ()

    @property
    def product(self) -> float:
        """w_i u_i v_i."""
        return self.weight * self.taste * self.value


class ScorePart(Record):
    """What one scorer gave and how much it counted in the ranking."""

    scorer: str
    raw: float
    normalised: float
    weight: float


class Explanation(Record):
    """Why an item is there, made only of recorded evidence and of the very numbers that ranked it."""

    item: ItemKey
    source: str
    because: ItemKey | None = None
    because_id: str | None = None
    """The outside id of `because`."""
    because_event: int | None = None
    parts: tuple[ScorePart, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    """Largest first; their sum is the weighted feature score R(u, v)."""
    told: tuple[Attribution, ...] = ()
    """What ranked the item, in exact parts: the ranker's SHAP values where it spoke, else the weighted scorers."""
    sentence: str = ""
    """English."""
    sentence_zh: str = ""


class Recommended(Record):
    """One line of a list."""

    item: ItemKey
    item_id: str
    score: float
    source: str
    explanation: Explanation | None = None
    propensity: float | None = None


class RecommendationList(Record):
    """The answer to a request."""

    person: PersonKey | None
    surface: Surface
    items: tuple[Recommended, ...]
    model: str
    spoke: tuple[tuple[str, int], ...] = ()
    """(source, how many items of the list it gave)."""
    note: str = ""


class Move(Record):
    """How one item's place changed between two lists."""

    item_id: str
    before: int | None
    """1-based; None: not in the list."""
    after: int | None
    why: str
    """English."""
    why_zh: str = ""


class Metric(Record):
    """A measured figure on held-out events."""

    name: str
    value: float
    n: int


class TrainedModel(Record):
    """A fitted model in the registry."""

    version: str
    created_at: float
    seed: int
    path: str
    """Folder under the home's models/, relative."""
    evaluation: tuple[Metric, ...]
    current: bool = False
    parent: str | None = None
    events: int = 0
    items: int = 0
    people: int = 0
    noise: tuple[NoiseCount, ...] = ()
    note: str = ""
    seconds: float = 0.0


class FitReport(Record):
    """What a fit did."""

    model: TrainedModel
    promoted: bool
    compared_with: str | None
    reason: str


class Figure(Record):
    """A mean over people with its 95% interval (percentiles of 1,000 bootstrap resamples of people)."""

    name: str
    value: float
    low: float
    high: float


class Judged(Record):
    """What one way of recommending reached on held-out events."""

    what: str
    figures: tuple[Figure, ...]


class EvaluationReport(Record):
    """Ways of recommending, side by side, on events that none of them had seen."""

    surface: Surface
    split: str
    """last: each person's last item | time: all that came after one moment."""
    k: int
    people: int
    held_out: int
    seed: int
    ways: tuple[Judged, ...]
    """This library's own lists first, then popularity and chance."""
    prices: tuple[Judged, ...] = ()
    """A re-ranker -> what it changes, person by person, against lists without any."""
    note: str = ""
