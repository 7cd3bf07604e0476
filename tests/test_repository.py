"""The house itself: the lock matches pyproject.toml, every import is declared, and the tree names no machine."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("lock.txt", "dev.txt", "node.txt")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(requirements: list[str]) -> dict[str, str]:
    """Name to version of `name[extra]==version` requirements; anything looser is an error here."""
    found = {}
    for requirement in requirements:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[a-z,-]+\])?==([^*]+)", requirement)
        assert match, f"pyproject.toml: {requirement} is no exact version; pin it with =="
        found[normal(match[1])] = match[2]
    return found


def locked(name: str) -> dict[str, tuple[str, int]]:
    """A lock file's packages: version and number of hashes."""
    entries: dict[str, tuple[str, int]] = {}
    current = ""
    for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines():
        if head := re.match(r"([A-Za-z0-9._-]+)==(\S+)", line):
            current = normal(head[1])
            entries[current] = (head[2], 0)
        elif re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}( \\)?", line):
            entries[current] = (entries[current][0], entries[current][1] + 1)
        else:
            assert not line.strip() or line.lstrip().startswith("#"), f"requirements/{name}: {line!r}"
    return entries


def tracked() -> list[Path]:
    """Every file that git tracks, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(
    ("asked", "lock"),
    [
        (PROJECT["project"]["dependencies"], "lock.txt"),
        (PROJECT["dependency-groups"]["dev"], "dev.txt"),
        (PROJECT["dependency-groups"]["node"], "node.txt"),
    ],
    ids=["product", "dev", "node"],
)
def test_the_lock_holds_what_pyproject_asks_for(asked: list[str], lock: str) -> None:
    have = {name: version for name, (version, _) in (locked("lock.txt") | locked(lock)).items()}
    wanted = {name: version for name, version in pins(asked).items() if name != "torch"}
    assert {name: have.get(name) for name in wanted} == wanted, "remake the locks: ./run lock"


def test_torch_is_pinned_but_not_locked() -> None:
    assert "torch" in pins(PROJECT["project"]["dependencies"])
    assert "torch" not in locked("lock.txt"), "torch's files differ from machine to machine"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes(lock: str) -> None:
    assert [name for name, (_, hashes) in locked(lock).items() if hashes == 0] == []


def test_one_opencv_and_it_is_headless() -> None:
    assert [name for name in locked("lock.txt") if name.startswith("opencv")] == ["opencv-python-headless"]


def test_what_is_installed_is_what_is_locked() -> None:
    wrong = {}
    for name, (version, _) in (locked("lock.txt") | locked("dev.txt")).items():
        have = importlib.metadata.version(name)
        if have != version:
            wrong[name] = (have, version)
    assert wrong == {}, "installed against locked; run ./run setup"


def test_every_import_of_the_product_is_a_declared_dependency() -> None:
    declared = set(pins(PROJECT["project"]["dependencies"])) | set(pins(PROJECT["dependency-groups"]["cluster"]))
    declared |= {name for extra in PROJECT["project"]["optional-dependencies"].values() for name in pins(extra)}
    providers = importlib.metadata.packages_distributions()
    undeclared = set()
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in (n.split(".")[0] for n in names):
                if name in sys.stdlib_module_names or name == "vitascope":
                    continue
                if not declared & {normal(p) for p in providers.get(name, [name])}:
                    undeclared.add(f"{path.relative_to(ROOT)}: {name}")
    assert undeclared == set(), "declare them in pyproject.toml, then ./run lock"


def test_the_tree_names_no_machine_and_no_registry() -> None:
    # Put together here so that this file passes its own test.
    hosts = [
        "pypi" + ".org",
        "files.python" + "hosted.org",
        "registry." + "npmjs",
        "deb." + "debian.org",
        "/opt/" + "pypi",
    ]
    places = ["/wo" + "rk/", "/ro" + "ot/", "/tmp/" + "team", "/home/" + "[a-z]+/"]
    bad = re.compile("|".join([re.escape(h) for h in hosts] + [rf"(?<![\w.])(?:{p})" for p in places]))
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for m in bad.finditer(text)]
    assert found == []


def test_the_page_is_locked_with_hashes_and_without_a_host() -> None:
    packages = json.loads((ROOT / "web/package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if name and not entry.get("integrity")] == []


def test_the_changelog_tells_of_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{PROJECT['project']['version']}]" in text or "## [Unreleased]" in text
    from vitascope import __version__

    assert PROJECT["project"]["version"] == __version__


def test_every_verb_of_make_is_one_of_run() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = re.search(r"(?m)^VERBS := (.+)$", makefile)
    assert verbs is not None
    shown = subprocess.run([ROOT / "run", "help"], capture_output=True, text=True, check=True).stdout
    assert [verb for verb in verbs[1].split() if f"./run {verb}" not in shown] == []


@pytest.mark.parametrize(
    ("require", "mark", "code"),
    [("0", "", 0), ("1", "", 1), ("1", "@pytest.mark.may_skip", 0)],
    ids=["here", "ci", "excused"],
)
def test_a_skip_fails_where_nothing_may_be_missing(tmp_path: Path, require: str, mark: str, code: int) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "test_it.py").write_text(
        f"import pytest\n\n\ndef test_fine():\n    pass\n\n\n{mark}\ndef test_it():\n    pytest.skip('no server')\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    may_skip\n")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        env=os.environ | {"VITASCOPE_REQUIRE_ALL": require},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == code, ended.stdout
    assert code == 0 or "no server" in ended.stdout


def test_a_wheel_holds_the_page_and_the_data(tmp_path: Path) -> None:
    if not (ROOT / "src/vitascope/serve/static/index.html").is_file():
        pytest.skip("the page is not built (./run setup)")
    # A copy, so that no build folder is left in the checkout and no earlier one is packed.
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    shutil.copytree(ROOT / "src/vitascope", tmp_path / "src/vitascope", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            str(tmp_path),
            str(tmp_path),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("vitascope/")}
    wanted = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src/vitascope").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }
    assert sorted(wanted - packed) == [], "files of the package that an installed wheel would lack"
