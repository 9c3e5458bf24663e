# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Where the command `tmor` enters: outside of the package, whose import brings torch and transformers along.

Help, and errors of the words of a command line, need neither. The package is therefore prepared here, so that its
command line can be imported, and run by `tmor_hf.cli` before the first command that needs it.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec


def main() -> int:
    """Runs the command line; the exit code."""
    if "tmor_hf" not in sys.modules:
        sys.modules["tmor_hf"] = module_from_spec(find_spec("tmor_hf"))
    from tmor_hf.cli import main

    return main()


__all__ = ["main"]
