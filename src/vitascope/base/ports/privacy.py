"""Ports of privacy: what people agreed to. Contract suite: tests/contracts/test_privacy.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vitascope.base.privacy import Consent, PersonExport, Purpose, Receipt
from vitascope.base.records import PersonKey


class ConsentStore(Protocol):
    """What people said of the purposes that their behaviour may serve."""

    def of(self, person: PersonKey) -> dict[Purpose, Consent]:
        """What a person said; purposes they said nothing of are left out."""
        ...

    def said(self, purpose: Purpose, given: bool) -> frozenset[PersonKey]:
        """Everybody who said yes (or no) to a purpose."""
        ...

    def say(self, person: PersonKey, purposes: Sequence[Purpose], given: bool) -> None: ...


class Rights(Protocol):
    """What a person may ask of the library about themselves, as part of the service."""

    def consents(self, user_id: str) -> tuple[Consent, ...]:
        """What holds for a person, purpose by purpose."""
        ...

    def consent(self, user_id: str, purposes: Sequence[Purpose], given: bool) -> tuple[Consent, ...]:
        """Keep what a person says of purposes; it holds from the next list on. A person who is not known yet becomes known."""
        ...

    def person_export(self, user_id: str) -> PersonExport:
        """Everything that is kept of a person, machine-readable. Raises UnknownPerson."""
        ...

    def erase(self, user_id: str, refit: bool = False) -> Receipt:
        """Remove everything of a person, for good. Raises UnknownPerson.

        Args:
            refit: train the model anew at once instead of within the time that the settings give.
        """
        ...
