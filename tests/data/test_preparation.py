# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Whether a prepared clip shows a joint, wherever that is."""

import numpy as np
import pytest

from tmor_hf.data.preparation import has_joints
from tmor_hf.processing.skeletons import Skeletons


@pytest.mark.parametrize("place", [(0, 0, 0), (0, 0, 21), (4, 0, 0), (4, 1, 21)])
def test_one_joint_anywhere_is_seen(place):
    points = np.full((5, 2, 22, 3), np.nan, dtype=np.float32)
    assert not has_joints(Skeletons(points))
    points[place] = 1.0
    assert has_joints(Skeletons(points))
