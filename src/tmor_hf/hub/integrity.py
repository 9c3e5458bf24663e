# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Whether the files of a checkpoint are all there, whole, and those that were written."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from ..modeling.configuration_tmor import TMorConfig, TMorSkeletonConfig
from ..modeling.modeling_tmor import TMorModel
from ..modeling.modeling_tmor_frames import TMorForSkeletonFrameClassification
from ..modeling.modeling_tmor_skeleton import (
    TMorForSkeletonActionClassification,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)

CARD_NAME = "README.md"
CHECKSUMS_NAME = "SHA256SUMS"  # the form of `sha256sum`, which can check it too
WEIGHTS_NAME = "model.safetensors"
# Edited on the Hub after the upload; nothing that a model computes depends on them.
_UNLISTED = {CHECKSUMS_NAME, CARD_NAME, ".gitattributes"}
_MODELS = {
    model.__name__: model
    for model in (
        TMorModel, TMorSkeletonModel, TMorSkeletonModelWithProjection, TMorForSkeletonActionClassification,
        TMorForSkeletonFrameClassification,
    )
}  # fmt: skip


def verify_checkpoint(folder: str | os.PathLike) -> None:
    """Checks a checkpoint: that its files are there, whole, fit together, and are those that were exported.

    A folder of `export_to_hub_folder` lists its files with their SHA-256; any change of a byte is found. In other
    folders JSON that cannot be read, weights cut short and weights of another model are found.

    Args:
        folder: Folder of a checkpoint; of one on the Hub, what `huggingface_hub.snapshot_download` returns.

    Raises:
        FileNotFoundError: If a file is missing; it is named.
        ValueError: If a file is not what it should be; it is named, with what is wrong.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"expected the folder of a checkpoint, got {folder}, which is no folder")
    if (folder / CHECKSUMS_NAME).is_file():
        _check_checksums(folder)
    config = read_json(folder / "config.json")
    for path in sorted(folder.glob("*.json")):
        read_json(path)
    if not any((folder / name).is_file() for name in ("processor_config.json", "preprocessor_config.json")):
        raise FileNotFoundError(
            f"expected processor_config.json or preprocessor_config.json in {folder}, got neither; save the "
            "processor or feature extractor there too"
        )
    if "processor_class" in _processor(folder) and not (folder / "tokenizer_config.json").is_file():
        raise FileNotFoundError(f"expected the files of a tokenizer in {folder}, got none; save its processor again")
    _check_weights(folder, config)
    _check_code(folder, config.get("auto_map", {}))


def write_checksums(folder: Path) -> None:
    """Writes the list of the files of a folder with their SHA-256."""
    lines = [f"{_sha256(folder / name)}  {name}\n" for name in _listed_files(folder)]
    (folder / CHECKSUMS_NAME).write_text("".join(lines), encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file of JSON.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file holds anything else.
    """
    if not path.is_file():
        raise FileNotFoundError(f"expected the file {path.name} in {path.parent}, got none; copy the whole checkpoint")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"expected JSON in {path}, got a file that is cut short or damaged ({error})") from error
    if not isinstance(content, dict):
        raise ValueError(f"expected an object in {path}, got {type(content).__name__}")
    return content


def _processor(folder: Path) -> dict[str, Any]:
    path = folder / "processor_config.json"
    return read_json(path) if path.is_file() else {}


def _listed_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in _UNLISTED)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _check_checksums(folder: Path) -> None:
    lines = (folder / CHECKSUMS_NAME).read_text(encoding="utf-8").splitlines()
    expected = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    cure = "download or export the checkpoint again"
    for name, digest in expected.items():
        if not (folder / name).is_file():
            raise FileNotFoundError(f"expected {name} in {folder}, as {CHECKSUMS_NAME} lists it, got none; {cure}")
        if (found := _sha256(folder / name)) != digest:
            raise ValueError(
                f"expected {folder / name} with the SHA-256 {digest[:16]}... of {CHECKSUMS_NAME}, got "
                f"{found[:16]}...: the file was changed or cut short; {cure}"
            )
    if extra := sorted(set(_listed_files(folder)) - set(expected)):
        raise ValueError(
            f"expected only the files in {CHECKSUMS_NAME}, got {', '.join(extra)} in {folder} too; {cure}"
        )


def _check_weights(folder: Path, config: dict[str, Any]) -> None:
    """Whether the weights are whole, and those of the model that the configuration describes."""
    path = folder / WEIGHTS_NAME
    if not path.is_file():
        raise FileNotFoundError(f"expected the weights {path}, got no such file; copy the whole checkpoint")
    try:
        with safe_open(path, framework="pt") as weights:
            found = {name: tuple(weights.get_slice(name).get_shape()) for name in weights.keys()}
    except SafetensorError as error:
        raise ValueError(
            f"expected weights in {path}, got a file that is cut short or damaged ({error}); copy it again"
        ) from error
    expected = _parameters(folder, config)
    for name, shape in expected.items():
        if found.get(name) != shape:
            raise ValueError(
                f"expected the weights {name} {shape} of {config['architectures'][0]} in {path}, got "
                f"{found.get(name, 'none')}; the file belongs to another model"
            )


def _parameters(folder: Path, config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Name -> shape of the parameters of the model that a configuration describes."""
    architecture = (config.get("architectures") or [None])[0]
    if architecture not in _MODELS:
        raise ValueError(
            f"expected a model of {', '.join(_MODELS)} in {folder / 'config.json'}, got architecture {architecture}"
        )
    config_class = TMorConfig if architecture == TMorModel.__name__ else TMorSkeletonConfig
    with torch.device("meta"):
        model = _MODELS[architecture](config_class.from_dict(config))
    return {name: tuple(values.shape) for name, values in model.named_parameters()}


def _check_code(folder: Path, auto_map: dict[str, str]) -> None:
    for auto_class, reference in auto_map.items():
        name = f"{reference.partition('.')[0]}.py"
        if "--" not in reference and not (folder / name).is_file():  # with "--" the code lies in another repository
            raise FileNotFoundError(
                f"expected {name} of {auto_class} in {folder}, got none; export the checkpoint again"
            )


__all__ = ["CARD_NAME", "CHECKSUMS_NAME", "WEIGHTS_NAME", "read_json", "verify_checkpoint", "write_checksums"]
