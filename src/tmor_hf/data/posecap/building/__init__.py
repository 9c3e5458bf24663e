# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The parts of `tmor_hf.data.posecap.build`. Nothing here is public by itself."""
