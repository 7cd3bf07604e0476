"""The OpenAPI document: what FastAPI derives, with an example at every operation and every error as a problem.

Takes an application with its routes; gives the document. Examples of what is asked stand with the models; those of what is
answered are put together from the models' own fields, by name, so that a new route has them without another word. A test
reads each of them with its model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

ITEM = "f_0123456789abcdef0123"
_BY_NAME: dict[str, Any] = {
    "account": "account",
    "asset": 0,
    "audience": "children",
    "because": ITEM,
    "category": "science",
    "code": "unknown-item",
    "created_at": 1_764_000_000.0,
    "creator": "Ada",
    "credit": "Photo: Ada",
    "cursor": "aXRlbXMKNDI",
    "detail": "there is no such item",
    "duration": 240.0,
    "end": 17.5,
    "event_id": "c0ffee-1",
    "exclude": [ITEM],
    "expires_at": 1_764_600_000.0,
    "feature": "topic:astronomy",
    "found_in": "transcript 0:12",
    "idempotency-key": "try-1",
    "if-match": '"9f86d081884c7d659a2feaa0c55ad015"',
    "if-none-match": '"9f86d081884c7d659a2feaa0c55ad015"',
    "item": f"/v1/items/{ITEM}",
    "item_id": ITEM,
    "item_ids": [ITEM],
    "job_id": "0123456789abcdef",
    "kind": "video",
    "language": "en",
    "licence": "CC-BY-4.0",
    "longest": 1_200.0,
    "mime": "video/mp4",
    "model": "m_20261124_1",
    "name": "topic:astronomy",
    "place": ITEM,
    "propensity": 0.25,
    "pseudonym": "9f86d081884c7d659a2feaa0c55ad015",
    "published_at": 1_764_000_000.0,
    "q": "how rockets fly",
    "quote": "three, two, one",
    "reason": "no decoder reads it",
    "remedy": "list the items to see their ids",
    "score": 0.83,
    "sentence": "Because you watched “How rockets fly” to the end.",
    "sentence_zh": "因为你看完了《火箭如何飞行》。",
    "session_id": "s1",
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "shortest": 60.0,
    "source": "content",
    "start": 12.0,
    "state": "done",
    "status": 404,
    "summary": "Why a rocket needs no air to push against.",
    "surface": "video",
    "tags": ["space"],
    "target": "topic:astronomy",
    "taste": 0.7,
    "text": "Every rocket throws something away.",
    "thumbnail": f"/v1/items/{ITEM}/thumbnail",
    "timestamp": 1_764_000_000.0,
    "title": "How rockets fly",
    "type": "like",
    "upload-length": 1_048_576,
    "upload-metadata": "filename dGFsay5tcDQ=,title SG93IHJvY2tldHMgZmx5",
    "upload-offset": 0,
    "upload_id": "0123456789abcdef0123456789abcdef",
    "url": f"/v1/items/{ITEM}/media/0",
    "user_id": "ada",
    "verdict": "review",
    "version": "0.1.0",
    "why": "a history lesson",
    "who": "ada",
}
_PROBLEM = "application/problem+json"
_ANY_ERROR = "an error, as RFC 9457 problem details; 401 and 403: who may do it, 413: too large, 429: slower"


def install(app: FastAPI) -> None:
    """Make the application answer its document in this form; it is made once, when it is first asked for."""
    app.openapi = _maker(app)  # type: ignore[method-assign]


def _maker(app: FastAPI) -> Callable[[], dict[str, Any]]:
    def make() -> dict[str, Any]:
        if app.openapi_schema is None:
            told = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version=app.openapi_version,
                description=app.description,
                routes=app.routes,
                license_info=app.license_info,
            )
            app.openapi_schema = dressed(told)
        return app.openapi_schema

    return make


def dressed(told: dict[str, Any]) -> dict[str, Any]:
    """The document with examples, names of operations and the problems that every route may answer; changed in place."""
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for path, methods in told.get("paths", {}).items():
        for method, route in methods.items():
            route["operationId"] = _operation(method, path)
            for parameter in route.get("parameters", ()):
                parameter.setdefault("example", _of(parameter["schema"], parameter["name"].lower(), schemas))
            for kind, content in route.get("requestBody", {}).get("content", {}).items():
                if kind == "application/json" and not _has_example(content, schemas):
                    content["example"] = _of(content.get("schema", {}), "", schemas)
            for status, answer in route["responses"].items():
                _answer(status, answer, schemas)
            if "ProblemDetails" in schemas:
                problem = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
                route["responses"].setdefault("default", {"description": _ANY_ERROR, "content": {_PROBLEM: problem}})
    return told


def _operation(method: str, path: str) -> str:
    """A name for generated clients: GET /v1/items/{item_id}/similar is get_item_similar."""
    parts = path.removeprefix("/v1/").strip("/").split("/")
    names = [
        _one(part) if parts[at + 1 : at + 2] and parts[at + 1].startswith("{") else part
        for at, part in enumerate(parts)
        if not part.startswith("{")
    ]
    name = "_".join([{"patch": "change"}.get(method, method), *names])
    return name.replace("-", "_").replace(".", "_")


def _one(name: str) -> str:
    """people -> person, items -> item."""
    return "person" if name == "people" else name.removesuffix("s")


def _answer(status: str, answer: dict[str, Any], schemas: dict[str, Any]) -> None:
    content = answer.get("content", {})
    if status.isdigit() and int(status) >= 400 and _PROBLEM in content:
        schema = {
            "schema": {"$ref": "#/components/schemas/ProblemDetails"}
        }  # FastAPI writes it at the route's own type
        answer["content"] = {_PROBLEM: schema}
    told = content.get("application/json")
    if told is not None and told.get("schema"):
        told.setdefault("example", _of(told["schema"], "", schemas))


def _has_example(content: dict[str, Any], schemas: dict[str, Any]) -> bool:
    if "example" in content or "examples" in content:
        return True
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return bool(schemas.get(name, {}).get("examples"))


def _of(schema: dict[str, Any], name: str, schemas: dict[str, Any], depth: int = 0) -> Any:
    """An example that fits a schema: by its name where one is known and fits, else by its type."""
    if "$ref" in schema:
        schema = schemas.get(schema["$ref"].rpartition("/")[2], {})
    for given in ("const", "example", "default"):
        if given in schema and (given != "default" or schema[given] not in (None, "", [])):
            return schema[given]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        wanted = _BY_NAME.get(name)
        return wanted if wanted in schema["enum"] else schema["enum"][0]
    options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if options:
        real = [o for o in options if o.get("type") != "null"]
        return _of(real[0] if real else options[0], name, schemas, depth)
    kind = schema.get("type")
    known = _BY_NAME.get(name)
    if known is not None and _fits(known, schema):
        return known
    if kind == "object" or "properties" in schema:
        fields = schema.get("properties", {})
        return {field: _of(inner, field, schemas, depth + 1) for field, inner in fields.items()}
    if kind == "array":
        if depth > 3 and not schema.get("minItems"):
            return []
        parts = schema.get("prefixItems")
        if parts:
            return [_of(part, name, schemas, depth + 1) for part in parts]
        return [_of(schema.get("items", {}), name.removesuffix("s"), schemas, depth + 1)]
    if kind in ("integer", "number"):
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        value = max(low, 1 if kind == "integer" else 0.5)
        return min(value, schema.get("maximum", value))
    return {"boolean": True, "string": "text", "null": None}.get(str(kind), "text")


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int | float):
        whole = kind == "integer" and isinstance(value, int)
        inside = schema.get("minimum", value) <= value <= schema.get("maximum", value)
        return (whole or kind == "number") and inside
    if isinstance(value, list):
        return kind == "array" and schema.get("items", {}).get("type") == "string"
    return bool(kind == "string" and len(value) <= schema.get("maxLength", len(value)))
