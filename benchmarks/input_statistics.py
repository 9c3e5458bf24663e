# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Means and deviations of what the skeleton encoder sees, of generated motion: the table of `input_statistics.py`.

    python benchmarks/input_statistics.py --clips 1500

Prints a row for each joint, in thousandths; the last line is JSON.
"""

from __future__ import annotations

import argparse
import json

import torch

from tmor_hf import TMorFeatureExtractor, TMorSkeletonConfig, TMorSkeletonModel
from tmor_hf.data import SyntheticMotion
from tmor_hf.processing.joint_layouts import CANONICAL_JOINTS

LEAST = 0.01  # deviation, in metres on a body of 1.7 m
BATCH = 128


def measure(count: int, num_frames: int, seed: int) -> torch.Tensor:
    """(V + 1, 9): mean position, deviation of the position, and of the velocity; the last row is the root's."""
    motion, extractor = SyntheticMotion(count, seed=seed), TMorFeatureExtractor(num_frames=num_frames, max_people=1)
    embeddings = TMorSkeletonModel(TMorSkeletonConfig.small()).embeddings
    sums = torch.zeros(3, len(CANONICAL_JOINTS) + 1, 6, dtype=torch.float64)
    for start in range(0, count, BATCH):
        clips = [motion[index].skeletons for index in range(start, min(start + BATCH, count))]
        batch = extractor(clips, return_tensors="pt")
        joints, root = embeddings.joint_features(batch["keypoints"], batch["joint_mask"])
        values = torch.cat([joints, root.unsqueeze(3)], dim=3).double()
        seen, values = values[..., 6:], values[..., :6]
        sums += torch.stack([(seen * values**power).sum(dim=(0, 1, 2)) for power in range(3)])
    mean = sums[1] / sums[0]
    deviation = (sums[2] / sums[0] - mean.square()).clamp(min=0).sqrt().clamp(min=LEAST)
    return torch.cat([mean[:, :3], deviation], dim=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--clips", type=int, default=1500)
    parser.add_argument("--num-frames", type=int, default=64, help="of the feature extractor (%(default)s)")
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    table = (1000 * measure(args.clips, args.num_frames, args.seed)).round().int().tolist()
    for name, row in zip([*CANONICAL_JOINTS, "path of the root"], table, strict=True):
        print(f"    ({', '.join(map(str, row))}),  # {name}")
    print(json.dumps({"benchmark": "input_statistics", **vars(args), "table": table}))


if __name__ == "__main__":
    main()
