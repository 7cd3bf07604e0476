"""The one client of language models: counted, priced, held to the budget, patient, and rested where the other side is broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from vitascope.backends.llm import EndpointLanguageModel, MeteredLanguageModel
from vitascope.backends.llm._chat import Chat, Said
from vitascope.backends.models import BudgetConfig, EndpointConfig, Price
from vitascope.backends.runtimes import Passing, Patience
from vitascope.backends.stores import Stores
from vitascope.base.errors import BudgetSpent, ItemBudgetSpent, ModelFailed, ModelMissing, ModelResting
from vitascope.base.policy import SafeText, safe_text
from vitascope.base.ports.accounts import DAY, Use, asked_by
from vitascope.base.ports.models import ModelInfo
from vitascope.base.records import ItemKey

TOLD, ITEM = safe_text("what is it"), ItemKey(7)


class Answers:
    """Says the same each time, for 100 tokens in and 20 out; or raises what it is told."""

    info = ModelInfo(id="gpt-x", sha256="", licence="none")

    def __init__(self) -> None:
        self.asked = 0
        self.fails: Exception | None = None

    def say(self, system: str, prompt: SafeText, most: int, seed: int, schema: dict[str, Any] | None = None) -> Said:
        self.asked += 1
        if self.fails:
            raise self.fails
        return Said('{"a": 1}' if schema else " a bell ", 100, 20)

    def stream(self, system: str, prompt: SafeText, max_tokens: int = 256, seed: int = 0) -> Iterator[str]:
        yield from ("a ", "bell")

    def close(self) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    opened = Stores.open(tmp_path_factory.mktemp("client"), b"k" * 32)
    yield opened
    opened.close()


@pytest.fixture
def metered(stores: Stores) -> Callable[..., tuple[MeteredLanguageModel, Answers]]:
    """A metered model on a day of its own."""
    day = stores.settings.get("day") or "0"
    stores.settings.set("day", str(int(day) + 1))

    def make(**budget: Any) -> tuple[MeteredLanguageModel, Answers]:
        answers = Answers()
        clock = lambda: (int(day) + 1) * DAY + 5.0  # noqa: E731
        return MeteredLanguageModel(answers, stores.accounts, BudgetConfig(**budget), clock), answers

    return make


def sums(stores: Stores, model: MeteredLanguageModel) -> dict[str, Use]:
    return {u.name: u for u in stores.accounts.sums(since=model._meter._day)}


def test_every_call_is_counted_by_feature_and_item_and_priced(stores: Stores, metered: Any) -> None:
    model, answers = metered(prices=(Price(model="gpt-*", prompt=2.0, output=10.0), Price(prompt=99.0)))
    assert asked_by(model, "summary", ITEM).write("system", TOLD) == "a bell"
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    assert model.about("chapters", ITEM).answer("system", TOLD, schema) == {"a": 1}
    assert "".join(model.about("interests").stream("system", TOLD)) == "a bell"
    found = sums(stores, model)
    assert (found["summary"].prompt_tokens, found["summary"].output_tokens, found["summary"].made) == (100, 20, 1)
    assert found["summary"].money == pytest.approx(100 * 2e-6 + 20 * 10e-6)
    assert found["interests"].output_tokens == 2
    assert stores.accounts.spent(model._meter._day, ITEM).tokens == 240
    assert answers.asked == 2
    answers.fails = ModelFailed("no")
    with pytest.raises(ModelFailed):
        model.about("failing").write("system", TOLD)
    assert sums(stores, model)["failing"].prompt_tokens > 0, "a prompt that was sent may have been paid for"
    for silent in (ModelMissing("no"), ModelResting("no")):
        answers.fails = silent
        with pytest.raises(type(silent)):
            model.about("unasked").write("system", TOLD)
    assert "unasked" not in sums(stores, model), "what was never sent costs nothing"


def test_an_item_gets_what_it_may_cost_and_others_go_on(stores: Stores, metered: Any) -> None:
    model, answers = metered(item_tokens=200)
    mine = model.about("summary", ITEM)
    mine.write("s", TOLD)
    mine.write("s", TOLD)
    with pytest.raises(ItemBudgetSpent, match="200 tokens") as said:
        mine.write("s", TOLD)
    assert said.value.remedy
    assert answers.asked == 2, "what is refused is not asked"
    assert sums(stores, model)["summary"].refused == 1
    assert model.about("summary", ItemKey(8)).write("s", TOLD)


@pytest.mark.parametrize("budget", [{"day_tokens": 480}, {"day_money": 480e-6, "prices": (Price(prompt=1, output=1),)}])
def test_features_give_way_in_the_stated_order(metered: Any, budget: dict[str, Any]) -> None:
    order = ("style", "chapters", "summary")
    model, _ = metered(gives_way=order, **budget)
    went: dict[str, int] = {}
    for turn in range(1, 6):  # each call takes a quarter of the day
        for feature in (*order, "unheard of"):
            try:
                model.about(feature)._meter.allowed()
            except BudgetSpent:
                went.setdefault(feature, turn)
        if turn < 5:
            model.about("summary").write("s", TOLD)
    assert went == {"style": 3, "unheard of": 3, "chapters": 4, "summary": 5}
    with pytest.raises(BudgetSpent):
        next(model.about("summary").stream("s", TOLD))


def test_a_new_day_has_a_new_budget(stores: Stores, metered: Any) -> None:
    model, answers = metered(day_tokens=100)
    model.about("summary").write("s", TOLD)
    with pytest.raises(BudgetSpent):
        model.about("summary").write("s", TOLD)
    tomorrow = MeteredLanguageModel(
        answers, stores.accounts, BudgetConfig(day_tokens=100), lambda: model._meter._clock() + DAY
    )
    assert tomorrow.about("summary").write("s", TOLD)


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def patience(time: Time, **more: Any) -> Patience:
    return Patience(more.pop("seconds", 60.0), clock=time, sleep=time.sleep, jitter=lambda: 1.0, **more)


def failing(times: int, wait: float | None = None) -> Callable[[float], str]:
    left = [times]

    def ask(_seconds: float) -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise Passing(ModelFailed("busy"), wait)
        return "said"

    return ask


def test_what_may_pass_is_tried_again_with_growing_waits() -> None:
    time = Time()
    assert patience(time, retries=3).call(failing(3), "there") == "said"
    assert time.slept == [0.5, 1.0, 2.0]
    time = Time()
    assert patience(time).call(failing(1, wait=7.0), "there") == "said"
    assert time.slept == [7.5], "as long as the other side asked, and a little at random"
    with pytest.raises(ModelFailed, match="busy"):
        patience(Time(), retries=1).call(failing(2), "there")


def test_no_try_goes_over_the_time_limit() -> None:
    time = Time()
    given: list[float] = []

    def slow(seconds: float) -> str:
        given.append(seconds)
        time.now += min(seconds, 8.0)
        raise Passing(ModelFailed("busy"))

    with pytest.raises(ModelFailed):
        patience(time, seconds=10.0, retries=9).call(slow, "there")
    assert time.now <= 111
    assert given == [10.0, 1.5]


def test_a_broken_endpoint_is_left_alone_for_a_while_and_then_tried() -> None:
    time, calls = Time(), 0
    patient = patience(time, retries=0, failures=2, rest_seconds=30.0)

    def broken(_seconds: float) -> str:
        nonlocal calls
        calls += 1
        raise Passing(ModelFailed("down"))

    for _ in range(5):
        with pytest.raises(ModelFailed) as said:
            patient.call(broken, "there")
    assert calls == 2
    assert "left alone" in said.value.thing
    time.now += 31
    with pytest.raises(ModelFailed, match="down"):
        patient.call(broken, "there")
    with pytest.raises(ModelResting, match="left alone"):
        patient.call(lambda _: "fine", "there")
    time.now += 31
    assert patient.call(lambda _: "fine", "there") == "fine"
    with pytest.raises(ModelFailed, match="down"):
        patient.call(broken, "there")
    assert patient.call(lambda _: "fine", "there") == "fine", "one failure after an answer is no row of them"


@contextmanager
def served(*replies: httpx.Response | Exception, retries: int = 2) -> Iterator[tuple[Chat, list[httpx.Request]]]:
    """A chat whose endpoint answers these, one after another."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        reply = replies[min(len(asked), len(replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        return reply

    time = Time()
    chat = Chat("http://model.test/v1", "secret", "m", patience(time, retries=retries))
    chat._http = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://model.test/v1/")
    yield chat, asked
    chat.close()


