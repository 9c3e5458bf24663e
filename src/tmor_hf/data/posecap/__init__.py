# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""PoseCap: clips of skeletons with captions and video, as Parquet. Needs the extra `data`, at use."""

from .mini import mini_records, write_posecap_mini
from .reading import PoseCapShards
from .report import PoseCapReport
from .schema import PoseCapRecord, arrow_schema, record_to_row, row_to_record, row_to_skeletons
from .validation import validate_posecap
from .writer import PoseCapWriter

__all__ = [
    "PoseCapRecord",
    "PoseCapReport",
    "PoseCapShards",
    "PoseCapWriter",
    "arrow_schema",
    "mini_records",
    "record_to_row",
    "row_to_record",
    "row_to_skeletons",
    "validate_posecap",
    "write_posecap_mini",
]
