"""The generated clients against a real server on a real socket, and whether they are what the API makes of them."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from tests.serve.conftest import tone
from tests.serve.fake_service import FakeService
from tests.serve.library import library, likes, name

from vitascope.base.ports.work import DescribeReport
from vitascope.serve import ServeConfig, create_app
from vitascope_client import (
    ActIn,
    ApiError,
    AskIn,
    Client,
    CorrectionIn,
    EventBatch,
    EventIn,
    ItemIn,
    RankIn,
    SessionIn,
    WatchIn,
    pages,
)

ROOT = Path(__file__).parents[2]
TSC = ROOT / "web/node_modules/.bin/tsc"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running server over twelve items and two people; only describing is left out."""
    with library(tmp_path_factory.mktemp("clients") / "home") as system:
        likes(system, "ada", 0, 3)
        likes(system, "ben", 0, 2)
        system.describe = lambda *_, **__: DescribeReport(described=0, unchanged=0)  # type: ignore[method-assign]
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            server = uvicorn.Server(uvicorn.Config(create_app(system, ServeConfig()), log_level="error"))
            thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
            thread.start()
            until = time.monotonic() + 30
            while not server.started and time.monotonic() < until:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
            server.should_exit = True
            thread.join(20)


@pytest.fixture
def library_(address: str) -> Iterator[Client]:
    with Client(address) as one:
        yield one


def test_the_clients_are_what_the_api_makes_of_them() -> None:
    place = importlib.util.spec_from_file_location("clients", ROOT / "scripts/clients.py")
    assert place is not None
    assert place.loader is not None
    maker = importlib.util.module_from_spec(place)
    sys.modules["clients"] = maker  # its data classes look themselves up
    place.loader.exec_module(maker)
    files = maker.formatted(maker.made(create_app(FakeService()).openapi()))
    old = [path.name for path, text in files.items() if path.read_text(encoding="utf-8") != text]
    assert old == [], "the API changed: run scripts/clients.py"


def test_items_events_and_lists(library_: Client) -> None:
    assert library_.get_health_live().status == "live"
    found = [card.item_id for page in pages(lambda c: library_.get_items(cursor=c, n=5)) for card in page.items]
    assert found == [name(i) for i in range(12)]
    made = library_.put_item("talk/7 ü", ItemIn(title="How rockets fly", tags=["space"], mine="kept"))  # type: ignore[call-arg]
    assert made.created
    assert library_.get_item("talk/7 ü").extra == (("mine", "kept"),)
    assert library_.last is not None
    seen = library_.last.headers["etag"]
    assert library_.change_item("talk/7 ü", ItemIn(creator="Ada"), if_match=seen).created is False
    with pytest.raises(ApiError, match="not what you saw"):
        library_.change_item("talk/7 ü", ItemIn(creator="Bob"), if_match=seen)
    assert library_.get_item("talk/7 ü").tags == ("space",), "what was not stated was not sent"
    batch = EventBatch(events=[EventIn(user_id="cat", item_id=name(i), type="like") for i in (1, 4)])
    assert library_.post_events_batch(batch, idempotency_key="once").added == 2
    assert library_.post_events_batch(batch, idempotency_key="once").known == 2
    assert library_.post_progress(WatchIn(user_id="cat", item_id=name(5), position=90)).added == 1
    listed = library_.post_recommendations(AskIn(user_id="cat", surface="video", n=5, cards=True, explain=True))
    assert len(listed.items) == 5
    assert listed.items[0].item is not None
    assert name(1) not in {line.item_id for line in listed.items}, "the very next list knows it"
    assert len(library_.post_recommendations_session(SessionIn(acts=[ActIn(item_id=name(0))], n=3)).items) == 3
    assert library_.post_rank(RankIn(user_id="cat", item_ids=[name(0), "x"])).left_out == ("x",)
    assert library_.get_search(q="rocket", kind="audio", longest=300).hits
    assert library_.get_popular(category="science").hits[0].item_id == name(0)
    assert library_.get_person_similar("ada").people[0].common == 1
    corrected = library_.change_person_profile("cat", CorrectionIn(feature="category:sport", muted=True))
    assert corrected.muted == ("category:sport",)
    assert library_.get_flow("video")
    assert len(library_.get_export().splitlines()) == 13
    library_.delete_item("talk/7 ü", how="erased")


def test_an_error_says_what_where_and_what_to_do(library_: Client) -> None:
    with pytest.raises(ApiError) as told:
        library_.get_item("none")
    assert (told.value.status, told.value.code, told.value.place) == (404, "unknown-item", "none")
    assert told.value.remedy
    with pytest.raises(ApiError, match="does not answer") as offline:
        Client("http://127.0.0.1:9", timeout=2).get_health_live()
    assert offline.value.status == 0


def test_a_file_is_sent_in_pieces(library_: Client, tmp_path: Path) -> None:
    file = tone(tmp_path / "tone.wav")
    sent = library_.upload(file, key="tone", piece=3_000, item_id="tone", title="A tone")
    again = library_.upload(file, key="tone", piece=3_000, item_id="tone", title="A tone")
    assert (again.upload_id, again.offset) == (sent.upload_id, file.stat().st_size)
    until = time.monotonic() + 60
    while library_.get_upload(sent.upload_id).state not in ("taken", "failed") and time.monotonic() < until:
        time.sleep(0.05)
    assert library_.get_upload(sent.upload_id).state == "taken"
    assert library_.get_item_media("tone", 0) == file.read_bytes()


PROGRAM = """
import { ApiError, Client, pages } from "./index.js";
const library = new Client({ address: process.argv[2] });
const found = [];
for await (const page of pages((cursor) => library.getItems({ cursor, n: 5, language: "zh" }))) {
  found.push(...page.items.map((i) => i.item_id));
}
const added = (await library.postEvents({ user_id: "dan", item_id: found[0], type: "like" }, { "idempotency-key": "k" })).added;
const list = await library.postRecommendations({ user_id: "dan", surface: "video", n: 3 });
const ranked = await library.postRank({ user_id: "dan", item_ids: [...found, "x/y"] });
let error = null;
try {
  await library.getItem("x/y");
} catch (e) {
  error = e instanceof ApiError ? [e.status, e.code, e.place] : String(e);
}
console.log(JSON.stringify({ found, added, listed: list.items.length, left: ranked.left_out, error }));
"""


@pytest.mark.slow
def test_the_typescript_client(address: str, tmp_path: Path) -> None:
    """Type-checked and built by the page's compiler, then run by Node."""
    node = shutil.which("node")
    if not TSC.exists() or node is None:
        pytest.skip("no TypeScript compiler: run ./run setup")
    built = subprocess.run(
        [str(TSC), "-p", str(ROOT / "clients/typescript"), "--outDir", str(tmp_path)], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "program.js").write_text(PROGRAM)
    ran = subprocess.run([node, str(tmp_path / "program.js"), address], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "found": [name(i) for i in (0, 4, 8)],
        "added": 1,
        "listed": 3,
        "left": ["x/y"],
        "error": [404, "unknown-item", "x/y"],
    }
