"""What hostile and broken media reach for: one traced run over media/dev/bad.

    python -m benchmarks.describe.bad_files        # writes benchmarks/reports/bad_files.md; needs strace

The group is copied into a folder of its own under the hostile names that its manifest gives. Two things are traced with
strace, children included: `vitascope ingest FOLDER` with every extractor (the language model off), and each file alone in a
fresh decoder process, whose end and peak memory are noted. Every file that was opened and every network call is sorted by
place; whatever is neither the folder, the home, model files, the program and its libraries nor the system's own is listed.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import json
import os
import re
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.referee import media_folder, rows_of

REPORT = Path(__file__).parents[1] / "reports" / "bad_files.md"
CALLS = "openat,open,openat2,creat,connect,bind,sendto,sendmsg,sendmmsg,execve"
NET = re.compile(r"(connect|bind|sendto|sendmsg|sendmmsg)\((.*)$")
SYSTEM = (
    "/proc/",
    "/sys/",
    "/dev/",
    "/usr/",
    "/lib/",
    "/lib64/",
    "/bin/",
    "/sbin/",
    "/etc/ld.so",
    "/etc/localtime",
    "/etc/ssl/",
    "/etc/os-release",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
)
HOSTILE = ("/etc/hostname", "/etc/passwd", "shared-assets__flower", "pwned")
"""What files of the group name: a playlist's targets, a name with a path in it, a name with a command in it."""


def copied(media: Path, folder: Path) -> dict[str, str]:
    """The group under its hostile names; label by file name."""
    labels = {}
    for row in rows_of(media, "bad"):
        name = row["as_name"] or Path(row["path"]).name
        shutil.copy(media / row["path"], folder / name)
        labels[name] = row["labels"]
    return labels


def each(folder: Path, cache: Path) -> None:
    """Every file in a fresh decoder: a JSON line each with outcome, the process's end and its peak memory."""
    from vitascope.backends.media import PyAvReader
    from vitascope.base.errors import UnreadableMedia
    from vitascope.base.ports.media import Limits

    for number, path in enumerate(sorted(folder.iterdir())):
        if path.name == ".vitascope-root":  # the ingest's own mark
            continue
        reader = PyAvReader(cache / str(number))
        try:
            decoded = reader.decode(path, "0" * 64, Limits())
            outcome = f"{float(decoded.duration):.2f} s decoded"
        except UnreadableMedia as error:
            outcome = f"problem: {error.reason}"
        pid, starts = reader.worker.pid, reader.worker.starts
        peak = _peak(pid) if pid else 0.0
        reader.close()
        shutil.rmtree(cache / str(number), ignore_errors=True)
        end = "alive, closed" if pid else "died" if starts else "not started (refused by size)"
        print(
            json.dumps({"name": path.name, "outcome": outcome, "end": end, "starts": starts, "peak": peak}), flush=True
        )


