# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From poses of any layout to the tensors that the models take."""
