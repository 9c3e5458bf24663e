# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The rows of `benchmarks/transfer.py`."""