def _peak(pid: int) -> float:
    """Peak resident memory of a live process, MiB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


def traced(log: Path, command: list[str], environment: dict[str, str]) -> str:
    """Run under strace; its standard output. The run must end with 0."""
    strace = ["strace", "-f", "--seccomp-bpf", "-s", "4096", "-e", f"trace={CALLS}", "-o", str(log)]
    done = subprocess.run([*strace, *command], env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout


class Seen:
    """What a trace shows, sorted by place."""

    def __init__(self, places: dict[str, tuple[str, ...]]) -> None:
        self._places = places
        self.opened: collections.Counter[str] = collections.Counter()
        self.elsewhere: set[str] = set()
        self.hostile: set[str] = set()
        self.network: collections.Counter[str] = collections.Counter()
        self.started: collections.Counter[str] = collections.Counter()

    def read(self, log: Path) -> None:
        """Take a log in."""
        for line in log.read_text("utf-8", "replace").splitlines():
            call = re.sub(r"^\d+ +", "", line)
            if match := re.match(r'(?:openat|openat2|open|creat)\((?:AT_FDCWD, |\d+, )?"((?:[^"\\]|\\.)*)"(.*)', call):
                self._open(_unescaped(match.group(1)), match.group(2))
            elif match := NET.match(call):
                self._net(match.group(1), match.group(2))
            elif match := re.match(r'execve\("((?:[^"\\]|\\.)*)".* = 0$', call):
                self.started[Path(match.group(1)).name] += 1

    def _open(self, path: str, rest: str) -> None:
        inside = any(path.startswith(p) for p in self._places["the folder of bad files"])
        if not inside and any(name in path for name in HOSTILE):
            self.hostile.add(path)  # tried is enough, whether it was there or not
        if re.search(r"= -1 E", rest):
            return
        for place, beginnings in self._places.items():
            if path.startswith(beginnings) or not path.startswith("/"):
                self.opened[place if path.startswith("/") else "relative to a folder that was opened before"] += 1
                return
        self.opened["elsewhere"] += 1
        self.elsewhere.add(path)

    def _net(self, call: str, rest: str) -> None:
        family = re.search(r"sa_family=(AF_\w+)", rest)
        if call == "bind" and "htons(0)" in rest and re.search(r'"(::1|127\.0\.0\.1)"', rest):
            self.network["bind to loopback, port 0: is there IPv6? (on this machine)"] += 1
        elif family and family.group(1) in ("AF_INET", "AF_INET6"):
            self.network[f"{call} {rest[:120]}"] += 1
        elif family:
            self.network[f"{call} {family.group(1)} (on this machine)"] += 1


def _unescaped(text: str) -> str:
    return (
        text.encode("latin-1", "replace")
        .decode("unicode_escape")
        .encode("latin-1", "replace")
        .decode("utf-8", "replace")
    )


def places_of(folder: Path, home: Path, models: Path, work: Path) -> dict[str, tuple[str, ...]]:
    """Where a run may open files, most telling first."""
    root = Path(__file__).resolve().parents[2]
    program = {str(root), sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)}
    program |= {p for p in sys.path if p} | {
        *site.getsitepackages(),
        *(os.path.realpath(p) for p in site.getsitepackages()),
    }
    return {
        "the folder of bad files": (str(folder),),
        "the home (its database, cache, logs)": (str(home),),
        "the decoders' own cache": (str(work),),
        "model files": (str(models), os.path.realpath(models)),
        "the program, Python and libraries": tuple(sorted(program)),
        "temporary files": (tempfile.gettempdir(),),
        "the system (/usr, /lib, /proc, /sys, /dev; in /etc loader, time zone, names of hosts)": SYSTEM,
    }


def outcomes(home: Path, environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(file name, outcome) of every file after the ingest."""
    command = [sys.executable, "-m", "vitascope"]
    export = home / "exports" / "bad.jsonl"
    subprocess.run(
        [*command, "describe", "--export", str(export), "--home", str(home), "--quiet"], env=environment, check=True
    )
    for line in export.read_text("utf-8").splitlines():
        item = json.loads(line)
        empty = [f["name"].removeprefix("empty:") for f in item["features"] if f["name"].startswith("empty:")]
        for asset in item["assets"]:
            yield Path(asset["uri"]).name, f"described, kept out ({', '.join(empty)})" if empty else "described"
    answer = subprocess.run(
        [*command, "problems", "--home", str(home), "--json"], env=environment, check=True, stdout=subprocess.PIPE
    )
    for problem in json.loads(answer.stdout)["problems"]:
        yield Path(problem["place"]).name, problem["kind"]


