"""Make the Python and the TypeScript client from the OpenAPI document.

    python scripts/clients.py           writes clients/python/vitascope_client/_asked.py, _answered.py, _calls.py and
                                        clients/typescript/src/types.ts, calls.ts
    python scripts/clients.py --check   writes nothing; 1 where a file is not what it would write

Takes the document of an application over no library. Gives one type for each schema and one method for each operation,
named by its operationId. What both clients do by hand (connections, errors, pages, uploads) stands in `_http.py` and
`http.ts`. Answers without an end (server-sent events) have no method.
"""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / "clients/python/vitascope_client"
TYPESCRIPT = ROOT / "clients/typescript/src"
HEAD = "Made by scripts/clients.py from the OpenAPI document; do not edit."
METHODS = ("get", "post", "put", "patch", "delete")
WIDTH = 116

Schema = dict[str, Any]


@dataclass
class Call:
    """One operation, as both clients need it."""

    name: str
    method: str
    path: str
    summary: str
    parts: list[str] = field(default_factory=list)
    query: list[tuple[str, Schema, bool]] = field(default_factory=list)
    """Name, schema, required."""
    headers: list[tuple[str, Schema, bool]] = field(default_factory=list)
    body: Schema | None = None
    piece: bool = False
    """The body is bytes."""
    answer: str = ""
    """A schema's name, or "nothing", "text", "bytes"."""


def document() -> Schema:
    """The OpenAPI document of this source tree."""
    sys.path.insert(0, str(ROOT / "src"))
    from vitascope.serve import create_app

    class Nothing:
        """A library that is never asked."""

    return create_app(Nothing()).openapi()  # type: ignore[arg-type]


def calls(told: Schema) -> list[Call]:
    """The operations that have an end, by name."""
    found = []
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            if method not in METHODS:
                continue
            one = _call(path, method, route)
            if one is not None:
                found.append(one)
    return sorted(found, key=lambda c: c.name)


def _call(path: str, method: str, route: Schema) -> Call | None:
    one = Call(route["operationId"], method.upper(), path, route["summary"])
    for parameter in route.get("parameters", ()):
        given = (parameter["name"], parameter["schema"], bool(parameter.get("required")))
        if parameter["in"] == "path":
            one.parts.append(parameter["name"])
        elif parameter["in"] == "query":
            one.query.append(given)
        elif parameter["in"] == "header" and given[0] != "tus-resumable":
            one.headers.append(given)
    content = route.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        one.body = content["application/json"]["schema"]
    one.piece = "application/offset+octet-stream" in content
    good = next(route["responses"][s] for s in ("200", "201", "202", "204") if s in route["responses"])
    kinds = good.get("content", {})
    if "text/event-stream" in kinds:
        return None
    schema = kinds.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        one.answer = _name(schema)
    elif not kinds:
        one.answer = "nothing"
    elif any(kind.startswith("text/plain") for kind in kinds):
        one.answer = "text"
    else:
        one.answer = "bytes"
    return one


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def reached(told: Schema, start: set[str]) -> set[str]:
    """Names of schemas that these need, themselves included."""
    found: set[str] = set()
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            text = json.dumps(told["components"]["schemas"].get(name, {}))
            ahead += re.findall(r'"#/components/schemas/([^"]+)"', text)
    return found


def in_order(told: Schema, names: set[str]) -> list[str]:
    """Each after those that it needs."""
    out: list[str] = []

    def visit(name: str) -> None:
        if name in out or name not in names:
            return
        for needed in sorted(reached(told, {name}) - {name}):
            visit(needed)
        out.append(name)

    for name in sorted(names):
        visit(name)
    return out


# --- Python


def py_type(schema: Schema, array: str = "tuple[{}, ...]") -> str:
    """A schema as a Python type; `array`: how a list of something is written."""
    if "$ref" in schema:
        return _name(schema)
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " | ".join(dict.fromkeys(py_type(o, array) for o in options))
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return f"tuple[{', '.join(map(py_type, schema['prefixItems']))}]"
        return array.format(py_type(schema.get("items", {}), array))
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {py_type(inner) if isinstance(inner, dict) else 'Any'}]"
    known = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
    return known.get(str(kind), "Any")


def py_model(name: str, schema: Schema, base: str) -> str:
    """A schema as a model."""
    if "enum" in schema:
        return f"{name} = {py_type(schema)}\n"
    about = " ".join(schema.get("description", name).split("\n\n")[0].split())
    lines = [f"class {name}({base}):"]
    lines += _doc(about, 4)
    if schema.get("additionalProperties") is True:
        lines += ["", '    model_config = ConfigDict(frozen=True, extra="allow")']
    required = set(schema.get("required", ()))
    fields = []
    for field_, inner in schema.get("properties", {}).items():
        told = py_type(inner, "Sequence[{}]" if base == "Asked" else "tuple[{}, ...]")
        if field_ in required and not (base == "Answered" and "default" in inner):
            fields.append(f"    {field_}: {told}")
        else:
            default = inner.get("default")
            if isinstance(default, list):
                default = tuple(default)
            if isinstance(default, dict):  # the server fills it in
                default = None
            if default is None and not _nullable(inner):
                told += " | None"
            fields.append(f"    {field_}: {told} = {default!r}")
    return "\n".join([*lines, "", *fields]) + "\n" if fields else "\n".join(lines) + "\n"


