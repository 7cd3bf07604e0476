"""Flags win over variables, variables over the file, the file over the defaults; a wrong setting is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from vitascope.base.errors import ConfigError
from vitascope.config import load


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("VITASCOPE_SERVE__PORT", "VITASCOPE_HOME", "VITASCOPE_MODELS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(folder).serve.port == 8000
    (folder / "vitascope.toml").write_text("[serve]\nport = 8001\n", encoding="utf-8")
    assert load(folder).serve.port == 8001
    monkeypatch.setenv("VITASCOPE_SERVE__PORT", "8002")
    assert load(folder).serve.port == 8002
    assert load(folder, {"serve": {"port": 8003}}).serve.port == 8003
    assert load(folder, {"serve": {"host": "127.0.0.1"}}).serve.port == 8002


def test_folders_in_variables_are_no_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITASCOPE_HOME", str(folder))
    monkeypatch.setenv("VITASCOPE_MODELS", str(folder))
    assert load(folder).serve.port == 8000


@pytest.mark.parametrize(
    ("text", "place"),
    [("[serve]\nprot = 1\n", "serve.prot"), ("[serve]\nport = 'x'\n", "serve.port"), ("[nonsense]\n", "nonsense")],
)
def test_a_wrong_setting_is_named(folder: Path, text: str, place: str) -> None:
    (folder / "vitascope.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=place) as caught:
        load(folder)
    assert "vitascope.toml" in str(caught.value)
    assert caught.value.remedy


def test_broken_toml_names_the_file(folder: Path) -> None:
    (folder / "vitascope.toml").write_text("[serve\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"vitascope\.toml"):
        load(folder)


def test_a_wrong_variable_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VITASCOPE_SERVE__PORT", "many")
    with pytest.raises(ConfigError, match="VITASCOPE_SERVE__PORT"):
        load(folder)
