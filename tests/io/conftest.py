# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import sys
from pathlib import Path

# fuzzing.py serves the tests of all readers.
sys.path.insert(0, str(Path(__file__).parent))
