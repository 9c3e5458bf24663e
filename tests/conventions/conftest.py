# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Keeps this folder out of ordinary runs: it needs transformers' tests, which `make test-conventions` downloads."""

collect_ignore_glob = ["test_*.py"]
