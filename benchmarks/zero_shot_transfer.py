# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Zero-shot accuracy on NW-UCLA, which the checkpoints never saw, and retrieval on held-out clips of their own sets.

    python benchmarks/zero_shot_transfer.py --data-dir DATA outputs/seed0 outputs/seed1 outputs/seed2

Labels go through the zero-shot pipeline in the templates of `tmor_hf.evaluation.PROMPT_TEMPLATES`, once as the names
that stand in the data set ("donning") and once as short phrases ("putting on a jacket"). 95 of the 464 usual test
clips are copies of training clips of NW-UCLA, which concerns models that train on it: the first figure is that of the
369 others, the second that of all. The last line is one JSON object.
"""

import argparse
import json
from collections.abc import Sequence

import numpy as np
import torch
from transformers import AutoModel, AutoProcessor, pipeline

import tmor_hf  # noqa: F401 (registers the classes and pipelines)
from tmor_hf.data import BENCHMARKS, MotionDataset, class_texts, load_benchmark
from tmor_hf.evaluation import PROMPT_TEMPLATES, ContrastiveValidator, accuracy_report

HELD_OUT = ("bandai_namco_2:test", "penn_action:test", "hdm05_11:test", "utkinect_untrimmed:validation")


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("checkpoints", nargs="+", help="folders that pretraining wrote")
    parser.add_argument("--data-dir", required=True, help="folder of the motion sets")
    parser.add_argument("--set", default="nw_ucla", choices=BENCHMARKS, help="set to name the clips of (%(default)s)")
    parser.add_argument("--protocol", help="its protocol, see docs/datasets.md; by default the first")
    parser.add_argument("--part", default="test", help="its part: test, validation, train, all (%(default)s)")
    parser.add_argument("--retrieval", nargs="*", default=HELD_OUT, metavar="NAME:PART", help="clips for retrieval")
    parser.add_argument("--batch-size", type=int, default=32)
    return parser.parse_args()


def zero_shot_scores(checkpoint: str, dataset: MotionDataset, names: list[str], batch_size: int) -> np.ndarray:
    """(clips, classes) scores of the zero-shot pipeline."""
    classifier = pipeline("zero-shot-skeleton-action-classification", model=checkpoint)
    results = classifier(
        dataset.skeletons, candidate_labels=names, hypothesis_template=list(PROMPT_TEMPLATES), batch_size=batch_size
    )
    scores = np.zeros((len(dataset), len(names)))
    for row, result in zip(scores, results, strict=True):
        for answer in result:
            row[names.index(answer["label"])] = answer["score"]
    return scores


def zero_shot_reports(checkpoint: str, dataset: MotionDataset, batch_size: int) -> dict[str, dict]:
    """Reports over the leak-free clips and, where some are leaked, over all, for both wordings of the labels."""
    is_leaked = np.array([clip.is_leaked for clip in dataset])
    parts = {**({"leak_free": ~is_leaked} if is_leaked.any() else {}), "all": np.ones_like(is_leaked)}
    phrases = list(dataset.class_names)
    name_of = {text.phrase: name for name, text in class_texts(dataset.name).items()}
    reports = {}
    for wording, names in (("names", [name_of[phrase] for phrase in phrases]), ("phrases", phrases)):
        scores = zero_shot_scores(checkpoint, dataset, names, batch_size)
        for part, rows in parts.items():
            reports[f"{wording}_{part}"] = accuracy_report(scores[rows], dataset.labels[rows], names)
    return reports


def retrieval(checkpoint: str, choices: Sequence[str], data_dir: str) -> dict[str, float]:
    """Retrieval and zero-shot accuracy on held-out clips of the training sets."""
    parts = [choice.partition(":")[::2] for choice in choices]
    datasets = {name: load_benchmark(name, data_dir, part or None) for name, part in parts}
    processor = AutoProcessor.from_pretrained(checkpoint)
    model = AutoModel.from_pretrained(checkpoint).eval()
    return ContrastiveValidator(datasets, processor.feature_extractor, processor.tokenizer)(model)


def print_reports(checkpoint: str, reports: dict[str, dict], metrics: dict[str, float]) -> None:
    print(f"\n{checkpoint}")
    for name, report in reports.items():
        print(
            f"  {name:18} {report['clips']:4d} clips  top-1 {report['top1']:6.1%}  "
            f"mean class {report['mean_class']:6.1%}  chance {report['chance']:.1%}"
        )
    for class_name, accuracy in list(reports.values())[-1]["per_class"].items():
        print(f"    {class_name:28} {accuracy:6.1%}")
    for key, value in metrics.items():
        print(f"  {key:52} {value:8.3f}")


def mean_and_deviation(values: Sequence[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "std": float(np.std(values, ddof=1)) if len(values) > 1 else 0.0}


def main() -> None:
    args = get_arguments()
    torch.set_grad_enabled(False)
    part = None if args.part == "all" else args.part
    dataset = load_benchmark(args.set, args.data_dir, part, args.protocol, leak_free=False)
    dataset = dataset if isinstance(dataset, MotionDataset) else dataset.load()
    runs = {}
    for checkpoint in args.checkpoints:
        reports = zero_shot_reports(checkpoint, dataset, args.batch_size)
        metrics = retrieval(checkpoint, args.retrieval, args.data_dir) if args.retrieval else {}
        print_reports(checkpoint, reports, metrics)
        runs[checkpoint] = {"zero_shot": reports, "held_out": metrics}
    first = next(iter(runs.values()))
    summary = {
        **{f"top1_{key}": [run["zero_shot"][key]["top1"] for run in runs.values()] for key in first["zero_shot"]},
        **{key: [run["held_out"][key] for run in runs.values()] for key in first["held_out"]},
    }
    means = {key: mean_and_deviation(values) for key, values in summary.items()}
    print(json.dumps({"set": f"{args.set}:{args.part}", "checkpoints": len(runs), "means": means, "runs": runs}))


if __name__ == "__main__":
    main()
