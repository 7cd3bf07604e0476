"""Write docs/settings.md from the settings classes: names, defaults, and what their docstrings say.

python scripts/settings_doc.py            # writes; --check exits with 1 if the file is not up to date
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from vitascope.config import Settings

TARGET = Path(__file__).parents[1] / "docs" / "settings.md"
HEAD = """# Settings

Made by `python scripts/settings_doc.py` from the settings classes. Each stands in the home's `vitascope.toml`
(`[serve]` / `port = 8001`) or in a variable (`VITASCOPE_SERVE__PORT=8001`). Flags win over variables, variables over
the file, the file over the defaults. An unknown name is an error that says where it stands.

Also read: `VITASCOPE_HOME` (the library's home), `VITASCOPE_MODELS` (cache of downloaded models),
`VITASCOPE_MODEL_SOURCES` (folders asked for model files first), `VITASCOPE_LANG` (`en` or `zh`).
"""


def docs(kind: type[BaseModel]) -> dict[str, str]:
    """Field -> the text that stands under it in the class."""
    found: dict[str, str] = {}
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    last = None
    for node in body.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            last = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and last:
            found[last] = " ".join(str(node.value.value).split())
            last = None
        else:
            last = None
    return found


def table(name: str, kind: type[BaseModel]) -> list[str]:
    """The lines of one part, and of the parts in it."""
    lines = [f"\n## `[{name}]`\n", inspect.getdoc(kind) or "", "", "| setting | default | |", "| --- | --- | --- |"]
    inner: list[str] = []
    texts = docs(kind)
    for field, info in kind.model_fields.items():
        annotation = info.annotation
        if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
            inner += table(f"{name}.{field}", annotation)
            continue
        default = info.get_default(call_default_factory=True)
        shown = "" if default is PydanticUndefined else f"`{default!r}`".replace("|", "\\|")
        if len(shown) > 200:  # tables of tables: said in words beside it
            shown = "built in"
        lines.append(f"| `{field}` | {shown} | {texts.get(field, '').replace('|', chr(92) + '|')} |")
    return [*lines, *inner] if len(lines) > 5 else [*lines[:2], *inner]


def page() -> str:
    """The whole page."""
    lines = [HEAD]
    for name, info in Settings.model_fields.items():
        kind = info.annotation
        assert inspect.isclass(kind)
        lines += table(name, kind)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        fresh = TARGET.read_text(encoding="utf-8") == page()
        sys.exit(0 if fresh else "docs/settings.md is old: run scripts/settings_doc.py")
    TARGET.write_text(page(), encoding="utf-8")
