# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The command line, `tmor`: look at pose files, convert them, and make and check PoseCap.

Everything heavy is imported by the command that needs it. Results go to standard output, all else to standard error.
"""

from .main import main

__all__ = ["main"]
