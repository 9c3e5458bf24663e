# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Size, milliseconds a clip and accuracy of a checkpoint in PyTorch and in ONNX, on one thread and on two.

    python benchmarks/export.py                                                 # random weights of the small model
    python benchmarks/export.py --checkpoint CLASSIFIER --data-dir DATA         # with accuracy on validation clips
    python benchmarks/export.py --checkpoint CONTRASTIVE --data-dir DATA        # zero-shot on NW-UCLA, leak-free
    python benchmarks/export.py --quick                                         # a few clips, without compiling

Every variant runs the clips one by one, of 64 frames and one person, in interleaved rounds, so that a slow spell of
the machine hits them all; the median over the rounds is reported. Sizes are those of the file or, in PyTorch, of the
weights of the skeleton model. A classifier names clips of its own sets (`--sets`) whose class it knows, a contrastive
checkpoint those of NW-UCLA. `--keep` says which layers int8 leaves in float32. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import copy
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import torch
from transformers import AutoConfig, AutoProcessor

import tmor_hf
from tmor_hf import TMorFeatureExtractor, TMorForSkeletonActionClassification, TMorSkeletonConfig
from tmor_hf.data import class_texts, load_benchmark
from tmor_hf.evaluation import PROMPT_TEMPLATES
from tmor_hf.export import TMorOnnxModel, export_onnx, quantize_onnx
from tmor_hf.export.exporting import ZeroShotGraph, label_embeddings
from tmor_hf.export.quantization import KEPT_LAYERS

HELD_OUT = ("penn_action:validation", "hdm05_11:test", "bandai_namco_2:validation", "utkinect_untrimmed:validation")
Run = Callable[..., torch.Tensor]


def get_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--checkpoint", help="folder of a classifier or of a contrastive model; else random weights")
    parser.add_argument("--data-dir", help="folder of the motion sets, for accuracy")
    parser.add_argument("--sets", nargs="+", default=HELD_OUT, metavar="NAME:PART", help="clips for a classifier")
    parser.add_argument("--keep", nargs="*", default=KEPT_LAYERS, metavar="REGEX", help="layers that stay in float32")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=20, help="clips in one measurement")
    parser.add_argument("--quick", action="store_true", help="two rounds of three clips, one thread, nothing compiled")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    if args.quick:
        args.rounds, args.clips, args.threads = 2, 3, [1]
    return args


def load(checkpoint: str | None) -> tuple[Any, Any]:
    """The model in float32, and its processor."""
    if checkpoint is None:
        return TMorForSkeletonActionClassification(TMorSkeletonConfig.small()).eval(), TMorFeatureExtractor()
    config = AutoConfig.from_pretrained(checkpoint)
    model = getattr(tmor_hf, config.architectures[0]).from_pretrained(checkpoint, dtype=torch.float32).eval()
    return model, AutoProcessor.from_pretrained(checkpoint)


def zero_shot_labels() -> list[str]:
    return [text.phrase for text in class_texts("nw_ucla").values()]


def make_variants(model: Any, processor: Any, folder: str, args: argparse.Namespace) -> tuple[dict[str, Run], dict]:
    """Name -> what gives the logits of prepared clips, and name -> bytes."""
    is_contrastive = hasattr(model, "get_text_features")
    options = {"labels": zero_shot_labels(), "templates": PROMPT_TEMPLATES} if is_contrastive else {}
    plain = TMorOnnxModel.from_pretrained(export_onnx(model, processor, folder, **options))
    config = copy.deepcopy(plain.config)
    int8 = TMorOnnxModel(config, quantize_onnx(plain.content, args.keep))
    if is_contrastive:
        graph = ZeroShotGraph(model, label_embeddings(model, processor, **options)).eval()
        names = TMorFeatureExtractor.model_input_names

        def in_torch(network: Any) -> Run:
            return lambda **inputs: network(*(inputs[name] for name in names))[0]
    else:
        graph = model

        def in_torch(network: Any) -> Run:
            return lambda **inputs: network(**inputs).logits

    half = copy.deepcopy(graph).to(torch.bfloat16)
    runs = {"torch fp32": in_torch(graph), "torch bf16": in_torch(half)}
    if not args.quick:
        runs["torch compiled"] = in_torch(torch.compile(graph, dynamic=True))
    runs |= {"onnx fp32": lambda **inputs: plain(**inputs).logits, "onnx int8": lambda **inputs: int8(**inputs).logits}
    parameters = sum(parameter.numel() for parameter in graph.parameters())
    sizes = {"torch fp32": 4 * parameters, "torch bf16": 2 * parameters, "torch compiled": 4 * parameters}
    return runs, sizes | {"onnx fp32": len(plain.content), "onnx int8": len(int8.content)}


def prepare(extractor: Any, clips: list, name: str) -> list[dict[str, torch.Tensor]]:
    prepared = [dict(extractor(clip, return_tensors="pt")) for clip in clips]
    if "bf16" in name:
        prepared = [inputs | {"keypoints": inputs["keypoints"].bfloat16()} for inputs in prepared]
    return prepared


