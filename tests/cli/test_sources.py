"""The commands of docs/sources.md, to the letter, on made samples."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts import sample_sources
from tests.cli.conftest import Cli


@pytest.mark.slow
def test_each_source_by_its_command(cli: Cli, tmp_path: Path) -> None:
    media = sample_sources.write(tmp_path / "media", sample_sources.media_folder())
    assert cli("ingest", media, "--no-describe", "--json").json["items_new"] == 4
    assert cli("ingest", media / "evening.m3u8", "--no-describe", "--json").json["items_new"] == 0
    assert cli("ingest", media, "--no-describe", "--json", "--strict", expect=1).json["set_aside"] == 1
    takeout = sample_sources.pack(tmp_path / "takeout-1.zip", sample_sources.youtube())
    tiktok = sample_sources.pack(tmp_path / "TikTok_Data.zip", sample_sources.tiktok())
    bilibili = sample_sources.write(tmp_path / "bilibili", sample_sources.bilibili())
    mastodon = sample_sources.pack(tmp_path / "archive.zip", sample_sources.mastodon())
    found = cli("events", "import-archive", takeout, tiktok, bilibili, mastodon, "--user", "ana", "--json").json
    assert [a["connector"] for a in found["archives"]] == ["youtube", "tiktok", "bilibili", "mastodon"]
    assert all(a["added"] for a in found["archives"])
    again = cli("events", "import-archive", takeout, "--user", "ana", "--json").json["archives"][0]
    assert (again["added"], again["items_new"]) == (0, 0)
    assert "import-archive" in cli("events", "import", tiktok, expect=2).err
    assert "whose" in cli("events", "import-archive", takeout, "--user", " ", expect=2).err
    assert "--user" in cli("events", "import-archive", takeout, expect=2).err
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04nothing")
    assert "no.zip" in cli("events", "import-archive", tmp_path / "no.zip", "--user", "ana", expect=2).err
    assert cli("events", "import-archive", tmp_path / "nowhere", "--user", "ana", expect=2).out == ""
    told = cli("problems").out
    assert "watch-history.json:9" in told
    assert "hostile-playlist" in told
