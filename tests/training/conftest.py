# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import sys
from pathlib import Path

# tiny_runs.py serves both the tests and the scripts that they start in processes of their own.
sys.path.insert(0, str(Path(__file__).parent))
