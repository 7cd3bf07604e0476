"""Who may do what with a library: keys, sessions, the owner's sign-in, and the audit trail. Records and ports.

A secret is made once, shown once, and kept only as a digest. What a caller may do is a `Grant`; the server decides by it
alone. Contract suite: tests/contracts/test_access.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Protocol

from vitascope.base.records import PersonKey, Record


class Scope(StrEnum):
    """What a key may do. `owner` may do all of it."""

    READ = "read"
    """Items, their media, search, what is popular."""
    RECOMMEND = "recommend"
    """Lists and explanations."""
    EVENTS = "events"
    """Record what people did."""
    PEOPLE = "people"
    """People's profiles and their rights."""
    ITEMS = "items"
    """Put, change and take out items."""
    MODERATE = "moderate"
    """Decide about unfit items."""
    METRICS = "metrics"
    """What the server counts."""
    OWNER = "owner"


PERSONAL = frozenset({Scope.READ, Scope.RECOMMEND, Scope.EVENTS, Scope.PEOPLE})
"""What a person's own token may have."""


class Grant(Record):
    """What the bearer of a credential may do."""

    who: str
    """A name for logs and the audit trail that says nothing of a person: "key 3f9a...", "owner 01ab...", "open"."""
    scopes: frozenset[Scope] = frozenset()
    user_id: str | None = None
    """The one person (outside id) that it may speak for; None: not bound to a person."""
    audience: str | None = None
    """The audience of the moderation policy that this person is in."""

    def may(self, scope: Scope) -> bool:
        """Whether it has this scope."""
        return scope in self.scopes or Scope.OWNER in self.scopes


OPEN = Grant(who="open", scopes=frozenset({Scope.OWNER}))
"""Everybody on this machine, where nothing is asked for."""
NOBODY = Grant(who="nobody")


class KeyRow(Record):
    """A key as it is kept; its secret is not."""

    key_id: str
    label: str
    scopes: frozenset[Scope]
    person: PersonKey | None = None
    created_at: float
    """Seconds since 1970, as all times here."""
    expires_at: float | None = None
    revoked_at: float | None = None


class KeyView(Record):
    """A key as its owner sees it."""

    key_id: str
    label: str
    scopes: tuple[Scope, ...]
    user_id: str | None = None
    created_at: float
    expires_at: float | None = None
    state: str = "valid"
    """valid | expired | revoked."""


class NewKey(Record):
    """A key that was just made, with its secret, which is never shown again."""

    key: KeyView
    secret: str


class SessionRow(Record):
    """Somebody who signed in."""

    who: str
    scopes: frozenset[Scope]
    person: PersonKey | None = None
    created_at: float
    expires_at: float


class AccessStore(Protocol):
    """Digests of secrets, and what their bearers may do."""

    def put_key(self, row: KeyRow, secret: str) -> None:
        """Keep a new key."""
        ...

    def key(self, key_id: str, secret: str) -> KeyRow | None:
        """The key, where the secret is its own; whether it still holds is for the caller to say."""
        ...

    def all_keys(self) -> tuple[KeyRow, ...]:
        """All keys, oldest first."""
        ...

    def revoke(self, key_id: str, at: float) -> bool:
        """End a key; False where there is none, or it has ended."""
        ...

    def put_login(self, name: str, hashed: str | None, at: float) -> None:
        """Keep an owner's password hash under a name; None takes the name out, with its sessions."""
        ...

    def login(self, name: str) -> tuple[str, str] | None:
        """(public short name, password hash) of an owner."""
        ...

    def logins(self) -> tuple[str, ...]:
        """Names of owners who can sign in."""
        ...

    def put_session(self, row: SessionRow, secret: str) -> None:
        """Keep a session; those that ran out go."""
        ...

    def session(self, secret: str) -> SessionRow | None:
        """The session of a secret."""
        ...

    def end_sessions(self, secret: str | None = None, who: str | None = None) -> int:
        """End one session, or all of somebody; how many."""
        ...


