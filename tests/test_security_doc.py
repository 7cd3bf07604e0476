"""Every defence that docs/security.md claims names a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/.]+)?::(test_\w+)`")


def test_every_defence_names_a_test_that_exists() -> None:
    file, missing, count = "", [], 0
    for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines():
        for path, name in NAMED.findall(line):
            file = path or file
            count += 1
            if not re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE):
                missing.append(f"{file}::{name}")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 3 and cells[0] not in ("attack", "credential", "---"):
            assert "::" in cells[2] or cells[2].startswith(("everything", "its scopes", "that person")), line
    assert missing == []
    assert count > 30
