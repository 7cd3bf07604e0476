"""What was found before, and what finding it cost: looked up by content in this library, then in the cache that libraries share.

Takes the store of extractions, the shared cache and the store of accounts (both may be missing); gives extractions and notes
every one that was made, and every one that was spared. Knows no extractor.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from vitascope.base.content import Extraction
from vitascope.base.ports.accounts import DAY, AccountStore, Use
from vitascope.base.ports.stores import DescriptionStore, SignalCache
from vitascope.base.records import AssetKey


class Signals:
    """The cache of everything that extractors and language models found."""

    def __init__(
        self,
        descriptions: DescriptionStore,
        shared: SignalCache | None = None,
        accounts: AccountStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._descriptions, self._shared, self._accounts, self._clock = descriptions, shared, accounts, clock

    def find(self, key: str, asset: AssetKey) -> Extraction | None:
        """What was made from the same things before. From the shared cache it is copied to this library, about `asset`."""
        stored = self._descriptions.extraction(key)
        if stored is not None or self._shared is None:
            return stored
        found = self._shared.get(key)
        if found is None:
            return None
        found = found.model_copy(update={"asset": asset})
        self._descriptions.put_extraction(found)
        return found

    def keep(self, made: Extraction) -> None:
        """Keep what was made, here and where libraries share it."""
        self._descriptions.put_extraction(made)
        if self._shared is not None:
            self._shared.put(made)

    def note(self, use: Use) -> None:
        """Put some work on the account."""
        if self._accounts is not None:
            self._accounts.add(int(self._clock() // DAY), [use])