class AuditDraft(Record):
    """Something that was done, before it is in the trail. No outside id of a person, no secret."""

    at: float
    act: str
    """"sign-in", "sign-out", "key.create", "key.revoke", "settings", "export", "erase", "moderation.decide" ..."""
    who: str
    subject: str = ""
    """What it was done to: a key id, an item id, "person 17" (internal key)."""
    done: bool = True
    """False: it was tried and refused."""
    detail: str = ""


class AuditLine(AuditDraft):
    """One line of the trail. It is only ever added."""

    number: int


class AuditHead(Record):
    """The newest line of a trail: kept apart from it, so that a trail that was cut or set back is noticed."""

    number: int
    chain: str
    """Hex of the line's keyed digest."""


class AuditReport(Record):
    """The trail as its owner reads it."""

    lines: tuple[AuditLine, ...]
    """The newest that were asked for."""
    total: int
    broken: int | None
    """Number of the first line that is not as it was written, or around which lines are missing."""
    head: str = "kept"
    """The copy of the newest line's digest outside the database: kept | missing | forged."""

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, taken out, or set back."""
        return self.broken is None and self.head == "kept"


class AuditStore(Protocol):
    """The trail."""

    def add(self, draft: AuditDraft) -> tuple[AuditLine, AuditHead]:
        """Add a line."""
        ...

    def lines(self, after: int = 0) -> Iterator[AuditLine]:
        """All lines in their order."""
        ...

    def broken(self, head: AuditHead | None = None) -> int | None:
        """Number of the first line that is not as it was written, or around which lines are missing; None: it is whole.

        Args:
            head: what was kept apart; the trail must hold that very line.
        """
        ...

    def seal(self, head: AuditHead) -> str:
        """A keyed digest of a head, for its copy outside the database."""
        ...


class Access(Protocol):
    """What the server asks: who is there, and who may do what. Implemented by `assemble`."""

    def closed(self) -> bool:
        """Whether somebody has to say who they are: an owner's sign-in is set up."""
        ...

    def remembered(self, secret: str) -> Grant | None:
        """What a key or session was found to allow within the last second; asks no database."""
        ...

    def bearer(self, secret: str) -> Grant | None:
        """What a key allows; None for one that does not hold."""
        ...

    def session(self, secret: str) -> Grant | None:
        """What a session allows."""
        ...

    def sign_in(self, name: str, password: str) -> str | None:
        """The secret of a new session; None for a wrong name or password, after the same work for both."""
        ...

    def sign_in_by(self, issuer: str, subject: str) -> str:
        """The secret of a new owner's session for somebody whom an identity provider vouched for."""
        ...

    def sign_out(self, secret: str) -> None:
        """End a session."""
        ...

    def audit(self, act: str, subject: str = "", done: bool = True, detail: str = "", who: str | None = None) -> None:
        """Add a line to the audit trail; `who`: by default whoever this request, or this command, is of."""
        ...

    @property
    def session_seconds(self) -> float:
        """How long a session holds."""
        ...


class KeyDesk(Protocol):
    """What the owner does about keys and sign-ins."""

    def create_key(
        self, label: str, scopes: Sequence[Scope], user_id: str | None = None, days: float | None = None
    ) -> NewKey: ...
    def list_keys(self) -> tuple[KeyView, ...]: ...
    def revoke_key(self, key_id: str) -> KeyView: ...
    def set_owner(self, name: str, password: str) -> None: ...
    def remove_owner(self, name: str) -> None: ...


class Begun(Record):
    """A sign-in that was begun with an identity provider."""

    url: str
    """Where the browser goes."""
    kept: str
    """What the browser keeps until it comes back; nobody else may know it."""


class Vouched(Record):
    """Somebody an identity provider vouches for."""

    issuer: str
    subject: str
    email: str = ""
    """"" unless the provider says that it is verified."""


class IdentityProvider(Protocol):
    """An OpenID Connect provider. Implemented in `backends.identity`."""

    def begin(self, back: str) -> Begun:
        """Begin a sign-in that comes back to an address of ours. Raises FetchError."""
        ...

    def finish(self, back: str, kept: str, state: str, code: str) -> Vouched:
        """Who it is. Raises Refused for anything that does not fit together, FetchError."""
        ...
