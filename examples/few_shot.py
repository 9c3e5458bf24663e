# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Few-shot classification over many episodes: methods of adaptation, and the same network from scratch.

A minute on a laptop, without any data: pre-trains on some generated actions, adapts to other ones:

    python examples/few_shot.py --smoke --output outputs/few_shot.json

A benchmark; 20 episodes draw 1, 5 and 10 clips of each class from the training split and test on the test split:

    python examples/few_shot.py --model outputs/pretrained --dataset nw_ucla --data-dir DATA \
        --shots 1 5 10 --episodes 20 --output outputs/few_shot_nw_ucla.json

Clips of your own in a folder for each class, which are all to be learned from, into an adapter of some kilobytes:

    python examples/few_shot.py --model outputs/quickstart --dataset my_clips/ --save-adapter adapters/mine

Results stand in the JSON file after each episode; the same command goes on where it was stopped. Accuracies are means
over episodes with 95% confidence intervals by Student's t; gains over the linear head are differences on the same
episodes.
"""

import json
import os
import time
from pathlib import Path

from transformers import AutoModel, AutoProcessor
from transformers.utils import logging

from tmor_hf import TMorFeatureExtractor, TMorForSkeletonActionClassification, TMorProcessor, TMorSkeletonConfig
from tmor_hf.data import (
    BENCHMARKS,
    MissingSplitError,
    label_by_name,
    load_skeleton_text,
    parse_source,
)
from tmor_hf.evaluation import mean_class_accuracy, predict_logits, top_k_accuracy
from tmor_hf.few_shot import METHODS, adapt, episodes, mean_interval, save_adapter
from tmor_hf.training import FineTuningArguments, argument_parser, finetune_classifier

SMOKE = {"dataset": "synthetic:200", "shots": [1, 5], "episodes": 3, "num_steps": 10}
SMOKE_ACTIONS = ("bow", "clap", "squat", "march", "touch_toes")  # the model sees none of them before
PRETRAINING_ACTIONS = ("walk", "run", "kick", "sit_down", "stand_up", "throw", "wave", "wave_both", "jump", "push_up")
PRETRAINING = {"learning_rate": 3e-3, "num_epochs": 12, "cpu": True, "progress_bar": False}


def get_arguments(argv=None):
    parser = argument_parser(__doc__.split("\n\n")[0], usage="%(prog)s --model NAME --dataset SOURCE [options]")
    parser.add_argument("--model", metavar="NAME", help="pre-trained checkpoint")
    parser.add_argument("--dataset", metavar="SOURCE", help="benchmark, folder, PoseCap or synthetic:N, see above")
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the benchmarks")
    parser.add_argument("--protocol", metavar="NAME", help="of the benchmark; by default its first")
    parser.add_argument("--support-part", default="train", metavar="PART", help="where to learn from (%(default)s)")
    parser.add_argument("--query-part", metavar="PART", help="what to test on; by default test, or what is left")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS, metavar="NAME")
    parser.add_argument("--shots", nargs="+", type=int, default=[1, 5, 10], metavar="K", help="clips of each class")
    parser.add_argument("--episodes", type=int, default=20, metavar="N", help="of each number of shots (%(default)s)")
    parser.add_argument("--num-queries", type=int, metavar="N", help="clips of each class to test on; by default all")
    parser.add_argument("--text", action="store_true", help="names of the classes count as more clips of them")
    parser.add_argument("--num-steps", type=int, metavar="N", help="training steps; by default the method's")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--output", default="outputs/few_shot.json", metavar="FILE", help="results (%(default)s)")
    parser.add_argument("--save-adapter", metavar="DIR", help="adapt to all clips of --support-part, and save that")
    parser.add_argument("--method", default="lora", choices=METHODS, metavar="NAME", help="for it (%(default)s)")
    parser.add_argument("--smoke", action="store_true", help="a run of a minute that shows that all is well")
    args = parser.parse_args(argv)
    if args.smoke:
        parser.set_defaults(**SMOKE)
        args = parser.parse_args(argv)
    if not args.dataset or not (args.model or args.smoke):
        parser.error("nothing to do: give --model and --dataset, or --smoke")
    if parse_source(args.dataset).name in BENCHMARKS and not args.data_dir:
        parser.error(f"--dataset {args.dataset} needs --data-dir")
    return args


def get_part(args, part, class_names=None):
    """The clips of a part of the source, in memory, with labels that index `class_names`."""
    clips = load_skeleton_text(
        args.dataset,
        part,
        data_dir=args.data_dir,
        seed=args.seed,
        synthetic_options={"actions": SMOKE_ACTIONS} if args.smoke else None,
        benchmark_options={"protocol": args.protocol},
    )
    return label_by_name(clips, class_names)


def get_queries(args, class_names):
    """Clips to test on; None for those of the support part that are left over."""
    if args.query_part == args.support_part:
        return None
    try:
        return get_part(args, args.query_part or "test", class_names)
    except MissingSplitError:
        if args.query_part:
            raise
        return None


def get_model(args):
    """The pre-trained model, its feature extractor, and its tokenizer if it has one."""
    if args.model is None:
        return *pretrain(args), None
    processor = AutoProcessor.from_pretrained(args.model)
    model = AutoModel.from_pretrained(args.model).eval()
    if isinstance(processor, TMorProcessor):
        return model, processor.feature_extractor, processor.tokenizer
    return model, processor, None


def pretrain(args):
    """A tiny encoder that has learned to tell some generated actions."""
    options = {"actions": PRETRAINING_ACTIONS}
    clips = label_by_name(load_skeleton_text("synthetic:600", seed=args.seed, synthetic_options=options))
    model = TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny(num_labels=len(clips.class_names)))
    feature_extractor = TMorFeatureExtractor(num_frames=16)
    finetune_classifier(model, feature_extractor, clips, None, FineTuningArguments(seed=args.seed, **PRETRAINING))
    return model, feature_extractor


def run_episode(args, model, feature_extractor, tokenizer, episode, method):
    """Accuracy of one method on one episode, and the seconds that its adaptation took."""
    options = {"tokenizer": tokenizer} if args.text and method != "scratch" else {}
    start = time.monotonic()
    adapted = adapt(
        model, feature_extractor, episode.support, method, num_steps=args.num_steps, seed=episode.index, **options
    )
    seconds = time.monotonic() - start
    logits = predict_logits(adapted, feature_extractor, episode.query)
    labels, classes = episode.query.labels, len(episode.query.class_names)
    return {
        "top1": top_k_accuracy(logits, labels),
        "mean_class": mean_class_accuracy(logits.argmax(1), labels, classes),
        "seconds": round(seconds, 2),
    }


def read_results(path, settings):
    """What an earlier run with the same settings left, or nothing."""
    if not path.exists():
        return {"settings": settings, "episodes": {}}
    results = json.loads(path.read_text())
    if results["settings"] != settings:
        raise SystemExit(f"{path} holds results of other settings: {results['settings']}; choose another --output")
    return results


def write_results(path, results):
    """Whole or not at all, however the run ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(results, indent=1))
    os.replace(partial, path)


