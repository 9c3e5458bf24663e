# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Natural captions for the classes of the supported motion sets, one module per set."""

from .class_text import ClassText

__all__ = ["ClassText"]
