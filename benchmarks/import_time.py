# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""How long `import tmor_hf` takes, next to torch and transformers; prints JSON, medians in seconds.

    python benchmarks/import_time.py --repeats 5

transformers imports its modules on first use: `import transformers, torch` alone loads little of it. The third row
adds what any class built on its models, processors and pipelines loads; `import tmor_hf` brings the same forward.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping

BARE = "import transformers, torch"
BASES = (
    f"{BARE}; from transformers import AutoModel, AutoProcessor, FeatureExtractionMixin, PreTrainedModel; "
    "from transformers import ProcessorMixin; from transformers.pipelines import PIPELINE_REGISTRY"
)
STATEMENTS = {
    "python": "pass",
    "transformers_and_torch": BARE,
    "transformers_and_torch_with_base_classes": BASES,
    "tmor_hf": f"{BARE}; import tmor_hf",
}


def median_seconds(statements: Mapping[str, str], repeats: int, digits: int, **environment: str) -> dict[str, float]:
    """Median time of each statement in a fresh process, run in turn."""

    def seconds(statement: str) -> float:
        start = time.perf_counter()
        command = [sys.executable, "-c", statement]
        subprocess.run(command, check=True, env={**os.environ, **environment}, capture_output=True)
        return time.perf_counter() - start

    for statement in statements.values():  # fills the file cache and compiles bytecode
        seconds(statement)
    runs = [{name: seconds(statement) for name, statement in statements.items()} for _ in range(repeats)]
    return {name: round(statistics.median(run[name] for run in runs), digits) for name in statements}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each statement, in turn (default: 5)")
    repeats = parser.parse_args().repeats
    medians = median_seconds(STATEMENTS, repeats, digits=3)
    bare, bases, ours = (medians[name] for name in list(STATEMENTS)[1:])
    print(
        json.dumps(
            {
                "python": platform.python_version(),
                "repeats": repeats,
                "median_seconds": medians,
                "ratio_to_transformers_and_torch": round(ours / bare, 2),
                "ratio_to_the_same_with_base_classes": round(ours / bases, 2),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
