"""What runs models and for how long they stay loaded; what they mean stands in the folders beside.

Takes files, gives running models: ONNX sessions, Whisper, a language model's loopback endpoint, and the keeper of them all.
"""

from ._endpoint import Endpoint, may_hold_media
from ._keeper import Keeper, Loaded, Loader
from ._llama import LlamaServer
from ._onnx import onnx_session
from ._patience import PASSING_STATUSES, Passing, Patience, retry_after
from ._role import role_info, role_loader
from ._text_tower import TextTower, labels_of, unit_rows
from ._whisper import WindowEnds, load_whisper

__all__ = [
    "PASSING_STATUSES",
    "Endpoint",
    "Keeper",
    "LlamaServer",
    "Loaded",
    "Loader",
    "Passing",
    "Patience",
    "TextTower",
    "WindowEnds",
    "labels_of",
    "load_whisper",
    "may_hold_media",
    "onnx_session",
    "retry_after",
    "role_info",
    "role_loader",
    "unit_rows",
]
