"""What language models mean: texts and schema-bound answers from an OpenAI-compatible endpoint, in this machine or elsewhere."""

from .endpoint import EndpointLanguageModel
from .local import LocalLanguageModel
from .metered import MeteredLanguageModel
from .metered_vision import MeteredVision
from .vision import EndpointVision

__all__ = ["EndpointLanguageModel", "EndpointVision", "LocalLanguageModel", "MeteredLanguageModel", "MeteredVision"]
