# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Adapters in files of their own: saved without the encoder, loaded onto it, merged into it, many beside each other.

A folder holds `tmor_adapter.json` (names of the classes, base model, number of prompt tokens) and the weights: LoRA
and IA3 in the two files of `peft` (`adapter_config.json`, `adapter_model.safetensors`), so that peft and transformers
load them too; heads and prompts in `tmor_adapter.safetensors`, under the names that they have in the model.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ..modeling.modeling_tmor_skeleton import TMorForSkeletonActionClassification, TMorSkeletonModel
from .peft_layers import is_peft_model, load_peft_adapter, merge_peft_layers
from .support import build_classifier, encoder_of

ADAPTER_NAME = "tmor_adapter.json"
_WEIGHTS_NAME = "tmor_adapter.safetensors"
_PEFT_CONFIG_NAME = "adapter_config.json"
_FILES = [ADAPTER_NAME, _WEIGHTS_NAME, _PEFT_CONFIG_NAME, "adapter_model.safetensors"]
_PROMPTS = "skeleton_model.prompt_embeddings"


@dataclass(frozen=True)
class _Description:
    """What `tmor_adapter.json` says."""

    class_names: list[str]
    base_model_name_or_path: str
    num_prompt_tokens: int = 0
    format_version: int = 1

    @classmethod
    def read(cls, folder: Path) -> _Description:
        path = folder / ADAPTER_NAME
        if not path.is_file():
            raise FileNotFoundError(f"expected {path}, which save_adapter writes, got no such file")
        try:
            description = cls(**json.loads(path.read_text(encoding="utf-8")))
        except (TypeError, ValueError) as error:
            raise ValueError(f"expected {path} as save_adapter of this version writes it: {error}") from error
        if description.format_version != 1:
            raise ValueError(f"expected format_version 1 in {path}, got {description.format_version}; update tmor_hf")
        return description


def save_adapter(
    model: TMorForSkeletonActionClassification, folder: str | os.PathLike, base_model: str | None = None
) -> Path:
    """Saves what `adapt` trained, without the encoder: some kilobytes.

    Args:
        model: What `adapt` returned, or a classifier of which only the head and prompts `requires_grad`.
        folder: Folder to write to; it is created.
        base_model: Name or path of the checkpoint that the adapter belongs to; by default the one that the model says.

    Returns:
        The folder.

    Raises:
        ValueError: If more than an adapter was trained.
    """
    folder = Path(folder)
    base = str(base_model or model.name_or_path)
    weights = {} if is_peft_model(model) else _own_weights(model)
    folder.mkdir(parents=True, exist_ok=True)
    for name in _FILES:  # of an adapter of another kind that was here
        (folder / name).unlink(missing_ok=True)
    if is_peft_model(model):
        model.peft_config[model.active_adapters()[0]].base_model_name_or_path = base
        model.save_pretrained(folder)
    else:
        save_file(weights, folder / _WEIGHTS_NAME, {"format": "pt"})
    names = [model.config.id2label[label] for label in range(model.config.num_labels)]
    description = _Description(names, base, model.config.num_prompt_tokens)
    text = json.dumps(asdict(description), indent=2, ensure_ascii=False) + "\n"
    (folder / ADAPTER_NAME).write_text(text, encoding="utf-8")
    return folder


def load_adapter(
    folder: str | os.PathLike, base_model: nn.Module | str | os.PathLike | None = None, **kwargs: Any
) -> TMorForSkeletonActionClassification:
    """A classifier out of an adapter and the checkpoint that it belongs to.

    Args:
        folder: What `save_adapter` wrote: a folder, or a repository on the Hub.
        base_model: The pre-trained model (it stays as it is), or its name or path; by default what the adapter says.
        **kwargs: As for `from_pretrained`, where the base model is loaded.

    Returns:
        The classifier, in evaluation mode.

    Raises:
        FileNotFoundError: If there is no adapter.
        ValueError: If it does not fit the model, or a file is damaged.
        ImportError: If peft is needed and not installed.
    """
    folder = _local(folder)
    description = _Description.read(folder)
    if base_model is None and not description.base_model_name_or_path:
        raise ValueError(f"expected base_model=, as {folder / ADAPTER_NAME} does not name one, got None")
    encoder = _encoder(description.base_model_name_or_path if base_model is None else base_model, **kwargs)
    return _load(folder, description, encoder, is_shared=False)


def merge_adapter(model: TMorForSkeletonActionClassification) -> TMorForSkeletonActionClassification:
    """The classifier as a plain model: LoRA and IA3 become part of the encoder's weights.

    Its `save_pretrained` writes an ordinary checkpoint, which needs no peft. The model given stays as it is.
    """
    merged = deepcopy(model)
    if is_peft_model(merged):
        merge_peft_layers(merged)
    names = [model.config.id2label[label] for label in range(model.config.num_labels)]
    plain = build_classifier(merged, names)
    plain.classifier.load_state_dict(merged.classifier.state_dict())
    return plain


