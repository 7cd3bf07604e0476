"""The event log as the room that trains may see it: without those who said no to it. Takes a log and consents; gives a log."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitascope.base.people import Event, EventColumns
from vitascope.base.ports.people import EventStore
from vitascope.base.ports.privacy import ConsentStore
from vitascope.base.privacy import Purpose


class StudiedEvents:
    """A log without some people. Implements `base.ports.people.EventLog`."""

    def __init__(self, events: EventStore, consents: ConsentStore, by_default: bool) -> None:
        self._events, self._consents, self._by_default = events, consents, by_default

    def columns(self, since: int = 0) -> EventColumns:
        """All events after a number of those who may be learned from."""
        found = self._events.columns(since)
        said = self._consents.said(Purpose.RESEARCH, not self._by_default)
        if not said and self._by_default:
            return found
        named = np.isin(found.person, np.fromiter(said, np.int64, len(said)))
        return found.take(~named if self._by_default else named)

    def by_number(self, numbers: Sequence[int]) -> dict[int, Event]:
        """Events by number; whoever asks has the numbers from `columns`."""
        return self._events.by_number(numbers)
