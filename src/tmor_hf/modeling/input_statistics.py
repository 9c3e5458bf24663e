# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What the skeleton encoder sees on average: constants, lest a clip's tokens depend on the clips beside it.

From 1,500 generated clips (`python benchmarks/input_statistics.py`, 64 frames, one person). Real motion differs by a
factor of two at most in most entries, which does no harm: the numbers put all inputs on one scale, no more.
"""

# Thousandths of a metre on a body of 1.7 m. For each canonical joint: mean position relative to the root (x, y, z),
# its standard deviation, and that of the velocity, a frame, of which the mean is 0; at last the same of the root.
_TABLE = (
    (0, 0, 0, 10, 10, 10, 10, 10, 10),  # pelvis
    (1, 104, 1, 25, 41, 42, 10, 10, 10),  # spine
    (0, 233, 11, 36, 67, 86, 10, 10, 10),  # chest
    (0, 409, 33, 59, 112, 155, 10, 10, 13),  # neck
    (1, 553, 91, 86, 152, 217, 10, 13, 16),  # head
    (0, 511, 161, 94, 153, 211, 11, 13, 15),  # nose
    (164, 371, 37, 84, 107, 148, 10, 10, 13),  # left_shoulder
    (239, 210, 32, 124, 173, 171, 15, 19, 21),  # left_elbow
    (204, 134, 106, 163, 285, 207, 20, 28, 29),  # left_wrist
    (192, 109, 130, 183, 330, 228, 23, 32, 33),  # left_hand
    (-164, 371, 36, 82, 106, 148, 10, 10, 13),  # right_shoulder
    (-240, 207, 27, 122, 169, 171, 15, 19, 21),  # right_elbow
    (-207, 126, 106, 159, 279, 208, 20, 27, 29),  # right_wrist
    (-196, 99, 130, 179, 322, 230, 22, 31, 33),  # right_hand
    (79, -49, -2, 35, 36, 34, 10, 10, 10),  # left_hip
    (115, -386, 110, 81, 190, 176, 12, 16, 20),  # left_knee
    (125, -770, 0, 120, 223, 259, 15, 19, 25),  # left_ankle
    (145, -779, 135, 126, 223, 277, 15, 21, 25),  # left_foot
    (-79, -49, -1, 35, 36, 34, 10, 10, 10),  # right_hip
    (-118, -383, 109, 79, 192, 178, 11, 17, 20),  # right_knee
    (-127, -766, -1, 119, 226, 262, 15, 19, 25),  # right_ankle
    (-148, -776, 133, 125, 227, 279, 15, 21, 26),  # right_foot
    (0, 0, 0, 163, 87, 291, 11, 13, 18),  # path of the root
)

MEAN = tuple(tuple(value / 1000 for value in (*row[:3], 0.0, 0.0, 0.0)) for row in _TABLE)
SCALE = tuple(tuple(value / 1000 for value in row[3:]) for row in _TABLE)

__all__ = ["MEAN", "SCALE"]
