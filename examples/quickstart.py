# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Five minutes with T-MOR: ask the weights that come with it, then pre-train three towers and name actions by text.

    make quickstart                                          # or, in an environment of your own:
    python examples/quickstart.py
    python examples/quickstart.py --data wave.bvh clips/a.json --no-training   # pose files of yours, and no training

First the bundled checkpoints say what a few clips show: seconds, with nothing to download. Then a model is trained
from nothing: skeletons, captions and small rendered videos come from the built-in generator, so no data is needed, and
it takes a minute or two on two CPU cores. The clips that are named come from other bodies, styles and viewpoints than
those of training, and only their skeletons are used.
"""

import argparse
import logging
import sys
import time
from pathlib import Path

import numpy as np
from transformers import pipeline
from transformers.utils import logging as transformers_logging

from tmor_hf import bundled
from tmor_hf.data import SyntheticMotion, synthetic_clips
from tmor_hf.io import iter_skeletons

sys.path.insert(0, str(Path(__file__).parent))
from pretrain import get_arguments as get_training_arguments  # noqa: E402  (the example beside this one)
from pretrain import pretrain  # noqa: E402

UNSEEN_SEED = 424_242  # another seed than training's: other bodies, styles and viewpoints
SHOWN_ACTIONS = ("walk", "clap", "kick", "squat")
FREE_LABELS = ("walking", "clapping hands", "kicking", "doing squats", "waving", "throwing something", "sitting down")


def get_arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output-dir", default="outputs/quickstart")
    parser.add_argument("--steps", type=int, default=350, help="training steps (%(default)s)")
    parser.add_argument("--clips", type=int, default=600, help="unseen clips to name (%(default)s)")
    parser.add_argument("--show", type=int, default=8, help="of which so many are shown (%(default)s)")
    parser.add_argument("--data", nargs="+", default=[], metavar="FILE", help="pose files to name as well")
    parser.add_argument("--no-training", action="store_true", help="ask the bundled checkpoints, and no more")
    return parser.parse_args(argv)


def ask_bundled(args):
    """What the bundled checkpoints say: the closed-set one of its own classes, the contrastive one of free labels."""
    start = time.monotonic()
    clips = [
        (f"generated: {clip.class_name}", clip.skeletons)
        for action in SHOWN_ACTIONS
        for clip in synthetic_clips(SyntheticMotion(1, seed=UNSEEN_SEED, actions=(action,)))
    ]
    clips += [(Path(name).name, clip) for file in args.data for name, clip in iter_skeletons(file)]
    classify = pipeline("skeleton-action-classification", model=bundled("tmor-base-actions"))
    choose = pipeline("zero-shot-skeleton-action-classification", model=bundled("tmor-base"))
    print(f"\n    {'clip':34}{'its own classes':34}free labels\n")
    for name, clip in clips:
        known = classify(clip, top_k=1)[0]
        free = choose(clip, candidate_labels=list(FREE_LABELS), top_k=1)[0]
        print(f"    {name[:32]:34}{known['label'][:26]:27}{known['score']:4.0%}   {free['label']} {free['score']:.0%}")
    print(f"\n  {len(clips)} clips took {time.monotonic() - start:.1f} s, loading included\n", flush=True)


def train(args):
    """The pre-training example with settings for a laptop: small towers, short clips, video included."""
    options = {
        "output-dir": args.output_dir, "synthetic": 3000, "preset": "small", "num-frames": 32, "batch-size": 64,
        "max-steps": args.steps, "learning-rate": 1e-3, "same-caption": "positive", "save-steps": 0,
    }  # fmt: skip
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return pretrain(get_training_arguments([*words, "--video", "--overwrite"]))


def name_clips(args):
    """Zero-shot: the pipeline gets skeletons and a list of phrases, nothing else."""
    unseen = synthetic_clips(SyntheticMotion(args.clips, seed=UNSEEN_SEED))
    classifier = pipeline("zero-shot-skeleton-action-classification", model=args.output_dir)
    answers = classifier(
        unseen.skeletons,
        candidate_labels=list(unseen.class_names),
        hypothesis_template=["{}", "a person is {}"],
        top_k=2,
        batch_size=64,
    )
    return unseen, answers


def print_results(args, unseen, answers, seconds):
    is_right = np.array([answer[0]["label"] == clip.class_name for clip, answer in zip(unseen, answers, strict=True)])
    chance = 1 / len(unseen.class_names)
    print(f"\nWhat {args.show} of {len(unseen)} unseen clips show, chosen from {len(unseen.class_names)} phrases\n")
    print(f"    {'what the body does':38}{'what the model says':38}")
    for clip, answer, right in list(zip(unseen, answers, is_right, strict=True))[: args.show]:
        bar = "█" * round(10 * answer[0]["score"])
        print(f"  {'✓' if right else '·'} {clip.class_name:38}{answer[0]['label']:38}{bar} {answer[0]['score']:.0%}")
    print(f"\n  right: {is_right.mean():.1%}   chance: {chance:.1%}   {is_right.mean() / chance:.0f} times chance")
    print(f"  training and naming took {seconds:.0f} s; the checkpoint is in {args.output_dir}\n")
    print("Next, with a clip of yours (frames, joints, 2 or 3 coordinates), by the bundled weights:\n")
    print("    import tmor_hf\n    from transformers import pipeline\n")
    print('    classifier = pipeline("zero-shot-skeleton-action-classification")')
    print('    classifier(clip, layout="coco17", candidate_labels=["waving", "sitting down", "running"])\n')


def main(args):
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("tmor_hf").setLevel(logging.WARNING)
    print("What the bundled checkpoints say, which no training here has touched:", flush=True)
    ask_bundled(args)
    if args.no_training:
        return
    start = time.monotonic()
    print("Pre-training skeleton, text and video towers on generated motion ...", flush=True)
    train(args)
    unseen, answers = name_clips(args)
    print_results(args, unseen, answers, time.monotonic() - start)


if __name__ == "__main__":
    main(get_arguments())