class AdapterBank(Mapping[str, TMorForSkeletonActionClassification]):
    """Adapters by name, each a classifier of its own, which share the weights of one encoder in memory.

    Adapters of all methods can be beside each other, with different classes and numbers of classes.

    Args:
        base_model: The pre-trained model, of whose encoder one copy is made, or its name or path.
        adapters: Name -> folder of `save_adapter`.

    Example:

    ```python
    >>> bank = AdapterBank("outputs/quickstart", {"kitchen": "adapters/kitchen", "gym": "adapters/gym"})
    >>> pipe = pipeline("skeleton-action-classification", bank["gym"], feature_extractor=..., adapters=bank)
    >>> pipe(clip, adapter="kitchen")
    ```"""

    def __init__(
        self, base_model: nn.Module | str | os.PathLike, adapters: Mapping[str, str | os.PathLike] | None = None
    ):
        # The copy; of the classifier around it only the encoder is kept.
        self._encoder = build_classifier(_encoder(base_model), ["none"]).skeleton_model
        self._models: dict[str, TMorForSkeletonActionClassification] = {}
        for name, folder in (adapters or {}).items():
            self.load(name, folder)

    def load(self, name: str, folder: str | os.PathLike) -> TMorForSkeletonActionClassification:
        """Adds an adapter, or replaces that of the same name.

        Raises:
            FileNotFoundError, ValueError, ImportError: As `load_adapter`.
        """
        folder = _local(folder)
        self._models[name] = _load(folder, _Description.read(folder), self._encoder, is_shared=True)
        return self._models[name]

    def remove(self, name: str) -> None:
        """Forgets an adapter."""
        del self._models[name]

    def __getitem__(self, name: str) -> TMorForSkeletonActionClassification:
        if name not in self._models:
            raise KeyError(f"expected an adapter out of {', '.join(self._models) or '(none)'}, got {name!r}")
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


def _own_weights(model: TMorForSkeletonActionClassification) -> dict[str, Tensor]:
    weights = {
        name: value.detach().cpu().contiguous() for name, value in model.named_parameters() if value.requires_grad
    }
    others = [name for name in weights if not name.startswith("classifier.") and name != _PROMPTS]
    if others:
        raise ValueError(
            f"expected a model of which the head and prompts were trained, got {len(others)} other weights that "
            f"require a gradient, such as {others[0]}; save the whole model with save_pretrained"
        )
    for name in _expected_weights(model):
        weights.setdefault(name, model.get_parameter(name).detach().cpu().contiguous())
    return weights


def _expected_weights(model: TMorForSkeletonActionClassification) -> set[str]:
    return {"classifier.weight", "classifier.bias"} | ({_PROMPTS} if model.config.num_prompt_tokens else set())


def _local(folder: str | os.PathLike) -> Path:
    path = Path(folder)
    if path.is_dir():
        return path
    is_repository = isinstance(folder, str) and folder.count("/") == 1 and not folder.startswith((".", "/"))
    if not is_repository:
        raise FileNotFoundError(f"expected a folder that save_adapter wrote, or a repository on the Hub, got {folder}")
    return Path(snapshot_download(folder, allow_patterns=_FILES))


def _encoder(base_model: nn.Module | str | os.PathLike, **kwargs: Any) -> TMorSkeletonModel:
    if isinstance(base_model, nn.Module):
        return encoder_of(base_model)
    return TMorSkeletonModel.from_pretrained(base_model, **kwargs)


def _load(
    folder: Path, description: _Description, encoder: TMorSkeletonModel, is_shared: bool
) -> TMorForSkeletonActionClassification:
    is_peft = (folder / _PEFT_CONFIG_NAME).is_file()
    # LoRA and IA3 leave the prompts that their base model may have; the other kind brings its own.
    prompts = None if is_peft else description.num_prompt_tokens
    classifier = build_classifier(encoder, description.class_names, prompts)
    if is_shared:
        _share_weights(classifier.skeleton_model, encoder)
    if is_peft:
        load_peft_adapter(classifier, folder)
    else:
        _load_weights(classifier, folder / _WEIGHTS_NAME)
    return classifier.eval()


def _load_weights(classifier: TMorForSkeletonActionClassification, path: Path) -> None:
    try:
        weights = load_file(path)
    except Exception as error:  # safetensors has an exception of its own for damage
        raise ValueError(f"expected weights in {path}: {error}") from error
    expected = {name: classifier.get_parameter(name) for name in sorted(_expected_weights(classifier))}
    found = {name: tuple(value.shape) for name, value in weights.items()}
    wanted = {name: tuple(value.shape) for name, value in expected.items()}
    if found != wanted:
        raise ValueError(
            f"expected weights {wanted} in {path} for this model, got {found}; is it another base model's?"
        )
    classifier.requires_grad_(False)
    with torch.no_grad():
        for name, value in expected.items():
            value.copy_(weights[name])
            value.requires_grad_(True)


def _share_weights(model: TMorSkeletonModel, source: TMorSkeletonModel) -> None:
    """Lets a model use the very parameters of another one, prompts aside."""
    for name, parameter in source.named_parameters():
        owner, _, own_name = name.rpartition(".")
        if own_name != "prompt_embeddings":
            setattr(model.get_submodule(owner), own_name, parameter)


__all__ = ["ADAPTER_NAME", "AdapterBank", "load_adapter", "merge_adapter", "save_adapter"]
