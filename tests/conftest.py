"""What every test may ask for: the shared data, an empty home, and what a machine has or lacks.

A test that wants something this machine lacks skips with a clear word. With VITASCOPE_REQUIRE_ALL=1 (as in CI) a skip
is a failure, whoever called it, unless the test is marked `may_skip`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from vitascope.backends.media import PyAvReader
    from vitascope.backends.stores import Stores

ROOT = Path(__file__).resolve().parent.parent
KEPT = {"VITASCOPE_MODELS", "VITASCOPE_SHARED", "VITASCOPE_REQUIRE_ALL"}
PACKAGES = {  # Debian's package: its programs and where they may lie beside PATH
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "postgresql": ("pg_ctl",),
    "redis-server": ("redis-server",),
}

# machines are shared: no test fails by the clock
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """No setting of the developer's own reaches a test; one that wants a setting sets it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith("VITASCOPE_") and n not in KEPT]:
            patch.delenv(name)
        patch.setenv("VITASCOPE_SIGNALS__SHARED", "false")  # nothing that was found outside of a test reaches it
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real media and behaviour that tests read (never write): VITASCOPE_SHARED, else ../shared."""
    folder = Path(os.environ.get("VITASCOPE_SHARED") or ROOT.parent / "shared")
    if not (folder / "media" / "MANIFEST.tsv").is_file():
        pytest.skip(f"no shared test data at {folder} (VITASCOPE_SHARED names another folder)")
    return folder.resolve()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PyAvReader]:
    """The real decoder with a worker of its own, for the tests of one file."""
    from vitascope.backends.media import PyAvReader

    made = PyAvReader(tmp_path_factory.mktemp("cache"))
    yield made
    made.close()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """The stores of a new library."""
    from vitascope.backends.stores import Stores

    made = Stores.open(f"sqlite:///{tmp_path / 'library.db'}", b"k" * 32)
    yield made
    made.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A place for a home that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture(scope="session")
def debian() -> Callable[[str], Path]:
    """Answers where a program of a Debian package lies, or skips: `debian("chromium")`."""

    def find(package: str) -> Path:
        for program in PACKAGES[package]:
            found = shutil.which(program)
            if found is not None:
                return Path(found)
        for place in sorted(Path("/usr/lib/postgresql").glob("*/bin")) if package == "postgresql" else []:
            if (place / "pg_ctl").is_file():
                return place / "pg_ctl"
        pytest.skip(f"{package} is not installed (Debian: apt-get install {package})")

    return find


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[None]:  # pragma: no cover - exercised through a child run in test_repository.py
    """In CI a skip is a failure: nothing that tests want may be missing there."""
    report = yield
    if (
        os.environ.get("VITASCOPE_REQUIRE_ALL") == "1"
        and report.skipped
        and not hasattr(report, "wasxfail")
        and item.get_closest_marker("may_skip") is None
    ):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be missing (VITASCOPE_REQUIRE_ALL=1): {reason}"
    return report
