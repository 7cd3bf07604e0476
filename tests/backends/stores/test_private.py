"""Personal data is sealed from the first row on: what lies on the disk, or a wrong key, gives nothing away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.conftest import KEY, Library
from tests.contracts.postgres import server

from vitascope.backends.stores import Stores
from vitascope.backends.stores._cipher import Cipher
from vitascope.backends.stores._tables import metadata
from vitascope.backends.stores._types import Personal
from vitascope.base.errors import HomeDamaged, UsageError
from vitascope.base.items import ItemDraft
from vitascope.base.media import Problem
from vitascope.base.people import EventDraft, EventType, Profile, TasteFeature
from vitascope.base.records import ItemKey

SECRETS = {
    "external id": "alice.liddell@example.org",
    "comment": "I watched this with my uncle Bartholomew",
    "session": "session-7f3a9c-private",
    "identity": "client-event-id-of-alice",
    "problem": "alice.liddell@example.org,item-1,complete,bad-time-value",
    "profile": "Alice loves clockwork rabbits",
    "taste": "topic:clockwork-rabbits",
}


def fill(stores: Stores) -> None:
    """One of everything personal, more than once so that pages and the log are full of it."""
    person = stores.people.ensure([SECRETS["external id"]])["alice.liddell@example.org"]
    stores.events.append(
        [
            EventDraft(
                person=person,
                item=ItemKey(1),
                type=EventType.COMMENT,
                time=float(n),
                identity=f"{SECRETS['identity']}-{n}",
                session=SECRETS["session"],
                text=SECRETS["comment"],
            )
            for n in range(50)
        ]
    )
    stores.problems.add([Problem(kind="bad-row", place="f:1", reason="r", remedy="m", payload=SECRETS["problem"])])
    taste = TasteFeature(name=SECRETS["taste"], value=1.0)
    stores.profiles.put(Profile(person=person, text=SECRETS["profile"], features=(taste,)))
    stores.items.put([ItemDraft(item_id="public-item-id")])


def found_in(raw: bytes) -> list[str]:
    """Which secrets stand in the bytes, plain or as a database might write them."""
    return [
        name
        for name, secret in SECRETS.items()
        if any(form in raw for form in (secret.encode(), secret.encode("utf-16-le"), secret.encode().hex().encode()))
    ]


def test_nothing_personal_stands_in_the_file_or_its_log(tmp_path: Path) -> None:
    stores = Stores.open(tmp_path, KEY)
    fill(stores)
    files = sorted(p.name for p in tmp_path.iterdir())
    assert "library.db-wal" in files
    raw = b"".join((tmp_path / name).read_bytes() for name in files)
    assert b"public-item-id" in raw  # the search would find what is there
    assert found_in(raw) == []
    stores.close()
    assert found_in((tmp_path / "library.db").read_bytes()) == []


def test_nothing_personal_stands_in_a_dump_of_postgresql(tmp_path: Path) -> None:
    url = server().database()
    stores = Stores.open(url, KEY)
    fill(stores)
    stores.snapshot(tmp_path / "copy.db")
    stores.close()
    raw = (tmp_path / "copy.db").read_bytes()
    assert b"public-item-id" in raw
    assert found_in(raw) == []


def test_which_columns_are_personal() -> None:
    """A new column with text of or about people belongs in this list, or has a reason not to be."""
    personal = {f"{t.name}.{c.name}" for t in metadata.sorted_tables for c in t.columns if isinstance(c.type, Personal)}
    assert personal == {
        "access_keys.label",
        "channels.address",  # may hold a key to its stream
        "members.name",
        "logins.name",
        "people.external_id",
        "events.session_id",
        "events.identity",
        "events.text",
        "moderation.who",
        "moderation.why",
        "problems.payload",
        "profiles.body",
    }
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Personal):
                assert column.type.column == f"{table.name}.{column.name}"


def test_another_key_is_refused_before_anything_is_read_or_written(library: Library) -> None:
    stores = library.open()
    fill(stores)
    with pytest.raises(HomeDamaged, match="not the one"):
        Stores.open(library.where, bytes(32))
    assert stores.people.find([SECRETS["external id"]])


def test_no_secret_in_errors_or_their_trace(stores: Stores) -> None:
    import traceback

    from vitascope.backends.stores._tables import people
    from vitascope.base.errors import StoreError

    row = {"pseudonym": b"x" * 16, "external_id": SECRETS["external id"], "created_at": "not a number"}
    with pytest.raises(StoreError) as found, stores._database.write() as connection:
        connection.execute(people.insert(), [row, row])
    assert found_in("".join(traceback.format_exception(found.value)).encode()) == []


class TestCipher:
    @given(st.binary(max_size=300), st.text(max_size=20))
    def test_opens_what_it_sealed(self, data: bytes, column: str) -> None:
        cipher = Cipher(KEY)
        sealed = cipher.seal(column, data)
        assert cipher.open(column, sealed) == data
        assert len(sealed) == len(data) + 29
        assert sealed != cipher.seal(column, data)

    @given(st.binary(min_size=1, max_size=50), st.integers(0, 10_000), st.integers(1, 255))
    def test_notices_every_changed_byte(self, data: bytes, place: int, change: int) -> None:
        sealed = bytearray(Cipher(KEY).seal("c", data))
        sealed[place % len(sealed)] ^= change
        with pytest.raises(HomeDamaged):
            Cipher(KEY).open("c", bytes(sealed))

    def test_is_bound_to_key_and_column(self) -> None:
        sealed = Cipher(KEY).seal("people.external_id", b"x")
        for cipher, column in ((Cipher(KEY), "events.text"), (Cipher(bytes(32)), "people.external_id")):
            with pytest.raises(HomeDamaged):
                cipher.open(column, sealed)
        with pytest.raises(UsageError):
            Cipher(b"short")

    def test_digests_depend_on_key_and_purpose(self) -> None:
        one = Cipher(KEY)
        digests = {one.digest("event", "x"), one.digest("session", "x"), Cipher(bytes(32)).digest("event", "x")}
        assert len(digests) == 3
        assert one.digest("event", "x") == Cipher(KEY).digest("event", "x")


def test_the_door_is_cheap_until_it_is_used() -> None:
    code = (
        "import sys, vitascope.backends.stores, vitascope.backends.home; "
        "print([m for m in ('sqlalchemy', 'alembic', 'cryptography', 'psycopg', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"
