"""Model packs and their cache: what models there are, where their files come from, and the checked files themselves.

Model weights are data: fetched by SHA-256, never installed, never imported, never unpickled. What loads and runs them
stands in `backends.runtimes`, what they mean in `backends.speech`, `.text`, `.picture` and `.llm`.
"""

from ._archives import WantedFile, fetch_package_files, file_hash
from ._cache import (
    FileState,
    ModelCache,
    ModelFiles,
    PullReport,
    RoleState,
    default_cache_folder,
    default_source_folders,
)
from ._config import BudgetConfig, EndpointConfig, ModelsConfig, Price
from ._layout import layout_json, number, onnx_name, unfit
from ._pack import FIRST_USE, Gap, Pack, RoleSpec, builtin_packs, load_pack, parse_pack
from ._pull import Progress, PullProgress

__all__ = [
    "FIRST_USE",
    "BudgetConfig",
    "EndpointConfig",
    "FileState",
    "Gap",
    "ModelCache",
    "ModelFiles",
    "ModelsConfig",
    "Pack",
    "Price",
    "Progress",
    "PullProgress",
    "PullReport",
    "RoleSpec",
    "RoleState",
    "WantedFile",
    "builtin_packs",
    "default_cache_folder",
    "default_source_folders",
    "fetch_package_files",
    "file_hash",
    "layout_json",
    "load_pack",
    "number",
    "onnx_name",
    "parse_pack",
    "unfit",
]
