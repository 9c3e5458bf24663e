# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What runs on the CPU gives the same on a GPU. Needs one: without it, all of this is skipped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate.state import AcceleratorState
from transformers import pipeline

from tmor_hf import (
    AutoModelForSkeletonActionClassification,
    Skeletons,
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorSkeletonConfig,
    TMorSkeletonModel,
)
from tmor_hf.data import ContrastiveCollator, ContrastiveDataset, MotionDataset, SyntheticMotion, encode_captions
from tmor_hf.evaluation import embed_clips, embed_texts, predict_logits
from tmor_hf.few_shot import adapt
from tmor_hf.streaming import SkeletonStream
from tmor_hf.training import (
    ContrastiveTrainer,
    ContrastiveTrainingArguments,
    FineTuningArguments,
    finetune_classifier,
)

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

EXAMPLES = Path(__file__).parents[1] / "examples"
LABELS = ["walking", "sitting down", "waving"]
NAMED = {"id2label": dict(enumerate(LABELS)), "label2id": {name: label for label, name in enumerate(LABELS)}}


@pytest.fixture(autouse=True)
def full_precision(monkeypatch):
    """Convolutions may otherwise be computed with ten bits of mantissa."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


@pytest.fixture(params=[None, [8, 12]], ids=["linear", "convolutions"])
def encoder(request) -> TMorSkeletonModel:
    torch.manual_seed(0)
    return TMorSkeletonModel(TMorSkeletonConfig.tiny(stem_channels=request.param)).eval()


@pytest.fixture
def clips() -> MotionDataset:
    """Generated clips of three classes."""
    motion = SyntheticMotion(24, actions=("walk", "kick", "clap"))
    return MotionDataset([motion.motion_clip(index) for index in range(24)], "synthetic", motion.actions)


@pytest.fixture
def batch(clips) -> dict[str, torch.Tensor]:
    """Clips of unequal length, one of them 2D."""
    poses = [clip.skeletons for clip in clips[:5]]
    poses.append(Skeletons(np.random.default_rng(0).normal(size=(7, 2, 17, 2)).astype(np.float32), layout="coco17"))
    return dict(TMorFeatureExtractor()(poses, return_tensors="pt"))


def classifier(**options) -> TMorForSkeletonActionClassification:
    torch.manual_seed(0)
    return TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny(stem_channels=[8, 12], **NAMED, **options))


def to_gpu(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: value.cuda() for name, value in batch.items()}


def test_embeddings_and_gradients_are_those_of_the_cpu(encoder, batch):
    results = {}
    for device in ("cpu", "cuda"):
        encoder.to(device).zero_grad()
        pooled = encoder(**{name: value.to(device) for name, value in batch.items()}).pooler_output
        pooled.square().sum().backward()
        gradients = {
            name: value.grad.cpu().clone() for name, value in encoder.named_parameters() if value.grad is not None
        }
        results[device] = pooled.detach().cpu(), gradients
    torch.testing.assert_close(results["cuda"], results["cpu"], atol=2e-4, rtol=2e-3)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_near_float32(encoder, batch, dtype):
    inputs = to_gpu(batch)
    with torch.no_grad():
        exact = encoder.cuda()(**inputs).pooler_output
        with torch.autocast("cuda", dtype):
            mixed = encoder(**inputs).pooler_output
        low = encoder.to(dtype)(**inputs).pooler_output
    for result in (mixed, low):
        assert torch.nn.functional.cosine_similarity(result.float(), exact).min() > 0.995


def test_padding_changes_nothing(encoder, batch):
    with torch.no_grad():
        pad = {"keypoints": 6, "joint_mask": 4, "frame_mask": 0, "depth_mask": 0}
        padded = {
            name: torch.nn.functional.pad(value, (*(0,) * pad[name], 0, 5)) for name, value in to_gpu(batch).items()
        }
        encoder.cuda()
        expected = encoder(**to_gpu(batch)).pooler_output
        torch.testing.assert_close(encoder(**padded).pooler_output, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.slow
def test_a_compiled_encoder_gives_the_same(encoder, batch):
    inputs = to_gpu(batch)
    with torch.no_grad():
        expected = encoder.cuda()(**inputs).pooler_output
        encoder.compile()
        torch.testing.assert_close(encoder(**inputs).pooler_output, expected, atol=1e-3, rtol=1e-3)


def contrastive_losses(folder, model, processor, clips, **options) -> list[float]:
    """Losses of a run of twelve steps."""
    dataset = ContrastiveDataset(clips, None, seed=0)
    features = encode_captions(model, processor.tokenizer, dataset.captions())
    arguments = ContrastiveTrainingArguments(
        output_dir=str(folder), max_steps=12, logging_steps=1, save_steps=5, text_lr_scale=0.0,
        learning_rate=3e-3, same_caption="positive", progress_bar=False, **options,
    )  # fmt: skip
    collator = ContrastiveCollator(processor.feature_extractor, processor.tokenizer, features)
    ContrastiveTrainer(model, arguments, dataset, collator).train()
    lines = (Path(folder) / "train_log.jsonl").read_text().splitlines()
    return [record["loss"] for record in map(json.loads, lines) if "loss" in record]


def test_contrastive_training_goes_as_on_the_cpu(tmp_path, tiny_model, tiny_processor, clips):
    start = {name: value.clone() for name, value in tiny_model.state_dict().items()}
    options = {
        "cpu": {"cpu": True},
        "float32": {},
        "cached": {"batch_size": 4, "gradient_accumulation_steps": 2},
        "workers": {"num_workers": 2},
        "bf16": {"mixed_precision": "bf16"},
    }
    losses = {}
    for name, choice in options.items():
        tiny_model.load_state_dict(start)
        losses[name] = run_alone(tmp_path / name, tiny_model, tiny_processor, clips, choice)
    np.testing.assert_allclose(losses["cpu"], losses["float32"], rtol=0.02)
    np.testing.assert_allclose(losses["cached"], losses["float32"], rtol=1e-3)
    np.testing.assert_allclose(losses["workers"], losses["float32"], rtol=1e-4)
    np.testing.assert_allclose(losses["bf16"], losses["float32"], rtol=0.05)
    assert losses["float32"][-1] < losses["float32"][0]


def run_alone(folder, model, processor, clips, choice) -> list[float]:
    """A run under an accelerate state of its own: device and precision belong to the process."""
    AcceleratorState._reset_state(reset_partial_state=True)
    try:
        return contrastive_losses(folder, model, processor, clips, **{"batch_size": 8, **choice})
    finally:
        AcceleratorState._reset_state(reset_partial_state=True)


def test_a_fine_tuned_model_predicts_on_both_devices(tmp_path, clips):
    folder = tmp_path / "model"
    result = finetune_classifier(
        classifier(), TMorFeatureExtractor(), clips, clips,
        FineTuningArguments(output_dir=str(folder), num_epochs=2, batch_size=8, progress_bar=False),
    )  # fmt: skip
    assert next(result.model.parameters()).is_cuda and np.isfinite(result.metrics["loss"])
    model = AutoModelForSkeletonActionClassification.from_pretrained(folder)
    logits = [predict_logits(model.to(device), TMorFeatureExtractor(), clips) for device in ("cpu", "cuda")]
    np.testing.assert_allclose(logits[0], logits[1], atol=1e-3)


@pytest.mark.parametrize("method", ["linear", "prompt", "lora"])
def test_a_few_clips_adapt_a_model_that_lies_on_the_gpu(tiny_model, tiny_processor, clips, method):
    if method == "lora":
        pytest.importorskip("peft")
    adapted = adapt(
        tiny_model.cuda(), tiny_processor.feature_extractor, clips, method, num_views=1, num_steps=2,
        tokenizer=tiny_processor.tokenizer,
    )  # fmt: skip
    assert {parameter.device.type for parameter in adapted.parameters()} == {"cuda"}
    assert predict_logits(adapted, tiny_processor.feature_extractor, clips).shape == (24, 3)


def test_embeddings_of_clips_and_texts_come_back_from_the_gpu(tiny_model, tiny_processor, clips):
    def embed(model):
        return (
            embed_clips(model, tiny_processor.feature_extractor, clips, features="projected"),
            embed_texts(model, tiny_processor.tokenizer, LABELS),
        )

    for ours, theirs in zip(embed(tiny_model), embed(tiny_model.cuda()), strict=True):
        np.testing.assert_allclose(theirs, ours, atol=1e-4)


def test_pipelines_answer_alike_on_both_devices(tiny_model, tiny_processor, clips):
    poses = [clip.skeletons for clip in clips[:3]]
    frames = TMorForSkeletonFrameClassification(TMorSkeletonConfig.tiny(problem_type="multi_label_classification"))
    made = {
        "skeleton-action-classification": (classifier().eval(), {}),
        "zero-shot-skeleton-action-classification": (tiny_model, {"candidate_labels": LABELS}),
    }
    for task, (model, options) in made.items():
        parts = {"processor": tiny_processor} if options else {"feature_extractor": tiny_processor.feature_extractor}
        answers = [pipeline(task, model, device=device, **parts, **options)(poses) for device in ("cpu", "cuda")]
        for ours, theirs in zip(*answers, strict=True):
            assert [label["label"] for label in ours] == [label["label"] for label in theirs]
            np.testing.assert_allclose(
                [label["score"] for label in ours], [label["score"] for label in theirs], atol=1e-4
            )
    inputs = tiny_processor.feature_extractor(poses[:1], return_tensors="pt")
    ours, theirs = (frames.to(device).predict_frames(inputs) for device in ("cpu", "cuda"))
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-3)


def test_a_stream_runs_on_the_gpu(clips):
    skeletons = clips[0].skeletons
    labels = []
    for device in ("cpu", "cuda"):
        stream = SkeletonStream(
            classifier().eval().to(device), TMorFeatureExtractor(), num_frames=16, layout=skeletons.layout
        )
        for pose in skeletons.keypoints[:24]:
            results = stream.push(pose)
        labels.append(results[0].labels)
    assert [label["label"] for label in labels[0]] == [label["label"] for label in labels[1]]


@pytest.mark.slow
@pytest.mark.parametrize("config", ["one_gpu", "multi_gpu", "fsdp"])
def test_the_launch_files_train_on_a_gpu(tmp_path, config):
    command = [
        sys.executable, "-m", "accelerate.commands.launch", "--config_file", EXAMPLES / f"launch/{config}.yaml",
        "--num_processes", "1", EXAMPLES / "pretrain.py", "--smoke", "--output-dir", tmp_path, "--synthetic", "200",
        "--max-steps", "20", "--no-progress-bar",
    ]  # fmt: skip
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    metrics = json.loads(done.stdout.strip().splitlines()[-1])
    assert metrics["steps"] == 20 and np.isfinite(metrics["loss"])
    assert (tmp_path / "model.safetensors").is_file()
