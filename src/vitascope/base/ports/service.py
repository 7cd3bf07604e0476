"""Port of the whole library, as the API, the page and the command line use it. `assemble.System` implements it.

Outside ids go in and come out. Errors: UnknownItem, UnknownPerson, UnknownSurface, UsageError, StoreError, Refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from vitascope.base.content import Account, Description
from vitascope.base.items import Item
from vitascope.base.media import Asset, Problem
from vitascope.base.moderation import Judgement
from vitascope.base.people import Correction, NoiseCount, Surface
from vitascope.base.ports.browsing import Browsing
from vitascope.base.ports.connectors import ArchiveReport
from vitascope.base.ports.households import Households
from vitascope.base.ports.live import Broadcasting
from vitascope.base.ports.media import Playable
from vitascope.base.ports.moderating import Moderating
from vitascope.base.ports.personal import Personal
from vitascope.base.ports.privacy import Rights
from vitascope.base.ports.stores import Counts
from vitascope.base.ports.surfaces import Surfaces
from vitascope.base.ports.talking import Talking
from vitascope.base.ports.uploads import Uploading
from vitascope.base.ports.work import DescribeReport, IngestReport, Progress, silent
from vitascope.base.ranking import Filters, FitReport, Move, RecommendationList, TrainedModel
from vitascope.base.records import Record
from vitascope.base.whys import Why

__all__ = [
    "Ask",
    "DescribeReport",
    "EventsReport",
    "Feedback",
    "Hit",
    "IngestReport",
    "InterestRow",
    "ItemView",
    "ProfileView",
    "Progress",
    "RawEvent",
    "Rejected",
    "Service",
    "Status",
    "TasteRow",
    "silent",
]


class RawEvent(Record):
    """An event as a client or a file row states it: everything is text or number, nothing is checked yet."""

    user_id: str
    item_id: str | None = None
    type: str
    value: float | str | None = None
    timestamp: float | str | None = None
    surface: str | None = None
    session_id: str | None = None
    event_id: str | None = None
    text: str | None = None
    target: str | None = None
    propensity: float | None = None


class Rejected(Record):
    """An event that was set aside."""

    index: int
    reason: str
    remedy: str


class EventsReport(Record):
    """What a batch of events did."""

    added: int
    known: int
    rejected: tuple[Rejected, ...] = ()
    """At most the first 100."""
    rejected_total: int = 0
    ignored_columns: tuple[str, ...] = ()


class ItemView(Record):
    """An item with all that is known of it."""

    item: Item
    assets: tuple[Asset, ...] = ()
    description: Description | None = None
    duplicates_of: tuple[str, ...] = ()
    shares: tuple[tuple[str, float, float, float, float], ...] = ()
    """(item_id, start, end, other_start, other_end)."""
    judgement: Judgement = Judgement()
    """Whether moderation shows it to whom it was asked for."""


class Hit(Record):
    """A search or similarity hit, with where it was found."""

    item_id: str
    score: float
    found_in: str = ""
    """"title", "transcript 0:12", "meaning", "picture" ..."""
    quote: str = ""


class TasteRow(Record):
    """One line of a profile as a person sees it."""

    feature: str
    taste: float
    session: float
    weight: float
    corrected: bool = False
    evidence: tuple[str, ...] = ()
    """Sentences: "completed ITEM TITLE"."""
    item_ids: tuple[str, ...] = ()


class InterestRow(Record):
    """A topic of interest as a person sees it."""

    topic: str
    strength: float
    since: float | None
    trend: str
    item_ids: tuple[str, ...] = ()


class ProfileView(Record):
    """A person's profile as the person sees it."""

    user_id: str
    text: str
    text_source: str
    rows: tuple[TasteRow, ...]
    interests: tuple[InterestRow, ...] = ()
    events: int
    liked: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    """Features that count for nothing, as the person wants it."""
    updated_at: float


class Ask(Record):
    """A list wanted, in outside ids."""

    user_id: str | None = None
    surface: str | None = None
    n: int = 10
    include_seen: bool | None = None
    candidates: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    filters: Filters | None = None
    """Kind, categories, language and creator; lengths are not looked at."""
    session_id: str | None = None
    session_items: tuple[str, ...] = ()
    explain: bool = False
    explore: bool = False
    rerank: bool = False
    log_impressions: bool = False
    audience: str | None = None
    """For somebody unknown; a known person's own audience wins."""
    utc_offset: float | None = None
    """Hours that the person's clock is ahead of UTC: what they watch at this time of day counts."""


class Feedback(Record):
    """An event and what it did to the list."""

    report: EventsReport
    before: RecommendationList
    after: RecommendationList
    moves: tuple[Move, ...]