def said(text: str = "a bell", **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"choices": [{"message": {"content": text}}], **more})


@pytest.mark.parametrize(
    "first", [httpx.Response(503), httpx.Response(429, headers={"Retry-After": "2"}), httpx.ConnectError("refused")]
)
def test_an_endpoint_that_was_busy_is_asked_again(first: Any) -> None:
    with served(first, said(usage={"prompt_tokens": 31, "completion_tokens": 2})) as (chat, asked):
        assert chat.say("s", TOLD, 20, 0) == Said("a bell", 31, 2)
        assert len(asked) == 2
        assert json.loads(asked[0].content)["max_tokens"] == 20


@pytest.mark.parametrize("status", [400, 401, 404])
def test_what_will_not_pass_is_asked_once(status: int) -> None:
    with served(httpx.Response(status)) as (chat, asked), pytest.raises(ModelFailed, match=str(status)):
        chat.say("s", TOLD, 20, 0)
    assert len(asked) == 1


@pytest.mark.parametrize(
    "usage", [None, {"prompt_tokens": -4}, {"prompt_tokens": "many"}, [1], {"prompt_tokens": True}]
)
def test_tokens_that_nobody_counted_are_estimated(usage: Any) -> None:
    with served(said(usage=usage)) as (chat, _):
        answer = chat.say("s" * 10, TOLD, 20, 0)
    assert answer.prompt_tokens == -(-(11 + len(TOLD)) // 4)
    assert answer.output_tokens == 2


def test_the_settings_reach_the_client(tmp_path: Path) -> None:
    config = EndpointConfig(url="http://127.0.0.1:9/v1", timeout_seconds=3, retries=0, failures=1, rest_seconds=60)
    model = EndpointLanguageModel(config)
    with pytest.raises(ModelFailed):
        model.write("s", TOLD)
    with pytest.raises(ModelFailed, match="left alone"):
        model.write("s", TOLD)
    model.close()
