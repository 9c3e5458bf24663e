# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What the bundled checkpoints can do: accuracy on held-out clips, under corruption, and where they are wrong.

    python benchmarks/bundled_weights.py --data-dir DATA
    python benchmarks/bundled_weights.py --data-dir DATA --only tmor-base --model outputs/mine --output-dir outputs

Writes OUTPUT/results/NAME.json, which the cards take their numbers from (`python -m tmor_hf.hub.cards`), and pictures
into OUTPUT/NAME/. No clip that is measured was trained on. NW-UCLA took no part at all: of its 464 usual test clips,
the first figure is that of the 369 that are no copies of training clips. The weights are computed with in float32. The
last line is one JSON object.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from bundled_rows.measuring import (
    NW_UCLA,
    SYNTHETIC,
    Part,
    Prediction,
    classify,
    label_of,
    load_parts,
    name_by_text,
    report,
    robustness,
    worst_cases,
)
from bundled_rows.pictures import save_case, save_confusion
from transfer_rows.results import checkpoint_record, environment
from transfer_rows.rows import command_line
from transformers import AutoModel, AutoProcessor

import tmor_hf
from tmor_hf import AutoModelForSkeletonActionClassification, TMorFeatureExtractor

ZERO_SHOT, CLASSIFIER = "tmor-base", "tmor-base-actions"
Answer = Callable[[Part], Mapping[str, Prediction]]


def get_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data-dir", required=True, metavar="DIR", help="folder of the benchmarks")
    parser.add_argument("--model", metavar="DIR", help=f"contrastive checkpoint (default: the bundled {ZERO_SHOT})")
    parser.add_argument("--classifier", metavar="DIR", help=f"classifier (default: the bundled {CLASSIFIER})")
    parser.add_argument("--only", choices=(ZERO_SHOT, CLASSIFIER), help="measure one of the two")
    parser.add_argument("--output-dir", type=Path, default=Path("hub_cards"), metavar="DIR", help="(%(default)s)")
    parser.add_argument("--synthetic", type=int, default=400, metavar="N", help="generated clips (%(default)s)")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of torch (%(default)s)")
    return parser.parse_args(argv)


def load_zero_shot(folder: str) -> tuple[Any, Answer]:
    """A contrastive model, and its answers by text."""
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    return model, partial(name_by_text, model, AutoProcessor.from_pretrained(folder))


def load_classifier(folder: str) -> tuple[Any, Answer]:
    """A classifier, and its answers."""
    model = AutoModelForSkeletonActionClassification.from_pretrained(folder, dtype=torch.float32).eval()
    return model, partial(classify, model, TMorFeatureExtractor.from_pretrained(folder), label_of=label_of)


def measure(answer: Answer, parts: Sequence[Part], robust_part: str, wording: str, pictures: Path) -> dict[str, Any]:
    """All figures of a checkpoint; pictures and wrong answers are of one wording or choice of labels."""
    found = {}
    for part in parts:
        found[part.key] = answer(part)
        for key, row in report(found[part.key]).items():
            if isinstance(row, dict):
                print(f"  {part.title:44} {key:10} {row['clips']:5} clips  top-1 {row['top1']:6.1%}  "
                      f"mean class {row['mean_class']:6.1%}  chance {row['chance']:.1%}", flush=True)  # fmt: skip
    drawn = [found[part.key][wording] for part in parts if part.key not in ("nw_ucla_usual", SYNTHETIC)]
    for prediction in drawn:
        save_confusion(prediction, pictures / f"confusion_{prediction.part.key}.png")
    cases = worst_cases(drawn)
    for number, case in enumerate(cases, start=1):
        save_case(case, pictures / f"case_{number:02}.png")
    part = next(part for part in parts if part.key == robust_part)
    return {
        "accuracy": {key: report(predictions) for key, predictions in found.items()},
        "robustness": robustness(part, lambda worse: answer(worse)[wording]),
        "confusion": {prediction.part.key: f"confusion_{prediction.part.key}.png" for prediction in drawn},
        "cases": [
            {
                "set": case.part.key,
                "title": case.part.title,
                "clip": case.clip.name,
                "truth": case.truth,
                "answer": case.answer,
                "score": case.score,
                "picture": f"case_{number:02}.png",
            }
            for number, case in enumerate(cases, start=1)
        ],
    }


def describe(model: Any, folder: str) -> dict[str, Any]:
    """Which weights were measured, and their sizes."""
    towers = {name.removesuffix("_model"): sum(parameter.numel() for parameter in tower.parameters())
              for name, tower in model.named_children() if name.endswith("_model")}  # fmt: skip
    return {
        "sha256": checkpoint_record(folder)["sha256"],
        "bytes": sum(path.stat().st_size for path in Path(folder).glob("*.safetensors")),
        "parameters": {"all": sum(parameter.numel() for parameter in model.parameters()), **towers},
        "labels": list(model.config.id2label.values()) if hasattr(model, "classifier") else None,
    }


def main(argv: list[str] | None = None) -> None:
    args = get_arguments(argv)
    torch.set_grad_enabled(False)
    torch.set_num_threads(args.threads)
    parts = load_parts(args.data_dir, args.synthetic)
    checkpoints = {
        ZERO_SHOT: (load_zero_shot, args.model, "phrases"),
        CLASSIFIER: (load_classifier, args.classifier, "own_labels"),
    }
    results = {}
    for name, (load, folder, wording) in checkpoints.items():
        if args.only not in (None, name):
            continue
        started = time.process_time()
        folder = folder or tmor_hf.bundled(name)
        print(f"{name}: {folder}")
        model, answer = load(folder)
        results[name] = {
            "checkpoint": name,
            "command": command_line(sys.argv),
            "environment": environment(args.threads),
            "weights": describe(model, folder),
            **measure(answer, parts, NW_UCLA, wording, args.output_dir / name),
            "cpu_seconds": round(time.process_time() - started, 1),
        }
        path = args.output_dir / "results" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results[name], indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results))


if __name__ == "__main__":
    main()