def _nullable(schema: Schema) -> bool:
    """Whether the type takes null as it is."""
    options = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return any(option.get("type") == "null" or py_type(option) == "Any" for option in options)


def _doc(text: str, indent: int) -> list[str]:
    pad = " " * indent
    if not text.endswith((".", "?", "!")):
        text += "."
    text = text.replace("\\", "\\\\").replace('"""', "'''")
    if len(text) + indent + 6 <= WIDTH:
        return [f'{pad}"""{text}"""']
    lines = textwrap.wrap(text, WIDTH - indent)
    return [f'{pad}"""{lines[0]}', *(pad + line for line in lines[1:]), f'{pad}"""']


def py_models(told: Schema, names: set[str], base: str, about: str, others: Set[str] = frozenset()) -> str:
    """A module of models; `others` stand in `_answered`."""
    body = "\n\n".join(py_model(n, told["components"]["schemas"][n], base) for n in in_order(told, names))
    typing = [n for n in ("Any", "Literal") if re.search(rf"\b{n}\b", body)]
    head = [f'"""{about}\n\n{HEAD}\n"""', "", "from __future__ import annotations", ""]
    if "Sequence[" in body:
        head += ["from collections.abc import Sequence", *([] if typing else [""])]
    if typing:
        head += [f"from typing import {', '.join(typing)}", ""]
    if "ConfigDict" in body:
        head += ["from pydantic import ConfigDict", ""]
    used = sorted(n for n in others if re.search(rf"\b{n}\b", re.sub(r'""".*?"""', "", body, flags=re.S)))
    if used:
        head += [f"from vitascope_client._answered import {', '.join(used)}"]
    head += [f"from vitascope_client._http import {base}", "", ""]
    return "\n".join(head) + body


def py_name(name: str) -> str:
    """A parameter's name in Python."""
    plain = name.lower().replace("-", "_")
    return plain + "_" if keyword.iskeyword(plain) else plain


def py_call(call: Call) -> str:
    """An operation as a method."""
    arguments = ["self", *(f"{py_name(p)}: str" if p != "asset" else "asset: int" for p in call.parts)]
    if call.body is not None:
        arguments.append(f"body: {py_type(call.body)}")
    if call.piece:
        arguments.append("body: bytes")
    named = [*call.query, *call.headers]
    if named:
        arguments.append("*")
    for name, schema, required in sorted(named, key=lambda n: not n[2]):
        told = py_type(schema, "Sequence[{}]")
        if not required and not _nullable(schema):
            told += " | None"
        arguments.append(f"{py_name(name)}: {told}" + ("" if required else " = None"))
    answer = {"nothing": "None", "text": "str", "bytes": "bytes"}.get(call.answer, call.answer)
    path = re.sub(r"\{([^}]+)\}", lambda m: "{_part(" + py_name(m[1]) + ")}", call.path)
    given = [repr(call.method), f'f"{path}"' if call.parts else f'"{path}"']
    if call.query:
        given.append("query={" + ", ".join(f'"{n}": {py_name(n)}' for n, _, _ in call.query) + "}")
    if call.headers:
        given.append("headers={" + ", ".join(f'"{n}": {py_name(n)}' for n, _, _ in call.headers) + "}")
    if call.body is not None or call.piece:
        given.append("body=body")
    how = {"nothing": "_nothing", "text": "_text", "bytes": "_bytes"}.get(call.answer, "_model")
    if how == "_model":
        given.insert(0, call.answer)
    lines = [f"    def {call.name}(", *(f"        {a}," for a in arguments), f"    ) -> {answer}:"]
    lines += _doc(call.summary, 8)
    lines += [
        f"        {'return ' if how != '_nothing' else ''}self.{how}(",
        *(f"            {g}," for g in given),
        "        )",
    ]
    return "\n".join(lines) + "\n"


def py_calls(found: list[Call], asked: set[str], answered: set[str]) -> str:
    """The module of methods."""
    body = "\n".join(py_call(c) for c in found)
    used = [
        f"from vitascope_client.{module} import (\n" + "".join(f"    {n},\n" for n in sorted(names)) + ")"
        for module, names in (
            ("_answered", {n for n in answered if re.search(rf"\b{n}\b", body)}),
            ("_asked", {n for n in asked if re.search(rf"\b{n}\b", body)}),
        )
        if names
    ]
    literal = "from collections.abc import Sequence\n" if "Sequence[" in body else ""
    literal += "from typing import Literal\n" if "Literal[" in body else ""
    literal += "\n" if literal else ""
    return (
        f'"""One method for each operation of the API.\n\n{HEAD}\n"""\n\nfrom __future__ import annotations\n\n{literal}'
        + "\n".join(used)
        + "\nfrom vitascope_client._http import Http, _part\n\n\nclass Calls(Http):\n"
        + '    """The operations, by their operationId."""\n\n'
        + body
    )


# --- TypeScript


