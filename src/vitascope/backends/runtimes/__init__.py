"""What runs models and for how long they stay loaded; what they mean stands in the folders beside.

Takes files, gives running models: ONNX sessions, Whisper, a language model's loopback endpoint, and the keeper of them all.
"""

from ._endpoint import Endpoint, http_client, may_hold_media, posted
from ._keeper import Keeper, Loaded, Loader
from ._llama import LlamaServer
from ._onnx import onnx_session
from ._patience import Passing, Patience
from ._role import role_info, role_loader
from ._text_tower import TextTower, labels_of, unit_rows
from ._whisper import WindowEnds, load_whisper

__all__ = [
    "Endpoint",
    "Keeper",
    "LlamaServer",
    "Loaded",
    "Loader",
    "Passing",
    "Patience",
    "TextTower",
    "WindowEnds",
    "http_client",
    "labels_of",
    "load_whisper",
    "may_hold_media",
    "onnx_session",
    "posted",
    "role_info",
    "role_loader",
    "unit_rows",
]
