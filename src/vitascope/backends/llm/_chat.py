"""One conversation turn with an OpenAI-compatible endpoint.

Takes an address, a key and safe text; gives text or a JSON object that fits a schema. Sizes and times are bounded, the key
never reaches a log or an error. It knows no prompt and does not believe what it gets: callers check every claim.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vitascope.backends.runtimes import Patience, http_client, posted
from vitascope.base.errors import ModelFailed
from vitascope.base.personal import Mask
from vitascope.base.policy import SafeText

_MOST = 1 << 20
"""Bytes of one answer that are read."""
_MARK = 20
"""Characters of the longest mark, [ACCOUNT_1234567]."""


@dataclass(frozen=True)
class Said:
    """An answer and what it took."""

    text: str
    prompt_tokens: int
    output_tokens: int


class Chat:
    """An endpoint and how to ask it. Tried again where the failure may pass (no connection, 408, 429, 5xx).

    Args:
        address: up to and including /v1.
        key: sent as a bearer token; None where the endpoint asks for none.
        model: its name there.
        patience: how long and how often; shared by all calls to this endpoint.
        masked: whether personal data in what is sent are replaced by marks, and put back into the answer.
    """

    def __init__(self, address: str, key: str | None, model: str, patience: Patience, masked: bool = False) -> None:
        self._masked = masked
        self._http = http_client(address, key)
        self._model, self._place, self._patience = model, address, patience

    def say(
        self, system: str, prompt: SafeText, max_tokens: int, seed: int, schema: Mapping[str, Any] | None = None
    ) -> Said:
        """The answer; raises ModelFailed where there is none."""
        mask = Mask()
        body = chat_body(self._model, system, mask.hide(prompt) if self._masked else prompt, max_tokens, seed, schema)
        data = posted(self._http, "chat/completions", self._patience, _MOST, self._failed, self._place, json=body)
        try:
            parsed = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._failed("no answer in its reply") from error
        said = said_in(parsed, guessed_tokens(f"{system} {prompt}"), self._failed)
        return replace(said, text=mask.show(said.text))

    def pieces(self, system: str, prompt: SafeText, max_tokens: int, seed: int) -> Iterator[str]:
        """The answer's text as it comes. Not tried again: what was said is said."""
        if not self._masked:
            yield from self._pieces(system, prompt, max_tokens, seed)
            return
        mask, held = Mask(), ""
        for piece in self._pieces(system, mask.hide(prompt), max_tokens, seed):
            held += piece
            begun = held.rfind("[")  # a mark may come in two pieces: it is held until it ends, or is too long for one
            ends = len(held) if begun < 0 or "]" in held[begun:] or len(held) - begun > _MARK else begun
            if ends:
                yield mask.show(held[:ends])
            held = held[ends:]
        if held:
            yield mask.show(held)

    def _pieces(self, system: str, prompt: str, max_tokens: int, seed: int) -> Iterator[str]:
        import httpx

        body = chat_body(self._model, system, prompt, max_tokens, seed) | {"stream": True}
        read = 0
        try:
            with self._http.stream("POST", "chat/completions", json=body, timeout=self._patience.seconds) as response:
                if response.status_code != httpx.codes.OK:
                    raise self._failed(f"status {response.status_code}")
                for line in response.iter_lines():
                    read += len(line)
                    if read > _MOST or line == "data: [DONE]":
                        return
                    if not line.startswith("data: "):
                        continue
                    piece = json.loads(line[6:])["choices"][0].get("delta", {}).get("content")
                    if piece:
                        yield str(piece)
        except httpx.HTTPError as error:
            raise self._failed(type(error).__name__) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise self._failed("no answer in its reply") from error

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _failed(self, why: str) -> ModelFailed:
        return ModelFailed(
            f"the language model gave no usable answer: {why}",
            place=self._place,
            remedy="check the endpoint (settings models.endpoint); what needs it is extracted instead",
        )


def chat_body(
    model: str, system: str, content: object, max_tokens: int, seed: int, schema: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A request to chat/completions at temperature 0; with a schema, for an answer that fits it."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": content}]
    body = {"model": model, "messages": messages, "max_tokens": max_tokens, "temperature": 0, "seed": seed}
    if schema is not None:
        wanted = {"name": "answer", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": wanted}
    return body


def said_in(answer: Any, guessed: int, failed: Callable[[str], ModelFailed]) -> Said:
    """What chat/completions said. `guessed`: tokens of the prompt, where the endpoint did not count them."""
    try:
        content = answer["choices"][0]["message"]["content"]
    except (LookupError, TypeError) as error:
        raise failed("no answer in its reply") from error
    if not isinstance(content, str) or not content.strip():
        raise failed("an empty answer")
    usage = answer.get("usage")
    told = usage if isinstance(usage, dict) else {}
    tokens = []
    for name, guess in (("prompt_tokens", guessed), ("completion_tokens", guessed_tokens(content))):
        count = told.get(name)
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 1 << 31:
            tokens.append(count)
        else:
            tokens.append(guess)
    return Said(content, tokens[0], tokens[1])


def guessed_tokens(text: str) -> int:
    """About how many tokens a text has, where nobody counted: a quarter of its bytes, which is near for English."""
    return -(-len(text.encode()) // 4)


def object_of(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of an answer, checked against the part of JSON Schema that our prompts use.

    Checked: required, unknown names where additionalProperties is false, type, enum, lengths and item counts, nested.
    Raises ModelFailed naming the field.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ModelFailed(
            "the language model's answer is not JSON", remedy="what needs it is extracted instead"
        ) from error
    _check(value, schema, "answer")
    if not isinstance(value, dict):
        raise ModelFailed("the language model's answer is not an object", remedy="what needs it is extracted instead")
    return value


_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
}


def _check(value: Any, schema: Mapping[str, Any], place: str) -> None:
    kind = schema.get("type")
    wrong = (
        (kind in _TYPES and (not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))))
        or ("enum" in schema and value not in schema["enum"])
        or (isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", _MOST))
        or (isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", _MOST))
    )
    if wrong:
        raise ModelFailed(
            f"the language model's answer does not fit at {place}", remedy="what needs it is extracted instead"
        )
    if isinstance(value, dict):
        known: Mapping[str, Any] = schema.get("properties", {})
        missing = [name for name in schema.get("required", ()) if name not in value]
        unknown = [name for name in value if name not in known] if schema.get("additionalProperties") is False else []
        if missing or unknown:
            raise ModelFailed(
                f"the language model's answer does not fit at {place}: {', '.join(missing or unknown)}",
                remedy="what needs it is extracted instead",
            )
        for name, part in known.items():
            if name in value:
                _check(value[name], part, f"{place}.{name}")
    elif isinstance(value, list) and "items" in schema:
        for number, part in enumerate(value):
            _check(part, schema["items"], f"{place}[{number}]")
