# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From poses of any layout to the tensors that the models take. Needs numpy and transformers, never torch."""

from .feature_extraction_tmor import TMorFeatureExtractor
from .joint_layouts import CANONICAL, CANONICAL_JOINTS, LAYOUTS, JointLayout, get_layout, register_layout
from .processing_tmor import TMorProcessor
from .skeletons import Skeletons

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