def measure_speed(model: Any, processor: Any, args: argparse.Namespace) -> tuple[dict, dict]:
    """(name, threads) -> milliseconds of each round; and the sizes."""
    rng = np.random.default_rng(args.seed)
    extractor = getattr(processor, "feature_extractor", processor)
    clips = [
        tmor_hf.Skeletons(rng.normal(size=(64, 1, 25, 3)).astype(np.float32), layout="ntu25")
        for _ in range(args.clips)
    ]
    rounds: dict[tuple[str, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        by_threads = {}
        for threads in args.threads:  # ONNX Runtime takes its number of threads when it starts
            torch.set_num_threads(threads)
            by_threads[threads], sizes = make_variants(model, processor, folder, args)
        for index in range(args.rounds + 1):
            for threads, runs in by_threads.items():
                torch.set_num_threads(threads)
                for name, run in runs.items():
                    inputs = prepare(extractor, clips, name)
                    start = time.perf_counter()
                    for one in inputs:
                        run(**one)
                    if index > 0:  # the first round warms up, and compiles
                        elapsed = 1000 * (time.perf_counter() - start) / len(inputs)
                        rounds.setdefault((name, threads), []).append(elapsed)
    return rounds, sizes


def held_out_clips(model: Any, args: argparse.Namespace) -> tuple[list, np.ndarray]:
    """Clips and the index of their class among those of the model."""
    if hasattr(model, "get_text_features"):
        dataset = load_benchmark("nw_ucla", args.data_dir, "test", leak_free=True)
        index_of = {name: index for index, name in enumerate(zero_shot_labels())}
        datasets = [dataset]
    else:
        index_of = model.config.label2id
        datasets = [
            load_benchmark(*(choice.split(":")[0], args.data_dir, choice.split(":")[1])) for choice in args.sets
        ]
    clips, labels = [], []
    for dataset in datasets:
        dataset = dataset if hasattr(dataset, "skeletons") else dataset.load()
        for clip, label in zip(dataset.skeletons, dataset.labels, strict=True):
            if dataset.class_names[label] in index_of:
                clips.append(clip)
                labels.append(index_of[dataset.class_names[label]])
    if not clips:
        raise ValueError(f"expected clips of the model's classes {list(index_of)[:5]}, ..., got none in {args.sets}")
    return clips[:20] if args.quick else clips, np.array(labels[:20] if args.quick else labels)


def measure_accuracy(model: Any, processor: Any, args: argparse.Namespace) -> tuple[dict[str, float], int]:
    """Name -> share of the clips that are named rightly, and how many clips."""
    clips, labels = held_out_clips(model, args)
    extractor = getattr(processor, "feature_extractor", processor)
    with tempfile.TemporaryDirectory() as folder:
        runs, _ = make_variants(model, processor, folder, args)
        accuracy = {}
        for name, run in runs.items():
            predictions = [int(run(**inputs)[0].argmax()) for inputs in prepare(extractor, clips, name)]
            accuracy[name] = float(np.mean(np.array(predictions) == labels))
    return accuracy, len(clips)


def main() -> None:
    args = get_arguments()
    torch.manual_seed(args.seed)
    torch.set_grad_enabled(False)
    model, processor = load(args.checkpoint)
    accuracy, clips = measure_accuracy(model, processor, args) if args.data_dir and args.checkpoint else ({}, 0)
    rounds, sizes = measure_speed(model, processor, args)
    rows = []
    for name in sizes.keys() & {name for name, _ in rounds}:
        speeds = {threads: statistics.median(rounds[name, threads]) for threads in args.threads}
        rows.append({"variant": name, "megabytes": round(sizes[name] / 1e6, 2), "accuracy": accuracy.get(name)})
        rows[-1]["milliseconds"] = {str(threads): round(value, 2) for threads, value in speeds.items()}
    rows.sort(key=lambda row: list(sizes).index(row["variant"]))
    print(
        f"{'':16}{'MB':>8}" + "".join(f"{f'ms, {threads} thr.':>14}" for threads in args.threads) + f"{'accuracy':>12}"
    )
    for row in rows:
        speed = "".join(f"{value:14.2f}" for value in row["milliseconds"].values())
        share = "" if row["accuracy"] is None else f"{row['accuracy']:12.1%}"
        print(f"{row['variant']:16}{row['megabytes']:8.2f}{speed}{share}")
    summary = {
        "benchmark": "export",
        "checkpoint": args.checkpoint,
        "clips": clips,
        "sets": None if not clips else ["nw_ucla:test"] if hasattr(model, "get_text_features") else list(args.sets),
        "kept_in_float32": list(args.keep),
        "processor": platform.processor() or platform.machine(),
        "torch": torch.__version__,
        "onnxruntime": onnxruntime.__version__,
        "results": rows,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
