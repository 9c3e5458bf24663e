# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The examples as modules: a row that trains as an example does runs its code."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[2] / "examples"


def load_example(name: str) -> ModuleType:
    """An example as a module of its own, whose names can be changed."""
    spec = importlib.util.spec_from_file_location(f"transfer_example_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
