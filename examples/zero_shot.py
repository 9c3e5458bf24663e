# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Zero-shot classification: a contrastive checkpoint names clips by the texts of classes, under a named protocol.

A minute on a laptop, without any data: trains a tiny model on some generated actions, and runs all three protocols:

    python examples/zero_shot.py --smoke

A set that the checkpoint never saw, or clips of your own in a folder for each class:

    python examples/zero_shot.py --model outputs/quickstart --dataset nw_ucla --data-dir DATA --labels descriptions
    python examples/zero_shot.py --model outputs/quickstart --dataset my_clips/

Classes that it did not learn, alone and together with those that it did: a published split or a file with the numbers
of the unseen classes, names of classes, or splits at random:

    python examples/zero_shot.py --model outputs/seen --dataset ntu60 --data-dir DATA --unseen synse-55/5 \
        --protocol unseen-classes generalised
    python examples/zero_shot.py --model outputs/quickstart --dataset penn_action --data-dir DATA \
        --protocol unseen-classes --num-unseen 3 --num-splits 10

What a checkpoint was trained on is up to you: the protocols are what they say only if it saw no clip of these classes.
Test clips that are copies of training clips are left out. The last line is one JSON object.
"""

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from transformers import AutoModel, AutoProcessor
from transformers.utils import logging

import tmor_hf  # noqa: F401 (registers the classes)
from tmor_hf.data import (
    BENCHMARKS,
    class_descriptions,
    class_texts,
    label_by_name,
    load_skeleton_text,
    parse_source,
    unseen_classes,
)
from tmor_hf.evaluation import (
    ZERO_SHOT_PROTOCOLS,
    class_embeddings,
    described_class_embeddings,
    embed_clips,
    embed_texts,
    seeded_unseen_splits,
    zero_shot_protocol,
)

sys.path.insert(0, str(Path(__file__).parent))
from pretrain import SMOKE_ACTIONS, pretrain  # noqa: E402  (the example beside this one)
from pretrain import get_arguments as get_training_arguments  # noqa: E402

SMOKE = {"dataset": "synthetic:200", "protocol": list(ZERO_SHOT_PROTOCOLS)}
SMOKE_TRAINING = {"preset": "tiny", "synthetic": 1000, "max-steps": 240}
SMOKE_NOTE = (
    "A model of a minute, whose text tower has read no words but its own captions: figures of unseen classes are near "
    "chance. A pre-trained tower knows more words (examples/pretrain.py --text-model minilm)."
)
SMOKE_UNSEEN_ACTIONS = ("march", "bow", "touch_toes", "push_up")  # the model is not trained on them


def get_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", metavar="NAME", help="contrastive checkpoint")
    parser.add_argument("--dataset", metavar="SOURCE", help="benchmark, folder, PoseCap or synthetic:N")
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the benchmarks")
    parser.add_argument("--benchmark-protocol", metavar="NAME", help="of the benchmark; by default its first")
    parser.add_argument("--part", default="test", help="test, validation, train, or all (%(default)s)")
    parser.add_argument(
        "--protocol", nargs="+", default=["cross-dataset"], choices=ZERO_SHOT_PROTOCOLS, metavar="NAME"
    )
    choices = ["names", "phrases", "descriptions"]
    parser.add_argument("--labels", default="phrases", choices=choices, help="texts of the classes (%(default)s)")
    parser.add_argument("--unseen", nargs="+", metavar="NAME", help="a published split, a file, or names of classes")
    parser.add_argument("--num-unseen", type=int, metavar="N", help="unseen classes of each split at random")
    parser.add_argument("--num-splits", type=int, default=10, metavar="N", help="splits at random (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the splits at random (%(default)s)")
    parser.add_argument("--seen-penalty", type=float, default=0.0, metavar="X", help="generalised; from validation")
    parser.add_argument("--smoke", action="store_true", help="a run of a minute that shows that all is well")
    args = parser.parse_args(argv)
    if args.smoke:
        parser.set_defaults(**SMOKE)
        args = parser.parse_args(argv)
    if not args.dataset or not (args.model or args.smoke):
        parser.error("nothing to do: give --model and --dataset, or --smoke")
    if parse_source(args.dataset).name in BENCHMARKS and not args.data_dir:
        parser.error(f"--dataset {args.dataset} needs --data-dir")
    if args.labels == "descriptions" and args.dataset not in BENCHMARKS:
        parser.error("--labels descriptions needs a benchmark")
    if set(args.protocol) != {"cross-dataset"} and not (args.unseen or args.num_unseen or args.smoke):
        parser.error("this protocol needs --unseen or --num-unseen")
    return args


def get_clips(args):
    """Clips to name, in memory, with labels that index their class phrases."""
    part = None if args.part == "all" else args.part
    is_folder = args.dataset not in BENCHMARKS and Path(args.dataset).is_dir() and args.part == "test"
    clips = load_skeleton_text(
        args.dataset,
        None if is_folder else part,
        data_dir=args.data_dir,
        synthetic_options={"actions": SMOKE_ACTIONS + SMOKE_UNSEEN_ACTIONS} if args.smoke else None,
        benchmark_options={"protocol": args.benchmark_protocol},
    )
    return label_by_name(clips)


def get_unseen(args, clips):
    """Name of a split -> its unseen classes."""
    if args.smoke and not args.unseen and not args.num_unseen:
        other = load_skeleton_text("synthetic:200", synthetic_options={"actions": SMOKE_UNSEEN_ACTIONS}).class_names
        return {"actions": [index for index, name in enumerate(clips.class_names) if name in other]}
    if args.unseen and set(args.unseen) <= set(clips.class_names):
        return {"classes": [clips.class_names.index(name) for name in args.unseen]}
    if args.unseen:
        return {args.unseen[0]: unseen_classes(args.dataset, args.unseen[0])}
    splits = seeded_unseen_splits(len(clips.class_names), args.num_unseen, args.num_splits, args.seed)
    return {f"seed{args.seed + index}": unseen for index, unseen in enumerate(splits)}


def get_class_embeddings(args, clips, embed_texts):
    """(classes, D) embeddings: names or phrases in templates, or descriptions averaged kind by kind."""
    if args.labels == "descriptions":
        of_name = class_descriptions(args.dataset)
        return described_class_embeddings(embed_texts, [of_name[name] for name in get_names(args, clips)])
    names = get_names(args, clips) if args.labels == "names" and args.dataset in BENCHMARKS else clips.class_names
    return class_embeddings(embed_texts, names)


def get_names(args, clips):
    """The name of each class as it stands in the benchmark."""
    name_of = {text.phrase: name for name, text in class_texts(args.dataset).items()}
    return [name_of[phrase] for phrase in clips.class_names]


def get_scores(args, clips):
    """(clips, classes) cosine between each clip and the text of each class."""
    with tempfile.TemporaryDirectory(prefix="tmor-zero-shot-") as folder:
        model_name = args.model or train_tiny(folder)
        processor = AutoProcessor.from_pretrained(model_name)
        model = AutoModel.from_pretrained(model_name).eval()
    texts = get_class_embeddings(args, clips, partial(embed_texts, model, processor.tokenizer))
    embeds = embed_clips(model, processor.feature_extractor, clips, features="projected", progress=True)
    return embeds @ texts.T


def train_tiny(folder):
    """The pre-training example, in a smaller size, on actions without those of `SMOKE_UNSEEN_ACTIONS`."""
    words = [word for name, value in SMOKE_TRAINING.items() for word in (f"--{name}", str(value))]
    pretrain(get_training_arguments(["--smoke", "--overwrite", "--output-dir", folder, *words]))
    return folder


def measure(args, clips, scores):
    """Protocol -> split -> report; and the mean over splits of each number."""
    results = {}
    for protocol in args.protocol:
        splits = {"all": ()} if protocol == "cross-dataset" else get_unseen(args, clips)
        penalty = args.seen_penalty if protocol == "generalised" else 0.0
        reports = {
            split: zero_shot_protocol(protocol, scores, clips.labels, clips.class_names, unseen, penalty)
            for split, unseen in splits.items()
        }
        numbers = [key for key, value in next(iter(reports.values())).items() if not isinstance(value, dict)]
        mean = {key: float(np.mean([report[key] for report in reports.values()])) for key in numbers}
        results[protocol] = {"splits": reports, "mean": mean}
    return results


def main(args):
    """Measures, prints, and returns the results."""
    logging.set_verbosity_error()
    clips = get_clips(args)
    results = measure(args, clips, get_scores(args, clips))
    for protocol, result in results.items():
        figures = ", ".join(f"{key} {value:.3g}" for key, value in result["mean"].items())
        print(f"{protocol} ({len(result['splits'])} splits): {figures}")
    if args.smoke:
        print(SMOKE_NOTE)
    return {"dataset": args.dataset, "labels": args.labels, "protocols": results}


if __name__ == "__main__":
    print(json.dumps(main(get_arguments())))