def ts_type(schema: Schema) -> str:
    """A schema as a TypeScript type."""
    if "$ref" in schema:
        return _name(schema)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(v) for v in schema["enum"])
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return " | ".join(dict.fromkeys(ts_type(o) for o in options))
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return f"[{', '.join(map(ts_type, schema['prefixItems']))}]"
        inner = ts_type(schema.get("items", {}))
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    if kind == "object":
        more = schema.get("additionalProperties")
        return f"Record<string, {ts_type(more) if isinstance(more, dict) else 'unknown'}>"
    known = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
    return known.get(str(kind), "unknown")


def ts_model(name: str, schema: Schema) -> str:
    """A schema as an interface."""
    about = " ".join(schema.get("description", name).split("\n\n")[0].split())
    if "enum" in schema:
        return f"/** {about} */\nexport type {name} = {ts_type(schema)};\n"
    required = set(schema.get("required", ()))
    lines = [f"/** {about} */", f"export interface {name} {{"]
    for field_, inner in schema.get("properties", {}).items():
        optional = "" if field_ in required else "?"
        lines.append(f"  {field_}{optional}: {ts_type(inner)};")
    if schema.get("additionalProperties") is True:
        lines.append("  [more: string]: unknown;")
    return "\n".join([*lines, "}"]) + "\n"


def ts_name(name: str) -> str:
    """get_item_similar -> getItemSimilar."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def ts_call(call: Call) -> str:
    """An operation as a method."""
    arguments = [f"{p}: {'number' if p == 'asset' else 'string'}" for p in call.parts]
    if call.body is not None:
        arguments.append(f"body: {ts_type(call.body)}")
    if call.piece:
        arguments.append("body: Uint8Array<ArrayBuffer>")
    for name, given in (("query", call.query), ("headers", call.headers)):
        if given:
            fields = "; ".join(
                f"{json.dumps(n) if '-' in n else n}{'' if r else '?'}: {ts_type(s)}" for n, s, r in given
            )
            arguments.append(f"{name}: {{ {fields} }}" + ("" if any(r for _, _, r in given) else " = {}"))
    answer = {"nothing": "void", "text": "string", "bytes": "Blob"}.get(call.answer, call.answer)
    how = {"nothing": "nothing", "text": "text", "bytes": "blob"}.get(call.answer, f"json<{call.answer}>")
    path = re.sub(r"\{([^}]+)\}", lambda m: "${part(" + m[1] + ")}", call.path)
    given_ = [n for n, there in (("query", call.query), ("headers", call.headers)) if there]
    if call.body is not None or call.piece:
        given_.append("body")
    options = f", {{ {', '.join(given_)} }}" if given_ else ""
    return (
        f"  /** {call.summary} */\n"
        f"  {ts_name(call.name)}({', '.join(arguments)}): Promise<{answer}> {{\n"
        f'    return this.{how}("{call.method}", `{path}`{options});\n  }}\n'
    )


def ts_calls(found: list[Call], names: set[str]) -> str:
    """The module of methods."""
    body = "\n".join(ts_call(c) for c in found)
    used = sorted(n for n in names if re.search(rf"\b{n}\b", body))
    return (
        f"/** One method for each operation of the API. {HEAD} */\n\n"
        + 'import { Http, part } from "./http.js";\n'
        + "import type {\n"
        + "".join(f"  {n},\n" for n in used)
        + '} from "./types.js";\n\nexport class Calls extends Http {\n'
        + body
        + "}\n"
    )


def made(told: Schema) -> dict[Path, str]:
    """File -> what belongs in it."""
    found = calls(told)
    schemas = told["components"]["schemas"]
    answered = reached(told, {c.answer for c in found if c.answer in schemas} | {"ProblemDetails"})
    asked = reached(told, {_name(c.body) for c in found if c.body is not None and "$ref" in c.body}) - answered
    types = "\n".join(ts_model(n, schemas[n]) for n in sorted(asked | answered))
    return {
        PYTHON / "_asked.py": py_models(told, asked, "Asked", "What is sent and never answered.", answered),
        PYTHON / "_answered.py": py_models(told, answered, "Answered", "What is answered; some of it is sent back."),
        PYTHON / "_calls.py": py_calls(found, asked, answered),
        TYPESCRIPT / "types.ts": f"/** What is sent and answered. {HEAD} */\n\n{types}",
        TYPESCRIPT / "calls.ts": ts_calls(found, asked | answered),
    }


def formatted(files: dict[Path, str]) -> dict[Path, str]:
    """Python files as the formatter has them."""
    out = {}
    for path, text in files.items():
        if path.suffix == ".py":
            command = [sys.executable, "-m", "ruff", "format", "--quiet", "--stdin-filename", str(path), "-"]
            text = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
        out[path] = text
    return out


def main() -> int:
    """Write the files, or with --check say which are not what they should be."""
    files = formatted(made(document()))
    if "--check" in sys.argv[1:]:
        old = [p for p, text in files.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
        for path in old:
            print(f"{path.relative_to(ROOT)} is not what scripts/clients.py makes of the API; run it", file=sys.stderr)
        return 1 if old else 0
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