class Status(Record):
    """What `vitascope status` says."""

    home: str
    version: str
    schema_version: str
    counts: Counts
    bytes: tuple[tuple[str, int], ...]
    """(part of the home, bytes)."""
    disk_left: int
    model: TrainedModel | None
    pack: str
    gaps: tuple[str, ...]


class Service(Moderating, Browsing, Surfaces, Households, Broadcasting, Talking, Personal, Rights, Uploading, Protocol):
    """One library."""

    # --- content
    def ingest(
        self,
        paths: Sequence[str],
        describe: bool = True,
        text_fields: tuple[str, ...] | None = None,
        progress: Progress = silent,
        stop: Callable[[], bool] = lambda: False,
    ) -> IngestReport: ...
    def describe(self, progress: Progress = silent, stop: Callable[[], bool] = lambda: False) -> DescribeReport: ...
    def item(self, item_id: str) -> ItemView: ...
    def account(self, item_id: str, style: str = "account", language: str = "en") -> Account:
        """An item told at length: account, script or news; the words around its quotations in English or Chinese.

        Raises:
            UsageError: another style, or the item is not described yet.
        """
        ...

    def items(
        self,
        cursor: str | None = None,
        n: int = 50,
        query: dict[str, str] | None = None,
        audience: str | None = None,
    ) -> tuple[list[ItemView], str | None]:
        """A page of items in a stable order, and the next cursor. `query`: kind, category, language, available."""
        ...

    def delete_item(self, item_id: str) -> None: ...
    def put_items(self, rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[Problem]]:
        """Insert or update items from manifest-like rows (the columns of a manifest)."""
        ...

    def export(self) -> Iterator[dict[str, Any]]:
        """Description lines as CONTRACTS.md states them, in order of item."""
        ...

    def similar(self, item_id: str, n: int = 10, audience: str | None = None) -> list[Hit]: ...
    def search(self, query: str, n: int = 20, audience: str | None = None) -> list[Hit]: ...
    def check_shown(self, item_id: str, audience: str | None = None) -> None:
        """Raises Refused where moderation does not show the item to this audience; UnknownItem, UsageError."""
        ...

    def check_audience(self, name: str | None) -> str | None:
        """The name, where the policy has such an audience. Raises UsageError."""
        ...

    def playable(self, item_id: str, asset: int = 0) -> Playable: ...
    def thumbnail(self, item_id: str, width: int = 480) -> Path | None: ...

    # --- people
    def record(self, events: Sequence[RawEvent], source: str = "api") -> EventsReport:
        """Durable when it returns; the very next list knows it."""
        ...

    def import_events(self, path: Path, progress: Progress = silent) -> EventsReport: ...
    def import_archive(self, address: str, user_id: str, progress: Progress = silent) -> ArchiveReport:
        """An archive of a social or video app: its items, and its acts as that person's."""
        ...

    def feedback(self, events: Sequence[RawEvent], ask: Ask) -> Feedback:
        """Record, and say how the person's list moved and why."""
        ...

    def recommend(self, ask: Ask) -> RecommendationList: ...
    def recommend_many(
        self, user_ids: Iterable[str], ask: Ask, progress: Progress = silent
    ) -> Iterator[tuple[str, RecommendationList]]: ...
    def explain(self, user_id: str, item_id: str, surface: str | None = None) -> RecommendationList:
        """A list of one: the item with its explanation, whether or not it would be shown."""
        ...

    def why(self, user_id: str, item_id: str, surface: str | None = None, n: int = 10, deep: bool = True) -> Why:
        """All that is known of why the item is where it is in the person's list of n.

        Args:
            deep: with what takes seconds (words and stretches of media, gradients).
        """
        ...

    def profile(self, user_id: str) -> ProfileView: ...
    def correct_profile(self, user_id: str, correction: Correction) -> ProfileView: ...
    def preview(self, user_id: str, corrections: Sequence[Correction], ask: Ask) -> Feedback:
        """What the person's list would be had they corrected this; nothing is stored."""
        ...

    def reset_profile(self, user_id: str) -> None: ...
    def people(self, limit: int = 100) -> list[str]:
        """Outside ids of people with most recent events first (owner's view)."""
        ...

    # --- learning
    def fit(
        self, seed: int = 0, promote: str = "better", progress: Progress = silent, warm: bool = False
    ) -> FitReport: ...
    def models(self) -> list[TrainedModel]:
        """Trained models that are kept, the newest first."""
        ...

    def rollback(self) -> TrainedModel: ...
    def noise(self) -> tuple[NoiseCount, ...]: ...

    # --- the home
    def problems(self) -> Iterator[Problem]: ...
    def status(self) -> Status: ...
    def flow(self, surface: Surface) -> str:
        """The surface's pipeline drawn as text."""
        ...

    def close(self) -> None: ...