def summarize(results):
    """For each number of shots and method: mean and half width of the interval, in percent."""
    summary = {}
    for key, runs in results["episodes"].items():
        shots, method = key.split("/")
        linear = results["episodes"].get(f"{shots}/linear", {})
        entry = {"episodes": len(runs)}
        for metric in ("top1", "mean_class"):
            entry[metric] = interval([run[metric] for run in runs.values()])
        pairs = [(run["top1"], linear[index]["top1"]) for index, run in runs.items() if index in linear]
        if pairs and method != "linear":
            entry["gain_over_linear"] = interval([ours - theirs for ours, theirs in pairs])
        entry["seconds"] = sum(run["seconds"] for run in runs.values()) / len(runs)
        summary[key] = entry
    return summary


def interval(values):
    return [round(100 * value, 2) for value in mean_interval(values)]


def print_summary(summary):
    print(f"{'shots':>5}  {'method':12}  {'top-1':>14}  {'over linear':>14}  {'seconds':>7}")
    for key, entry in summary.items():
        shots, method = key.split("/")
        columns = [
            "{:6.1f} ± {:4.1f}".format(*entry[name]) if name in entry else "" for name in ("top1", "gain_over_linear")
        ]
        print(f"{shots:>5}  {method:12}  {columns[0]:>14}  {columns[1]:>14}  {entry['seconds']:7.1f}")


def main(args):
    """Runs what is not there yet, and returns the summary."""
    logging.set_verbosity_error()
    support = get_part(args, args.support_part)
    model, feature_extractor, tokenizer = get_model(args)
    if args.save_adapter:
        options = {"tokenizer": tokenizer} if args.text else {}
        adapted = adapt(model, feature_extractor, support, args.method, seed=args.seed, progress=True, **options)
        folder = save_adapter(adapted, args.save_adapter)
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1024
        print(
            f"{folder}: {args.method}, {len(support)} clips, {len(support.class_names)} classes, {size / 1024:.0f} KB"
        )
        return {}
    queries = get_queries(args, support.class_names)
    kept = ("model", "dataset", "protocol", "support_part", "query_part", "num_queries", "text", "num_steps", "seed")
    path = Path(args.output)
    results = read_results(path, {name: getattr(args, name) for name in kept})
    for shots in args.shots:
        for episode in episodes(support, shots, args.episodes, args.seed, args.num_queries, queries):
            for method in args.methods:
                runs = results["episodes"].setdefault(f"{shots}/{method}", {})
                if str(episode.index) not in runs:
                    runs[str(episode.index)] = run_episode(args, model, feature_extractor, tokenizer, episode, method)
                    write_results(path, results)
    results["summary"] = summarize(results)
    write_results(path, results)
    print_summary(results["summary"])
    return results["summary"]


if __name__ == "__main__":
    print(json.dumps(main(get_arguments())))
