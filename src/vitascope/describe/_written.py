"""Asks the language model, once for the same prompt and facts: its answers are kept with the extractions."""

from __future__ import annotations

from vitascope.base.content import Extraction, Provenance, Signal, SignalKind
from vitascope.base.errors import ModelError
from vitascope.base.items import Item
from vitascope.base.ports.accounts import Part, Use, asked_by
from vitascope.base.ports.models import Models
from vitascope.base.records import AssetKey
from vitascope.describe import _keys
from vitascope.describe._config import DescribeConfig
from vitascope.describe._prompts import Prompt
from vitascope.describe._signals import Signals


class Writer:
    """The language model and what it said before."""

    def __init__(self, signals: Signals, models: Models, config: DescribeConfig, silent: dict[str, bool]) -> None:
        self._signals, self._models, self._config, self._silent = signals, models, config, silent

    def ask(self, item: Item, asked: Prompt, facts: str) -> str:
        """The language model's words for these facts; what it said before is not asked again."""
        if self._silent.get("language"):
            raise ModelError("the language model is missing", remedy="vitascope models pull")
        model = self._models.language
        assert model is not None
        tokens = self._config.summary_tokens
        key = _keys.digest("written", asked.sha256, _keys.model_id(self._models, "language"), tokens, facts)
        feature, info = asked.id.partition("/")[0], model.info
        stored = self._signals.find(key, AssetKey(0))
        if stored is not None:
            self._signals.note(Use(part=Part.LANGUAGE, name=feature, model=info.id, item=item.key, kept=1))
            return stored.signals[0].value
        try:
            answer = asked_by(model, feature, item.key).write(asked.system, asked.fill(facts), max_tokens=tokens)
        except ModelError as error:
            if error.code in ("model-missing", "model-corrupt"):
                self._silent["language"] = True
            raise
        record = Provenance(extractor="written/1", model=info.id, model_sha256=info.sha256 or None, prompt=asked.id)
        signal = Signal(kind=SignalKind.WRITTEN, value=answer[:4_000], label=asked.id)
        self._signals.keep(Extraction(key=key, asset=AssetKey(0), provenance=(record,), signals=(signal,)))
        return answer
