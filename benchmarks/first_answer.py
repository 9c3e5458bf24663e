# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""How long a newcomer waits for a first answer: a fresh process, from the start to a label, with the bundled weights.

    python benchmarks/first_answer.py --repeats 5

Prints JSON, medians in seconds, imports included; connections to the Hub are off.
"""

from __future__ import annotations

import argparse
import json
import os
import platform

from import_time import median_seconds

_CLIP = "import numpy as np; clip = np.random.default_rng(0).normal(size=(60, 22, 3)).cumsum(0) / 30; "
_CALL = "from transformers import pipeline; import tmor_hf; pipeline({task!r})(clip, layout='tmor22', fps=30{more})"
STATEMENTS = {
    "import_alone": "from transformers import pipeline; import tmor_hf",
    "skeleton-action-classification": _CLIP + _CALL.format(task="skeleton-action-classification", more=""),
    "zero-shot-skeleton-action-classification": _CLIP
    + _CALL.format(
        task="zero-shot-skeleton-action-classification",
        more=", candidate_labels=['walking', 'waving', 'sitting down']",
    ),
    "skeleton-feature-extraction": _CLIP + _CALL.format(task="skeleton-feature-extraction", more=""),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each, in turn (default: 5)")
    repeats = parser.parse_args().repeats
    medians = median_seconds(STATEMENTS, repeats, digits=2, HF_HUB_OFFLINE="1")
    report = {"python": platform.python_version(), "cpus": os.cpu_count(), "repeats": repeats}
    print(json.dumps({**report, "median_seconds": medians}, indent=2))


if __name__ == "__main__":
    main()
