# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Keeps this folder out of ordinary runs: its tests need transformers' own, which `make test-conventions` downloads."""

collect_ignore_glob = ["test_*.py"]
