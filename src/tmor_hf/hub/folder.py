# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""From a checkpoint to a folder as it lies on the Hub: weights, configurations, card, code and checksums."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from .integrity import CARD_NAME, read_json, verify_checkpoint, write_checksums
from .remote_code import remote_code

_SKELETON_AUTO_MAP = {
    "AutoConfig": "configuration_tmor.TMorSkeletonConfig",
    "AutoModel": "modeling_tmor_skeleton.TMorSkeletonModel",
    "AutoFeatureExtractor": "feature_extraction_tmor.TMorFeatureExtractor",
    "AutoProcessor": "feature_extraction_tmor.TMorFeatureExtractor",
}
# Architecture -> where transformers finds the class of each Auto class. It says the same as `tmor_hf.auto`.
_AUTO_MAPS: dict[str, dict[str, str]] = {
    "TMorModel": {
        "AutoConfig": "configuration_tmor.TMorConfig",
        "AutoModel": "modeling_tmor.TMorModel",
        "AutoFeatureExtractor": "feature_extraction_tmor.TMorFeatureExtractor",
        "AutoProcessor": "processing_tmor.TMorProcessor",
    },
    "TMorForSkeletonActionClassification": {
        **_SKELETON_AUTO_MAP,
        "AutoModelForVideoClassification": "modeling_tmor_skeleton.TMorForSkeletonActionClassification",
    },
    "TMorForSkeletonFrameClassification": {
        **_SKELETON_AUTO_MAP,
        "AutoModelForAudioFrameClassification": "modeling_tmor_frames.TMorForSkeletonFrameClassification",
    },
}
# Architecture -> task -> the pipeline's class, and the Auto class of transformers that loads its model. Where there is
# one task only, `pipeline` need not be told it.
_PIPELINES: dict[str, dict[str, dict[str, Any]]] = {
    "TMorModel": {
        "zero-shot-skeleton-action-classification": {
            "impl": "zero_shot_skeleton_action_classification.ZeroShotSkeletonActionClassificationPipeline",
            "pt": ["AutoModel"],
        },
        "skeleton-feature-extraction": {
            "impl": "skeleton_feature_extraction.SkeletonFeatureExtractionPipeline",
            "pt": ["AutoModel"],
        },
    },
    "TMorForSkeletonActionClassification": {
        "skeleton-action-classification": {
            "impl": "skeleton_action_classification.SkeletonActionClassificationPipeline",
            "pt": ["AutoModelForVideoClassification"],
        },
    },
    "TMorForSkeletonFrameClassification": {
        "skeleton-temporal-action-detection": {
            "impl": "skeleton_temporal_action_detection.SkeletonTemporalActionDetectionPipeline",
            "pt": ["AutoModelForAudioFrameClassification"],
        },
    },
}
# What of a checkpoint goes along; the state of a training run does not.
_COPIED = (
    "config.json", "model.safetensors", "processor_config.json", "preprocessor_config.json", "tokenizer.json",
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.txt", "vocab.json", "merges.txt",
    CARD_NAME,
)  # fmt: skip
_CARD_PICTURES = (".png", ".gif", ".jpg", ".webp")


def export_to_hub_folder(
    checkpoint: str | os.PathLike, output_dir: str | os.PathLike, card: str | os.PathLike | None = None
) -> Path:
    """Writes a folder that loads from the Hub, or from where it lies, with this package and without it.

    With `tmor_hf` imported its classes are used, as ever; without it `trust_remote_code=True` runs the copies of them
    that lie in the folder. Nothing is registered in this process, and the checkpoint is not changed.

    Args:
        checkpoint: Folder of a contrastive model, a classifier or a frame classifier, with its processor or feature
            extractor, as `save_pretrained` writes them.
        output_dir: Where the folder goes; it must be new or empty.
        card: Markdown file that becomes README.md, or a folder with README.md and the pictures that it shows. By
            default the README.md of the checkpoint, if it has one.

    Returns:
        The folder.

    Raises:
        FileExistsError: If `output_dir` holds files.
        FileNotFoundError: If the checkpoint or the card lacks a file.
        ValueError: If the checkpoint is broken, or of another architecture.
    """
    checkpoint, output_dir = Path(checkpoint), Path(output_dir)
    verify_checkpoint(checkpoint)
    if output_dir.exists() and any(output_dir.iterdir()):
        raise FileExistsError(f"expected a new or empty folder, got {output_dir} with files in it; remove them")
    architecture = _architecture(checkpoint)
    output_dir.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        if (checkpoint / name).is_file():
            shutil.copyfile(checkpoint / name, output_dir / name)
    _copy_card(Path(card) if card is not None else checkpoint, output_dir, is_required=card is not None)
    auto_map = _AUTO_MAPS[architecture]
    _write_auto_maps(output_dir, auto_map)
    for name, text in remote_code(auto_map, _PIPELINES[architecture]).items():
        (output_dir / name).write_text(text, encoding="utf-8")
    write_checksums(output_dir)
    return output_dir


def _architecture(checkpoint: Path) -> str:
    names = read_json(checkpoint / "config.json").get("architectures") or [None]
    if names[0] not in _AUTO_MAPS:
        raise ValueError(f"expected a checkpoint of one of {', '.join(_AUTO_MAPS)}, got {names[0]} in {checkpoint}")
    return names[0]


def _copy_card(source: Path, output_dir: Path, is_required: bool) -> None:
    if source.is_file():
        shutil.copyfile(source, output_dir / CARD_NAME)
        return
    if is_required and not (source / CARD_NAME).is_file():
        raise FileNotFoundError(f"expected a Markdown file, or a folder with {CARD_NAME}, got {source}")
    for path in source.iterdir() if source.is_dir() else ():
        if path.name == CARD_NAME or path.suffix in _CARD_PICTURES:
            shutil.copyfile(path, output_dir / path.name)


def _write_auto_maps(folder: Path, auto_map: dict[str, str]) -> None:
    """Each Auto class reads its entry from a file of its own, and the feature extractor may lie inside a processor."""
    _update(folder / "config.json", lambda config: config.update(auto_map=auto_map))
    processing = {name: auto_map[name] for name in ("AutoFeatureExtractor", "AutoProcessor")}
    if (folder / "processor_config.json").is_file():
        _update(folder / "processor_config.json", lambda config: _map_processor(config, processing))
    else:
        _update(folder / "preprocessor_config.json", lambda config: config.update(auto_map=processing))


def _map_processor(config: dict[str, Any], processing: dict[str, str]) -> None:
    config["auto_map"] = processing
    config["feature_extractor"]["auto_map"] = processing


def _update(path: Path, change: Any) -> None:
    content = read_json(path)
    change(content)
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


__all__ = ["export_to_hub_folder"]
