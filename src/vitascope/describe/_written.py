"""Asks the language model, once for the same prompt and facts: its answers are kept with the extractions."""

from __future__ import annotations

from vitascope.base.content import Extraction, Provenance, Signal, SignalKind
from vitascope.base.errors import ModelError
from vitascope.base.items import Item
from vitascope.base.ports.models import Models
from vitascope.base.ports.stores import DescriptionStore
from vitascope.base.records import AssetKey
from vitascope.describe import _keys
from vitascope.describe._config import DescribeConfig
from vitascope.describe._prompts import Prompt


class Writer:
    """The language model and what it said before."""

    def __init__(
        self, descriptions: DescriptionStore, models: Models, config: DescribeConfig, silent: dict[str, bool]
    ) -> None:
        self._descriptions, self._models, self._config, self._silent = descriptions, models, config, silent

    def ask(self, item: Item, asked: Prompt, facts: str) -> str:
        """The language model's words for these facts; what it said before is not asked again."""
        if self._silent.get("language"):
            raise ModelError("the language model is missing", remedy="vitascope models pull")
        model = self._models.language
        assert model is not None
        tokens = self._config.summary_tokens
        key = _keys.digest("written", asked.sha256, _keys.model_id(self._models, "language"), tokens, facts)
        stored = self._descriptions.extraction(key)
        if stored is not None:
            return stored.signals[0].value
        try:
            answer = model.write(asked.system, asked.fill(facts), max_tokens=tokens)
        except ModelError as error:
            if error.code in ("model-missing", "model-corrupt"):
                self._silent["language"] = True
            raise
        info = model.info
        record = Provenance(extractor="written/1", model=info.id, model_sha256=info.sha256 or None, prompt=asked.id)
        signal = Signal(kind=SignalKind.WRITTEN, value=answer[:4_000], label=asked.id)
        self._descriptions.put_extraction(
            Extraction(key=key, asset=AssetKey(0), provenance=(record,), signals=(signal,))
        )
        return answer
