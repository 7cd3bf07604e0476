"""The access commands on a small library: keys, owners, the audit trail and its check."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vitascope.assemble import _access
from vitascope.base.errors import UsageError
from vitascope.cli._app import vitascope


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_access, "COST", (16, 8, 1))


def call(home: Path, *arguments: str, given: str | None = None) -> Result:
    answer = CliRunner().invoke(vitascope, ["access", *arguments, "--home", str(home)], input=given)
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer


def told(home: Path, *arguments: str, given: str | None = None) -> Any:
    return json.loads(call(home, *arguments, "--json", given=given).stdout)


def test_from_a_key_to_its_line_in_the_trail(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = told(home, "key", "create", "--label", "phone\u202e", "--scope", "read", "--scope", "events", "--days", "7")
    assert made["key"]["scopes"] == ["events", "read"]
    shown = call(home, "key", "list").stdout
    assert "events,read" in shown
    assert "\u202e" not in shown
    assert made["secret"] not in shown
    own = told(home, "key", "create", "--person", "ann")
    assert (own["key"]["user_id"], own["key"]["scopes"]) == ("ann", ["events", "people", "read", "recommend"])
    assert told(home, "key", "revoke", made["key"]["key_id"])["state"] == "revoked"
    assert told(home, "owner", "set", "ann@home", "--password-file", "-", given="correct horse\n") == {
        "owners": ["ann@home"]
    }
    with pytest.raises(UsageError, match="characters"):
        call(home, "owner", "set", "ben", "--password-file", "-", given="short\n")
    assert told(home, "owner", "remove", "ann@home") == {"owners": []}
    trail = told(home, "audit")
    assert [line["act"] for line in trail["lines"]] == [
        "key.create",
        "key.create",
        "key.revoke",
        "owner.set",
        "owner.remove",
    ]
    assert {line["who"] for line in trail["lines"]} == {"command line"}
    assert "ann" not in json.dumps(trail)
    assert call(home, "audit", "--verify").exit_code == 0
    connection = sqlite3.connect(home / "library.db")
    connection.execute("DROP TRIGGER audit_no_update")
    connection.execute("UPDATE audit SET act = 'key.list' WHERE number = 3")
    connection.commit()
    connection.close()
    found = call(home, "audit", "--verify")
    assert found.exit_code == 1
    assert "line 3" in found.stdout
