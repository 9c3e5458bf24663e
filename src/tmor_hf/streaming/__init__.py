# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Actions while they happen: frames go in one at a time, labels come out for each person."""

from .label_events import LabelEvent, LabelEvents
from .skeleton_stream import SkeletonStream, StreamResult

__all__ = ["LabelEvent", "LabelEvents", "SkeletonStream", "StreamResult"]
