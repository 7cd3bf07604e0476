"""How often a language model is asked while people browse for an evening, counted by the library's own accounts.

usage: python -m benchmarks.talk.evening [--people 100] [--seed 0] [--reads rules] [--report FILE]

A library of 120 items in eight subjects, and a language model behind a real HTTP endpoint of this process that answers at
once, so that every call goes through the metered client and is counted. Each person, drawn by seed: opens the home page four
times, plays and judges eight items (each with the list that follows), asks why of three, opens their profile (half of the
people), asks for something in words and refines it twice, reads the digest once. `--reads unsure` or `always` lets the model
read the requests too.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from vitascope.assemble import System, open_system
from vitascope.base.ports.accounts import Part
from vitascope.base.ports.service import Ask, RawEvent

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "benchmarks" / "talk" / "evening.md"
SUBJECTS = ("rockets", "piano", "cooking", "football", "whales", "history", "comedy", "painting")
OPEN = 0.5
"""Share of people who open their own profile in an evening. A guess; each who does costs the call that writes it."""
SAID = (
    "something about {s}", "calm and short, no vocals", "shorter", "not that one", "like what I watched yesterday",
    "show me more", "关于{s}的", "再来点安静的", "a funny one about {s} for the train", "anything but {s}", "surprise me",
)  # fmt: skip


class _Model(BaseHTTPRequestHandler):
    """Answers chat completions at once: text, or the emptiest object that a schema allows."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        schema = (asked.get("response_format") or {}).get("json_schema", {}).get("schema")
        said = "Likes things."
        if schema:
            said = json.dumps({name: [] for name in schema.get("required", ())})
        body = json.dumps(
            {"choices": [{"message": {"content": said}}], "usage": {"prompt_tokens": 60, "completion_tokens": 8}}
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def evening(system: System, user: str, draw: random.Random, items: list[str]) -> None:
    """One person's evening."""
    liked = draw.choice(SUBJECTS)
    for visit in range(4):
        ask = Ask(user_id=user, surface="video", n=10, explain=True, rerank=True)
        shown = [i.item_id for i in system.recommend(ask).items] or items[:10]
        for _ in range(2):
            item = draw.choice(shown)
            kind = "like" if liked in item else draw.choice(["play", "complete", "skip"])
            system.feedback([RawEvent(user_id=user, item_id=item, type=kind, timestamp=time.time())], ask)
        if visit:
            system.explain(user, draw.choice(shown))
    if draw.random() < OPEN:
        system.profile(user)
    state = None
    for _ in range(3):
        state = system.talk(user, draw.choice(SAID).format(s=liked), state).state
    system.digest(user)


def main() -> None:
    """Count and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reads", default="rules", choices=["rules", "unsure", "always"])
    parser.add_argument("--report", type=Path, default=REPORT)
    told = parser.parse_args()
    draw = random.Random(told.seed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"
    settings = {
        "models": {
            "endpoints": {"language_model": {"url": url, "model": "counted"}},
            "off": ["text_embedding", "picture"],
        },
        "recommend": {"talk_reads": told.reads},
    }
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        system = open_system(Path(folder) / "home", settings=settings)
        items = [f"{s}-{n}" for n in range(15) for s in SUBJECTS]
        system.put_items(
            [
                {"item_id": i, "title": i.replace("-", " ").title(), "tags": i.split("-")[0], "kind": "video"}
                for i in items
            ]
        )
        for person in range(told.people):
            evening(system, f"person {person}", draw, items)
        rows = [r for r in system.cost().rows if r.part is Part.LANGUAGE]
        system.close()
    server.shutdown()
    calls = sum(r.made for r in rows)
    lines = [
        "# Calls to the language model in an evening",
        "",
        f"    {' '.join(['python -m benchmarks.talk.evening', *sys.argv[1:]])}",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, seed {told.seed}, {told.people} people, requests read by: {told.reads}. "
        f"{time.process_time() - began:.0f} s of processor.",
        "",
        "| feature | calls | a person | tokens in | tokens out |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {r.name} | {r.made} | {r.made / told.people:.2f} | {r.prompt_tokens} | {r.output_tokens} |"
            for r in sorted(rows, key=lambda r: r.name)
        ),
        f"| **all** | **{calls}** | **{calls / told.people:.2f}** | | |",
        "",
        f"Bar: under 1 a person; **{'met' if calls < told.people else 'not met'}**. It hangs on how many open their profile "
        f"(here {OPEN:.0%}, a\nguess): each who does costs the one call that writes its text, so if everybody did it would be 1.",
        "",
    ]
    told.report.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
