"""Keys, owners' sign-ins and sessions, as rows. Implements `base.ports.access.AccessStore`.

Secrets of keys and sessions are 256 random bits, so that a plain SHA-256 of them can be kept: there is nothing to guess.
Passwords are not random; who hashes them does so slowly (`assemble`), and only that hash comes here.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from sqlalchemy import Row, delete, select, update

from vitascope.backends.stores._database import Database
from vitascope.backends.stores._tables import access_keys, logins, sessions
from vitascope.backends.stores._types import clean
from vitascope.base.ports.access import KeyRow, Scope, SessionRow
from vitascope.base.records import PersonKey


class AccessRows:
    """Digests of secrets, and what their bearers may do."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- keys

    def put_key(self, row: KeyRow, secret: str) -> None:
        """Keep a new key."""
        values = {
            "id": row.key_id,
            "digest": _digest(secret),
            "label": clean(row.label),
            "scopes": sorted(row.scopes),
            **{name: getattr(row, name) for name in ("person", "created_at", "expires_at", "revoked_at")},
        }
        with self._db.write() as connection:
            connection.execute(access_keys.insert().values(values))

    def key(self, key_id: str, secret: str) -> KeyRow | None:
        """The key, where the secret is its own."""
        with self._db.read() as connection:
            row = connection.execute(select(access_keys).where(access_keys.c.id == key_id)).first()
        kept = bytes(row.digest) if row is not None else bytes(32)
        return _key(row) if hmac.compare_digest(kept, _digest(secret)) and row is not None else None

    def all_keys(self) -> tuple[KeyRow, ...]:
        """All keys, oldest first."""
        with self._db.read() as connection:
            rows = connection.execute(select(access_keys).order_by(access_keys.c.created_at, access_keys.c.id)).all()
        return tuple(map(_key, rows))

    def revoke(self, key_id: str, at: float) -> bool:
        """End a key."""
        mine = (access_keys.c.id == key_id) & access_keys.c.revoked_at.is_(None)
        with self._db.write() as connection:
            return connection.execute(update(access_keys).where(mine).values(revoked_at=at)).rowcount > 0

    # --- owners

    def put_login(self, name: str, hashed: str | None, at: float) -> None:
        """Keep a password's hash under a name, or take the name out; its sessions end either way."""
        digest = self._named(name)
        with self._db.write() as connection:
            connection.execute(delete(logins).where(logins.c.digest == digest))
            connection.execute(delete(sessions).where(sessions.c.who == _who(digest)))
            if hashed is not None:
                connection.execute(logins.insert().values(digest=digest, name=clean(name), hash=hashed, created_at=at))

    def login(self, name: str) -> tuple[str, str] | None:
        """(public short name, password hash) of an owner."""
        digest = self._named(name)
        with self._db.read() as connection:
            hashed = connection.scalar(select(logins.c.hash).where(logins.c.digest == digest))
        return None if hashed is None else (_who(digest), hashed)

    def logins(self) -> tuple[str, ...]:
        """Names of owners who can sign in."""
        with self._db.read() as connection:
            return tuple(connection.scalars(select(logins.c.name).order_by(logins.c.created_at)))

    def _named(self, name: str) -> bytes:
        return self._db.cipher.digest("login", clean(name))

    # --- sessions

    def put_session(self, row: SessionRow, secret: str) -> None:
        """Keep a session; those that ran out go."""
        values = row.model_dump(exclude={"scopes"}) | {"digest": _digest(secret), "scopes": sorted(row.scopes)}
        with self._db.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at <= row.created_at))
            connection.execute(sessions.insert().values(values))

    def session(self, secret: str) -> SessionRow | None:
        """The session of a secret."""
        with self._db.read() as connection:
            row = connection.execute(select(sessions).where(sessions.c.digest == _digest(secret))).first()
        if row is None:
            return None
        return SessionRow(
            who=row.who,
            scopes=_scopes(row.scopes),
            person=row.person,
            created_at=row.created_at,
            expires_at=row.expires_at,
        )

    def end_sessions(self, secret: str | None = None, who: str | None = None) -> int:
        """End one session, or all of somebody."""
        mine = sessions.c.digest == _digest(secret) if secret is not None else sessions.c.who == who
        with self._db.write() as connection:
            return connection.execute(delete(sessions).where(mine)).rowcount


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _who(digest: bytes) -> str:
    return f"owner {digest.hex()[:12]}"


def _scopes(told: list[str]) -> frozenset[Scope]:
    return frozenset(Scope(name) for name in told if name in set(Scope))


def _key(row: Row[Any]) -> KeyRow:
    return KeyRow(
        key_id=row.id,
        label=row.label,
        scopes=_scopes(row.scopes),
        person=None if row.person is None else PersonKey(row.person),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
