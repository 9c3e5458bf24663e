# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Checkpoints on the Hugging Face Hub: folders that load without this package, their check, and their upload."""

from .folder import export_to_hub_folder
from .integrity import CHECKSUMS_NAME, verify_checkpoint
from .publishing import Publication, push

__all__ = ["CHECKSUMS_NAME", "Publication", "export_to_hub_folder", "push", "verify_checkpoint"]
