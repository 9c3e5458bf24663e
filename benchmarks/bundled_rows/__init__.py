# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""How the bundled checkpoints are measured, and the pictures of what they get wrong."""
