# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import sys
from pathlib import Path

import pytest

# rendered_videos.py and tiny_vision_models.py serve both the tests and the scripts that they start.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def vision_models(tmp_path_factory):
    """Folder of a detector, a pose model and two captioners, tiny and with random weights."""
    from tiny_vision_models import save_all

    return save_all(tmp_path_factory.mktemp("vision_models"))
