"""Content keys: what an extraction and a description are made from, as digests, so that only what changed is done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import combinations

from vitascope.base.errors import ModelError
from vitascope.base.items import Item
from vitascope.base.media import Asset
from vitascope.base.ports.media import Limits
from vitascope.base.ports.models import Models
from vitascope.describe import _chapters, _fuse, _summary, _unfit, _vectors
from vitascope.describe._config import DescribeConfig
from vitascope.describe._prompts import prompt
from vitascope.describe.extractors import ROLES, Extractor, Work


def digest(*parts: object) -> str:
    """SHA-256 over the JSON of the parts."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def model_id(models: Models, role: str) -> str:
    """Id and file hash of a role's model; "" where there is none."""
    model = getattr(models, role)
    if model is None:
        return ""
    try:
        info = model.info
        return "@".join((info.id, info.sha256, *(f"{n}={v}" for n, v in info.options)))
    except ModelError:
        return "unknown"


def extraction_key(extractor: Extractor, work: Work, limits: Limits) -> str:
    """Over what the asset's streams hold, the bounds of its decode, extractor, models, options, and the results it builds on."""
    bounds = limits.model_dump(include={"frames", "readings", "media_seconds", "pixels"})
    content = (work.asset.probe.content if work.asset.probe else "") or work.asset.sha256
    roles = {r: model_id(work.models, r) for r in (*extractor.roles, *extractor.helpers)}
    before = {name: _read_of(extractor, work, name) for name in extractor.after}
    return digest(content, bounds, extractor.name, extractor.version, roles, extractor.options(work), before)


def _read_of(extractor: Extractor, work: Work, name: str) -> str:
    """What an extractor reads of an earlier one's signals: that, not how it came about, is what its own result depends on."""
    earlier = work.found.get(name)
    if earlier is None:
        return ""
    kinds = getattr(extractor, "reads", {}).get(name)
    return digest([s.model_dump(mode="json") for s in earlier.signals if kinds is None or s.kind in kinds])


def base_digest(
    item: Item,
    assets: Sequence[Asset],
    sidecars: object,
    models: Models,
    config: DescribeConfig,
    extractors: Sequence[Extractor],
    taxonomy: str,
) -> str:
    """Over everything a description is made from, all models speaking."""
    stated = item.model_dump(
        mode="json", include={"title", "description", "tags", "language", "creator", "kind", "extra", "text_fields"}
    )
    seen = [prompt("seen").sha256] if models.vision is not None else []
    return digest(
        stated,
        [(a.sha256, a.available, a.probe is not None) for a in assets],
        sidecars,
        {role: model_id(models, role) for role in ROLES if role != "language" or config.language_model},
        config.model_dump(mode="json", exclude={"order"}),
        sorted((e.name, e.version) for e in extractors),
        [
            _fuse.VERSION,
            _unfit.version(),
            _chapters.VERSION,
            _summary.VERSION,
            _vectors.CHARS_MODEL,
            prompt("summary").sha256,
            taxonomy,
            *seen,
        ],
    )


def fingerprint(base: str, absent: Iterable[str] = ()) -> str:
    """Of a description in which the `absent` roles could not speak."""
    gone = sorted(set(absent))
    return digest(base, gone) if gone else base


def absent_of(stored: str, base: str, roles: Sequence[str] = ROLES) -> tuple[str, ...] | None:
    """Which of the pack's roles could not speak when the fingerprint was made; None where it was made from something else."""
    for size in range(len(roles) + 1):
        for gone in combinations(roles, size):
            if fingerprint(base, gone) == stored:
                return gone
    return None
