"""Remake the lock files under requirements/ from pyproject.toml.

Takes: `[project.dependencies]` and the dependency groups `dev` and `node`.
Gives: requirements/lock.txt (the product), requirements/dev.txt (what tests and checks add) and requirements/node.txt
(the wheel that brings Node), each with exact versions of everything, direct and transitive, and the SHA-256 of every
file of that version that the index lists, so that other platforms and Pythons can use them too.
Does not know: torch's files. torch is a local CPU wheel on some machines and the index's build on others, so it has a
version but no hash: `./run setup` installs it first, with the lock's versions as constraints for what it needs.

Run it through `./run lock`: it needs pip-tools, and takes a few minutes. Versions already locked stay unless
pyproject.toml asks for others; `--upgrade` takes the newest that fit.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
HEAD = "# Made by `./run lock` from pyproject.toml; do not edit.\n"
BLOCK = re.compile(r"(?m)^(?=[A-Za-z0-9])")


def name_of(requirement: str) -> str:
    """The normalised project name of a requirement or of a lock block."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    if match is None:
        raise SystemExit(f"pyproject.toml: not a requirement: {requirement!r}")
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def blocks(text: str) -> dict[str, str]:
    """The lock's entries by name; comments before the first one are dropped."""
    return {name_of(part): part for part in BLOCK.split(text) if part and not part.startswith("#")}


def compile_lock(wanted: list[str], seed: str, constraint: Path | None, upgrade: bool) -> dict[str, str]:
    """Resolve requirements with pip-tools.

    Args:
        wanted: requirements as in pyproject.toml.
        seed: an older lock, whose versions are kept where they still fit.
        constraint: a lock that the answer has to agree with.
        upgrade: ignore `seed`.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "pyproject.in"), Path(folder, "lock.txt")
        source.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        target.write_text(seed, encoding="utf-8")
        command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes", "--allow-unsafe"]
        command += ["--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "--no-emit-options"]
        command += ["--no-header", "--strip-extras", "--output-file", str(target), str(source)]
        if constraint is not None:
            command += ["--constraint", str(constraint)]
        if upgrade:
            command += ["--upgrade"]
        environment = {k: v for k, v in os.environ.items() if k != "CUSTOM_COMPILE_COMMAND"}
        subprocess.run(command, check=True, cwd=folder, env=environment)
        text = target.read_text(encoding="utf-8")
    # Folders of this machine are nobody's business: only the names of what asked for a package stay.
    text = re.sub(r"(?m)(-[rc] )\S*/?(pyproject\.in|lock\.txt|constraint\.txt)", r"\1\2", text)
    text = text.replace("-r pyproject.in", "pyproject.toml").replace("-c constraint.txt", "lock.txt")
    return blocks(text)


def write(name: str, entries: dict[str, str], note: str) -> None:
    """Put one lock file in place at once."""
    target = FOLDER / name
    body = "".join(entries[key].rstrip() + "\n" for key in sorted(entries))
    partial = target.with_suffix(".part")
    partial.write_text(HEAD + note + body, encoding="utf-8")
    os.replace(partial, target)
    print(f"requirements/{name}: {len(entries)} packages")


def main() -> None:
    """Remake all three files."""
    upgrade = "--upgrade" in sys.argv[1:]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    FOLDER.mkdir(exist_ok=True)

    def old(name: str) -> str:
        path = FOLDER / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    locked = compile_lock(project["project"]["dependencies"], old("lock.txt"), None, upgrade)
    locked.pop("torch")
    # What only the index's build of torch asks for is pinned by torch itself and comes with it.
    locked = {name: entry for name, entry in locked.items() if not name.startswith(("nvidia-", "cuda-", "triton"))}
    write("lock.txt", locked, "# torch has no line here: `./run setup` installs it first, apart.\n")

    with tempfile.TemporaryDirectory() as folder:
        constraint = Path(folder, "constraint.txt")
        pins = [re.split(r"[\s\\]", entry, maxsplit=1)[0] for entry in locked.values()]
        constraint.write_text("\n".join(pins) + "\n", encoding="utf-8")
        dev = compile_lock(project["dependency-groups"]["dev"], old("dev.txt"), constraint, upgrade)
    write("dev.txt", {k: v for k, v in dev.items() if k not in locked}, "# Beside lock.txt: tests and checks.\n")
    write("node.txt", compile_lock(project["dependency-groups"]["node"], old("node.txt"), None, upgrade), "")


if __name__ == "__main__":
    main()
