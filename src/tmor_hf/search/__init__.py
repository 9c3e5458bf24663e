# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Search in recordings of motion, by words or by an example."""

from .folder_index import INDEX_FOLDER, index_folder
from .motion_index import Hit, MotionIndex, Span
from .queries import QUERY_TEMPLATES, embed_motion, embed_query

__all__ = [
    "INDEX_FOLDER",
    "QUERY_TEMPLATES",
    "Hit",
    "MotionIndex",
    "Span",
    "embed_motion",
    "embed_query",
    "index_folder",
]
