"""Who may do what with a library: keys, owners' passwords, sessions, the audit trail. Implements `base.ports.access`.

Passwords are hashed with scrypt (RFC 7914; N 2^15, r 8, p 3: 32 MB a try, one of the settings that OWASP's Password
Storage Cheat Sheet names). The secret of a key or session is 256 random bits.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vitascope.base.context import WHO
from vitascope.base.errors import UnknownItem, UsageError
from vitascope.base.ports.access import (
    PERSONAL,
    AuditDraft,
    AuditHead,
    AuditLine,
    AuditReport,
    Grant,
    KeyRow,
    KeyView,
    NewKey,
    Scope,
    SessionRow,
)

if TYPE_CHECKING:
    from vitascope.assemble._rooms import Rooms

PREFIX = "vsk"
_KEY = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_([A-Za-z0-9_-]{{43}})")
_HEAD = "audit.head"
_REMEMBERED, _SECONDS = 4_096, 1.0
"""Grants that are kept in memory, and for how long: a key that was revoked elsewhere ends within this time."""
COST = (1 << 15, 8, 3)
"""scrypt's N, r, p for new passwords; each hash says its own."""
SHORTEST, LONGEST = 10, 1_000
DAY = 86_400.0


class AccessDesk:
    """One library's keys, owners and sessions."""

    def __init__(self, rooms: Rooms, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rooms, self._store, self._trail = rooms, rooms.stores.access, rooms.stores.audit
        self._monotonic, self._lock = monotonic, threading.Lock()
        self._grants: OrderedDict[bytes, tuple[float, Grant]] = OrderedDict()
        self._closed: tuple[float, bool] | None = None
        self._head = rooms.home.logs / _HEAD

    @property
    def session_seconds(self) -> float:
        """How long a session holds."""
        return self._rooms.settings.serve.session_hours * 3_600.0

    # --- what the server asks

    def closed(self) -> bool:
        """Whether an owner's sign-in is set up."""
        now = self._monotonic()
        if self._closed is None or now - self._closed[0] > _SECONDS:
            self._closed = (now, bool(self._store.logins()))
        return self._closed[1]

    def bearer(self, secret: str) -> Grant | None:
        """What a key allows."""
        found = _KEY.fullmatch(secret)
        if found is None:
            return None
        return self._remember(secret, lambda: self._of_key(self._store.key(found[1], secret)))

    def session(self, secret: str) -> Grant | None:
        """What a session allows."""
        return self._remember(secret, lambda: self._of_session(self._store.session(secret)))

    def remembered(self, secret: str) -> Grant | None:
        """What a key or session was found to allow within the last second."""
        with self._lock:
            kept = self._grants.get(_digest(secret))
        return kept[1] if kept is not None and self._monotonic() - kept[0] <= _SECONDS else None

    def _remember(self, secret: str, ask: Callable[[], Grant | None]) -> Grant | None:
        if (kept := self.remembered(secret)) is not None:
            return kept
        digest, now = _digest(secret), self._monotonic()
        found = ask()
        with self._lock:
            self._grants.pop(digest, None)
            if found is not None:
                self._grants[digest] = (now, found)
            while len(self._grants) > _REMEMBERED:
                self._grants.popitem(last=False)
        return found

    def _of_key(self, row: KeyRow | None) -> Grant | None:
        if row is None or row.revoked_at is not None:
            return None
        if row.expires_at is not None and row.expires_at <= self._rooms.clock():
            return None
        return self._grant(f"key {row.key_id}", row)

    def _of_session(self, row: SessionRow | None) -> Grant | None:
        return None if row is None or row.expires_at <= self._rooms.clock() else self._grant(row.who, row)

    def _grant(self, who: str, row: KeyRow | SessionRow) -> Grant | None:
        if row.person is None:
            return Grant(who=who, scopes=row.scopes)
        user_id = self._rooms.stores.people.external([row.person]).get(row.person)
        if user_id is None:  # forgotten: the token ends with the person
            return None
        audience = self._rooms.stores.moderation.audiences([row.person]).get(row.person)
        return Grant(who=who, scopes=row.scopes & PERSONAL, user_id=user_id, audience=audience)

    def _forget(self) -> None:
        with self._lock:
            self._grants.clear()
            self._closed = None

    # --- signing in

    def sign_in(self, name: str, password: str) -> str | None:
        """The secret of a new session; a wrong name costs the same work as a wrong password."""
        found = self._store.login(name[:LONGEST])
        right = matches(password[:LONGEST], found[1] if found is not None else _nobodys())
        if found is None or not right:
            self.audit("sign-in", subject=found[0] if found is not None else "", done=False, who="nobody")
            return None
        return self._open(found[0])

    def sign_in_by(self, issuer: str, subject: str) -> str:
        """The secret of a new owner's session, on an identity provider's word."""
        told = hashlib.sha256(json.dumps([issuer, subject]).encode()).hexdigest()[:12]
        return self._open(f"owner oidc-{told}")

    def _open(self, who: str) -> str:
        now, secret = self._rooms.clock(), secrets.token_urlsafe(32)
        row = SessionRow(
            who=who, scopes=frozenset({Scope.OWNER}), created_at=now, expires_at=now + self.session_seconds
        )
        self._store.put_session(row, secret)
        self.audit("sign-in", subject=who, who=who)
        return secret

    def sign_out(self, secret: str) -> None:
        """End a session."""
        grant = self.session(secret)
        if self._store.end_sessions(secret) and grant is not None:
            self.audit("sign-out", subject=grant.who, who=grant.who)
        self._forget()

    def set_owner(self, name: str, password: str) -> None:
        """Make an owner's sign-in, or give it a new password; its sessions end. From then on the server asks who is there."""
        if not name.strip() or len(name) > 200:
            raise UsageError("an owner has a name of 1 to 200 characters", place="name", remedy="choose one")
        if not SHORTEST <= len(password) <= LONGEST:
            raise UsageError(
                f"a password has {SHORTEST} to {LONGEST} characters", place="password", remedy="choose a longer one"
            )
        self._store.put_login(name, hashed(password), self._rooms.clock())
        self._after("owner.set", name)

    def remove_owner(self, name: str) -> None:
        """Take an owner's sign-in away; its sessions end."""
        if self._store.login(name) is None:
            raise UsageError("no such owner", place=name[:40], remedy="see `vitascope access owner list`")
        self._after("owner.remove", name, before=lambda: self._store.put_login(name, None, self._rooms.clock()))

    def owners(self) -> tuple[str, ...]:
        """Names of owners who can sign in."""
        return self._store.logins()

    def _after(self, act: str, name: str, before: Callable[[], None] = lambda: None) -> None:
        found = self._store.login(name)
        before()
        self._forget()
        self.audit(act, subject=found[0] if found is not None else "")

    # --- keys

    def create_key(
        self, label: str, scopes: Sequence[Scope], user_id: str | None = None, days: float | None = None
    ) -> NewKey:
        """A new key with its secret, which is kept nowhere."""
        wanted = frozenset(scopes) or (PERSONAL if user_id is not None else frozenset())
        if not wanted:
            raise UsageError("a key needs a scope", place="--scope", remedy=f"one of {', '.join(Scope)}")
        if user_id is not None and wanted - PERSONAL:
            raise UsageError(
                "a person's own token cannot have this scope",
                place=", ".join(sorted(wanted - PERSONAL)),
                remedy=f"of {', '.join(sorted(PERSONAL))}",
            )
        if days is not None and not 0 < days <= 36_500:
            raise UsageError("a key holds for more than 0 and at most 36500 days", place="--days", remedy="say fewer")
        now = self._rooms.clock()
        person = None if user_id is None else self._rooms.stores.people.ensure([user_id])[user_id]
        row = KeyRow(
            key_id=secrets.token_hex(6),
            label=label.strip()[:200],
            scopes=wanted,
            person=person,
            created_at=now,
            expires_at=None if days is None else now + days * DAY,
        )
        secret = f"{PREFIX}_{row.key_id}_{secrets.token_urlsafe(32)}"
        self._store.put_key(row, secret)
        self.audit("key.create", subject=f"key {row.key_id}", detail=" ".join(sorted(wanted)) + _whose(person))
        return NewKey(key=self._view(row, user_id), secret=secret)

    def list_keys(self) -> tuple[KeyView, ...]:
        """All keys, oldest first; ended ones too."""
        rows = self._store.all_keys()
        names = self._rooms.stores.people.external([row.person for row in rows if row.person is not None])
        return tuple(self._view(row, names.get(row.person) if row.person is not None else None) for row in rows)

    def revoke_key(self, key_id: str) -> KeyView:
        """End a key at once (other processes: within a second)."""
        known = {view.key_id: view for view in self.list_keys()}
        if key_id not in known:
            raise UnknownItem("no such key", place=key_id[:40], remedy="see `vitascope access key list`")
        if self._store.revoke(key_id, self._rooms.clock()):
            self.audit("key.revoke", subject=f"key {key_id}")
        self._forget()
        return known[key_id].model_copy(update={"state": "revoked"})

    def _view(self, row: KeyRow, user_id: str | None) -> KeyView:
        over = row.expires_at is not None and row.expires_at <= self._rooms.clock()
        return KeyView(
            key_id=row.key_id,
            label=row.label,
            scopes=tuple(sorted(row.scopes)),
            user_id=user_id,
            created_at=row.created_at,
            expires_at=row.expires_at,
            state="revoked" if row.revoked_at is not None else "expired" if over else "valid",
        )

    # --- the audit trail

    def audit(self, act: str, subject: str = "", done: bool = True, detail: str = "", who: str | None = None) -> None:
        """Add a line, and keep its digest outside the database too."""
        draft = AuditDraft(
            at=self._rooms.clock(), act=act, who=WHO.get() if who is None else who, subject=subject, done=done,
            detail=detail,
        )  # fmt: skip
        _line, head = self._trail.add(draft)
        told = {"number": head.number, "chain": head.chain, "seal": self._trail.seal(head)}
        self._rooms.home.put_private(self._head, json.dumps(told).encode())

    def audit_report(self, newest: int = 100) -> AuditReport:
        """The newest lines, and whether the trail is as it was written."""
        lines: deque[AuditLine] = deque(maxlen=max(0, newest))
        total = 0
        for line in self._trail.lines():
            lines.append(line)
            total += 1
        state, head = self._kept_head(total > 0)
        return AuditReport(lines=tuple(lines), total=total, broken=self._trail.broken(head), head=state)

    def _kept_head(self, expected: bool) -> tuple[str, AuditHead | None]:
        try:
            told = json.loads(self._head.read_bytes())
            head = AuditHead(number=told["number"], chain=told["chain"])
            sealed = hmac.compare_digest(str(told["seal"]).encode(), self._trail.seal(head).encode())
        except FileNotFoundError:  # of a shared database other servers may have written all lines
            return ("missing" if expected and not self._rooms.settings.stores.url else "kept"), None
        except (OSError, ValueError, KeyError, TypeError):
            return "forged", None
        return ("kept", head) if sealed else ("forged", None)

    def note_settings(self, parts: dict[str, str]) -> None:
        """Say in the trail which parts of the settings differ from those a server ran with last.

        Args:
            parts: name of a part -> digest of what is set there (never the values).
        """
        settings = self._rooms.stores.settings
        known = json.loads(settings.get("audit:settings") or "{}")
        changed = sorted(name for name in parts.keys() | known.keys() if parts.get(name) != known.get(name))
        if not changed:
            return
        settings.set("audit:settings", json.dumps(parts, sort_keys=True))
        self.audit("settings", detail=("first: " if not known else "changed: ") + " ".join(changed))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _whose(person: int | None) -> str:
    return "" if person is None else f" for person {person}"


def hashed(password: str) -> str:
    """scrypt$N$r$p$salt$hash."""
    n, r, p = COST
    salt = os.urandom(16)
    told = base64.b64encode(salt).decode(), base64.b64encode(_scrypt(password, salt, n, r, p)).decode()
    return f"scrypt${n}${r}${p}${told[0]}${told[1]}"


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one of a hash."""
    _name, n, r, p, salt, wanted = kept.split("$")
    found = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(wanted))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(password.encode("utf-8", "surrogatepass"))


def _nobodys() -> str:
    """A hash that no password has, as dear to try as a real one."""
    n, r, p = COST
    return f"scrypt${n}${r}${p}${'A' * 22}==${'A' * 43}="