def main() -> None:
    """Run, sort, report. Ends with 1 where something was opened or called that should not be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", nargs=2, type=Path, metavar=("FOLDER", "CACHE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.each:
        each(*arguments.each)
        return
    if shutil.which("strace") is None:
        sys.exit("strace is not installed (Debian: apt-get install strace)")
    media = media_folder()
    with tempfile.TemporaryDirectory(prefix="bad-") as made:
        base = Path(made)
        folder, home, work = base / "folder", base / "home", base / "work"
        for one in (folder, work):
            one.mkdir()
        labels = copied(media, folder)
        environment = os.environ | {
            "VITASCOPE_DESCRIBE__LANGUAGE_MODEL": "false",
            "VITASCOPE_SIGNALS__SHARED": "false",  # nothing of it is known beforehand
            "OMP_NUM_THREADS": "1",
        }
        ingest = [sys.executable, "-m", "vitascope", "ingest", str(folder), "--home", str(home), "--json", "--quiet"]
        report = json.loads(traced(base / "ingest.log", ingest, environment))
        alone = traced(
            base / "each.log",
            [sys.executable, "-m", "benchmarks.describe.bad_files", "--each", str(folder), str(work)],
            environment,
        )
        from vitascope.backends.models._cache import default_cache_folder

        models = default_cache_folder()
        seen = Seen(places_of(folder, home, models, work))
        for log in ("ingest.log", "each.log"):
            seen.read(base / log)
        ends = dict(outcomes(home, environment))
        rows = [json.loads(line) for line in alone.splitlines()]
    calls_out = {c: n for c, n in seen.network.items() if "on this machine" not in c}
    _write(labels, ends, rows, seen, calls_out, report)
    print(REPORT.read_text("utf-8"))
    sys.exit(1 if seen.elsewhere or seen.hostile or calls_out else 0)


def _write(
    labels: dict[str, str],
    ends: dict[str, str],
    rows: list[dict[str, str]],
    seen: Seen,
    calls_out: dict[str, int],
    report: dict[str, int],
) -> None:
    opened = "\n".join(f"| {place} | {count} |" for place, count in seen.opened.most_common())
    local = {c: n for c, n in seen.network.items() if c not in calls_out}
    table = "\n".join(
        f"| {shown(row['name'])} | {labels[row['name']].replace(';', ': ')} | {ends.get(row['name'], '(none)')} "
        f"| {row['outcome']} | {row['end']} | {float(row['peak']):.0f} |"
        for row in rows
    )
    peak = max(float(row["peak"]) for row in rows)
    smallest = min((float(row["peak"]) for row in rows if float(row["peak"])), default=0.0)
    taken = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in report.items() if isinstance(value, int))
    died = [row["name"] for row in rows if row["end"] == "died" or int(row["starts"]) > 1]
    REPORT.write_text(
        f"""# What bad media reach for

    python -m benchmarks.describe.bad_files

{datetime.date.today()}, strace {_strace_version()}, embedded pack, every extractor on,
language model off. {len(rows)} files of media/dev/bad under their hostile names. `vitascope ingest` ended with 0:
{taken}.

| traced | |
| --- | --- |
| files opened outside the places below | {len(seen.elsewhere)}{_list(seen.elsewhere)} |
| tries to open what the files name (/etc/hostname, a sibling of the folder, ...) | {len(seen.hostile)}{_list(seen.hostile)} |
| calls to the network (IPv4, IPv6: connect, bind, send) | {sum(calls_out.values())}{_list(set(calls_out))} |
| calls to sockets of this machine | {sum(local.values())}{_list(set(local))} |
| programs started | {", ".join(f"{name} ({count})" for name, count in seen.started.most_common())} |
| decoder processes that died | {len(died)}{_list(set(died))} |
| peak memory of a decoder | {peak:.0f} MiB |

Where files were opened, in both traced runs together:

| place | opens |
| --- | --- |
{opened}

Each file. "After the ingest" is what the library says; "alone" is one decode in a fresh decoder process, with its end and peak
memory (its own code and libraries are about {smallest:.0f} MiB of it).

| file | what it is | after the ingest | alone | decoder | peak MiB |
| --- | --- | --- | --- | --- | --- |
{table}
""",
        encoding="utf-8",
    )


def shown(name: str) -> str:
    """A hostile name as a cell of a table: bounded, no control or direction characters, no markup."""
    plain = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in name)
    plain = plain if len(plain) <= 48 else f"{plain[:40]}... ({len(plain)})"
    return "`" + plain.replace("`", "'").replace("|", "/") + "`"


def _list(found: set[str]) -> str:
    return ": " + ", ".join(sorted(found)[:12]) if found else ""


def _strace_version() -> str:
    said = subprocess.run(["strace", "-V"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return said.split("\n")[0].rsplit(" ", 1)[-1]


if __name__ == "__main__":
    main()
