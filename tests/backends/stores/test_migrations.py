"""The migrations make exactly the tables that the code declares; old, new and foreign databases are told apart."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from tests.contracts.conftest import KEY, Library

from vitascope.backends.stores import Stores, _migrate
from vitascope.backends.stores._tables import TOPICS, changes, metadata
from vitascope.base.errors import ConfigError, HomeDamaged, HomeTooNew, StoreError
from vitascope.base.people import EventType

HEAD, NEXT = _migrate.head(), f"{int(_migrate.head()) + 1:04}"
SECOND = f'''
"""A migration of the test."""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{HEAD}"


def upgrade():
    op.add_column("items", sa.Column("extra_of_the_test", sa.Text()))
    {{more}}
'''


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations that the test may add to; answers the folder for versions."""
    copy = tmp_path / "migrations"
    shutil.copytree(_migrate.MIGRATIONS, copy)
    monkeypatch.setattr(_migrate, "MIGRATIONS", copy)
    return copy / "versions"


def test_the_migrations_make_what_the_code_declares(stores: Stores) -> None:
    with stores._database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        looked = inspect(connection)
        for table in metadata.sorted_tables:
            assert {c["name"] for c in looked.get_columns(table.name)} == {c.name for c in table.columns}
            assert {c["name"]: c["nullable"] for c in looked.get_columns(table.name)} == {
                c.name: bool(c.nullable) for c in table.columns
            }
            assert looked.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
        assert {row.topic for row in connection.execute(changes.select())} == set(TOPICS)


def test_a_table_that_the_migrations_lack_is_noticed(stores: Stores) -> None:
    with stores._database.write() as connection:
        connection.execute(text("DROP TABLE resets"))
    with stores._database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) != []


def test_file_names_say_the_revisions() -> None:
    script = ScriptDirectory(str(_migrate.MIGRATIONS))
    assert [r.revision for r in script.walk_revisions()][::-1] == _migrate.known()
    assert script.get_current_head() == _migrate.head()


def test_the_undo_index_names_the_code_of_undo() -> None:
    assert EventType.UNDO.code == 14  # written out in the first migration


def test_opening_twice_migrates_once(library: Library) -> None:
    assert library.open().schema_version == library.open().schema_version == _migrate.head()


def test_a_library_of_a_newer_version_is_refused_and_left_alone(library: Library) -> None:
    stores = library.open()
    with stores._database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(HomeTooNew, match="9999") as found:
        library.open()
    assert found.value.remedy
    with stores._database.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_an_older_library_is_migrated(library: Library, newer: Path) -> None:
    library.open().items.counts()
    (newer / f"{NEXT}_test.py").write_text(SECOND.format(more=""))
    assert Stores.older(library.where, KEY) == HEAD
    stores = library.open()
    assert stores.schema_version == NEXT
    assert Stores.older(library.where, KEY) is None
    with stores._database.read() as connection:
        assert "extra_of_the_test" in {c["name"] for c in inspect(connection).get_columns("items")}


def test_a_migration_that_fails_changes_nothing(library: Library, newer: Path) -> None:
    library.open()
    (newer / f"{NEXT}_test.py").write_text(SECOND.format(more='op.execute("SELECT nonsense FROM nowhere")'))
    with pytest.raises(StoreError):
        library.open()
    assert Stores.older(library.where, KEY) == HEAD
    (newer / f"{NEXT}_test.py").unlink()
    stores = library.open()
    with stores._database.read() as connection:
        assert "extra_of_the_test" not in {c["name"] for c in inspect(connection).get_columns("items")}


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "other.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    with pytest.raises(HomeDamaged, match="not Vitascope's"):
        Stores.open(f"sqlite:///{file}", KEY)


@pytest.mark.parametrize("url", ["mysql://h/x", "sqlite://", "nonsense://", "://"])
def test_a_url_that_cannot_be_used(url: str) -> None:
    with pytest.raises(ConfigError) as found:
        Stores.open(url, KEY)
    assert found.value.remedy


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StoreError) as found:
        Stores.open("postgresql://me:hunter2@127.0.0.1:1/x", KEY)
    assert "127.0.0.1" in str(found.value)
    assert "hunter2" not in str(found.value)


def test_several_that_open_a_new_database_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from vitascope.backends.stores import Stores; "
        "print(Stores.open(sys.argv[1], bytes(range(32))).schema_version)"
    )
    url = f"sqlite:///{tmp_path / 'library.db'}"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        for _ in range(3)
    ]
    outs = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert outs == [_migrate.head()] * 3


def test_threads_that_open_a_new_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'library.db'}"
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: Stores.open(url, KEY), range(4)))
    assert {s.schema_version for s in opened} == {_migrate.head()}
    for stores in opened:
        stores.close()
