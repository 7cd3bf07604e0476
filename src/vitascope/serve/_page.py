"""The built page: static files under content-hashed names. Knows no library."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response

from vitascope.serve._problems import problem

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Vitascope</title>
<h1>The page is not built</h1><p>Run <code>npm ci</code> and <code>npm run build</code> in <code>web/</code>, or
<code>make setup</code>. The API is there: <a href="/v1/openapi.json">/v1/openapi.json</a>.</p></html>"""


def _listed(root: Path) -> dict[str, Path]:
    """Name -> file, for every plain file of a known type."""
    if not root.is_dir():
        return {}
    return {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and path.suffix in _TYPES
    }


def install(app: FastAPI, folder: Path | None) -> None:
    """Serve the page's files. They are looked up in a list: no path from outside ever reaches the disk."""
    root = folder or Path(__file__).with_name("static")
    files = _listed(root)

    def answer(name: str) -> Response:
        if name not in files and name.startswith("assets/"):
            files.clear()  # built anew under a running server: names changed with their content
            files.update(_listed(root))
        path = files.get(name)
        if path is None:
            return problem(
                404,
                "not-found",
                "there is nothing here",
                remedy="open / for the page, /v1 for the API",
            )
        lasting = name.startswith("assets/")  # their names change with their content
        cache = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return FileResponse(path, media_type=_TYPES[path.suffix], headers={"cache-control": cache})

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def page() -> Response:
        return answer("index.html") if "index.html" in files else HTMLResponse(_NOT_BUILT)

    @app.api_route("/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
    async def file(name: str) -> Response:
        return answer(name)
