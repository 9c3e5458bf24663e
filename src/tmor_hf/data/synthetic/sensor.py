# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What a depth camera makes of a body: jitter, drift, hidden joints, a low frame rate.

The errors themselves are those of `tmor_hf.processing.augmentation`; here they get the strengths of one sensor, which
differ from clip to clip. For 2D poses, film a clip with `augmentation.virtual_camera`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...processing.augmentation import add_noise, drop_joints
from ...processing.skeletons import Skeletons


@dataclass(frozen=True)
class SensorModel:
    """Strengths of the sensor's errors; each clip draws its own share of them.

    Attributes:
        jitter: largest per-frame noise, in body sizes (about 0.5 m).
        drift: largest slow error, in body sizes.
        drop_probability: share of clips with hidden joints.
        drop_rate: largest probability of a joint to be hidden for a while in such a clip.
        tilt: largest tilt of the sensor towards each side, in degrees; applied when a batch is posed.
        low_rate_probability: share of clips of which only every second or third frame is kept.
    """

    jitter: float = 0.025
    drift: float = 0.05
    drop_probability: float = 0.3
    drop_rate: float = 0.08
    tilt: float = 10.0
    low_rate_probability: float = 0.15

    def __call__(self, skeletons: Skeletons, rng: np.random.Generator) -> Skeletons:
        """Observes a clip (but for the tilt); at least eight frames remain."""
        share, dropped, rate = rng.random(3)
        skeletons = add_noise(skeletons, rng, jitter=self.jitter * share**2, drift=self.drift * share)
        if dropped < self.drop_probability:
            skeletons = drop_joints(skeletons, rng, rate=self.drop_rate, limb_probability=0.08)
        if rate < self.low_rate_probability and skeletons.num_frames >= 24:
            stride = 2 if rate < self.low_rate_probability / 2 else 3
            fps = None if skeletons.fps is None else skeletons.fps / stride
            skeletons = replace(skeletons, keypoints=skeletons.keypoints[::stride], fps=fps)
        return skeletons
