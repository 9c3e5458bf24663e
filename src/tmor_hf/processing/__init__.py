# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From poses of any layout to the tensors that the models take. Needs numpy and transformers, never torch.

What needs transformers is imported at first use: the readers of files and the command line do without.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .joint_layouts import CANONICAL, CANONICAL_JOINTS, LAYOUTS, JointLayout, get_layout, register_layout
from .skeletons import Skeletons

if TYPE_CHECKING:
    from .feature_extraction_tmor import TMorFeatureExtractor
    from .processing_tmor import TMorProcessor

_LAZY = {"TMorFeatureExtractor": ".feature_extraction_tmor", "TMorProcessor": ".processing_tmor"}

__all__ = [
    "CANONICAL",
    "CANONICAL_JOINTS",
    "LAYOUTS",
    "JointLayout",
    "Skeletons",
    "TMorFeatureExtractor",
    "TMorProcessor",
    "get_layout",
    "register_layout",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name], __name__), name)
