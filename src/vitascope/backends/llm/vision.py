"""Pictures shown to a vision-language model behind an OpenAI-compatible endpoint (chat/completions with image_url parts).

Takes RGB pictures, safe text and a schema; gives an object that fits the schema. Pictures are sent as JPEG of bounded size inside
the request, never as addresses that the server would fetch. Where pictures may not leave the machine, the adapter is not made at
all (backends.roles). It does not believe what it gets: callers check every claim.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vitascope.backends.models import EndpointConfig
from vitascope.backends.runtimes import Endpoint
from vitascope.base.personal import Mask
from vitascope.base.policy import SafeText, stays_here
from vitascope.base.ports.models import ModelInfo, Picture

from ._chat import Said, chat_body, guessed_tokens, object_of, said_in

_SIDE = 768
"""The longer side of a picture that is sent: what vision-language models of today look at in full."""
_MOST_PICTURES = 16
_PICTURE_TOKENS = 750
"""Of a picture of 768 x 768, where the endpoint does not count: 28 x 28 pixels a token, as Qwen's models take them."""


class EndpointVision:
    """Fulfils `PictureLanguageModel`."""

    def __init__(self, config: EndpointConfig) -> None:
        self._endpoint = Endpoint(config, "models.endpoints.vision")

    @property
    def info(self) -> ModelInfo:
        config = self._endpoint.config
        return ModelInfo(
            id=config.model or "endpoint", sha256="", licence="as its provider says", languages=config.languages
        )

    def see(
        self,
        system: str,
        prompt: SafeText,
        pictures: Sequence[Picture],
        schema: dict[str, Any],
        max_tokens: int = 256,
        seed: int = 0,
    ) -> dict[str, Any]:
        """An answer about at most 16 pictures, in order, checked against the schema."""
        return object_of(self.tell(system, prompt, pictures, schema, max_tokens, seed).text, schema)

    def tell(
        self,
        system: str,
        prompt: SafeText,
        pictures: Sequence[Picture],
        schema: dict[str, Any],
        max_tokens: int,
        seed: int,
    ) -> Said:
        """The answer as it came, and what it took."""
        shown = [{"type": "image_url", "image_url": {"url": _data_url(p)}} for p in pictures[:_MOST_PICTURES]]
        config, mask = self._endpoint.config, Mask()
        told = mask.hide(prompt) if config.mask and not stays_here(config.url) else prompt
        content = [*shown, {"type": "text", "text": told}]
        body = chat_body(self._endpoint.config.model, system, content, max_tokens, seed, schema)
        answer = self._endpoint.post("chat/completions", body)
        said = said_in(answer, guessed_prompt(system, prompt, pictures), self._endpoint.failed)
        return replace(said, text=mask.show(said.text))

    def close(self) -> None:
        """Close the connection."""
        self._endpoint.close()


def guessed_prompt(system: str, prompt: str, pictures: Sequence[Picture]) -> int:
    """About how many tokens are sent, where nobody counted."""
    return guessed_tokens(system) + guessed_tokens(prompt) + _PICTURE_TOKENS * min(len(pictures), _MOST_PICTURES)


def _data_url(picture: Picture) -> str:
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(picture[:, :, :3]))
    image.thumbnail((_SIDE, _SIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
