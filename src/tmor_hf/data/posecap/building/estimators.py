# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""People and their 2D poses in images: what the build asks of an estimator, and the one made of transformers' models.

Axes: N people of an image, V joints, H, W pixels.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch

from ....processing.joint_layouts import JointLayout, get_layout
from .work_files import model_fingerprint

logger = logging.getLogger(__name__)

_SMALLEST_BOX = 4.0  # pixels; smaller ones cannot be cropped to any use


class PoseEstimator(Protocol):
    """What finds poses. Any object of this form goes into `build_posecap`, e.g. one that asks another toolkit.

    It is sent to worker processes, so it must load what it needs at its first call. Its results must not depend on
    which images it is given together or before.
    """

    layout: str | JointLayout

    @property
    def settings(self) -> Mapping[str, Any]:
        """JSON-able values on which the results depend; other values make the poses be estimated anew."""

    def __call__(self, images: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each (H, W, 3) uint8 RGB image, keypoints (N, V, 2) in pixels and scores (N, V) in 0..1."""


@dataclass
class TransformersPoseEstimator:
    """An object detector and a ViTPose model, both of transformers.

    Args:
        detector: Checkpoint of an object detection model with a class named person (RT-DETR, DETR, YOLOS, ...).
        pose_model: Checkpoint of a `VitPoseForPoseEstimation`.
        threshold: Confidence from which a detected person counts.
        max_people: People looked at in an image, the surest first.
        device: As torch names it; ``"auto"`` is the GPU if there is one.
        dtype: Number type of the models.
        batch_size: Images, and people, in a forward pass.
        layout: Layout of the pose model's joints.

    Raises:
        ValueError: At the first call, if the detector knows no people or the joints do not fit the layout.
    """

    detector: str
    pose_model: str
    threshold: float = 0.5
    max_people: int = 20
    device: str = "auto"
    dtype: str = "float32"
    batch_size: int = 16
    layout: str | JointLayout = "coco17"
    _detector: Any = field(default=None, init=False, repr=False)
    _poser: Any = field(default=None, init=False, repr=False)

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "detector": model_fingerprint(self.detector),
            "pose_model": model_fingerprint(self.pose_model),
            "threshold": self.threshold,
            "max_people": self.max_people,
            "dtype": self.dtype,
        }

    def __call__(self, images: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        if self._detector is None:
            self._load()
        boxes = [
            box for start in self._starts(images) for box in self._detect(images[start : start + self.batch_size])
        ]
        owners = [index for index, found in enumerate(boxes) for _ in found]
        flat = [box for found in boxes for box in found]
        joints = get_layout(self.layout).num_joints
        keypoints, scores = np.zeros((len(flat), joints, 2), np.float32), np.zeros((len(flat), joints), np.float32)
        for start in self._starts(flat):
            rows = slice(start, start + self.batch_size)
            keypoints[rows], scores[rows] = self._pose([images[owner] for owner in owners[rows]], flat[rows])
        ends = np.cumsum([len(found) for found in boxes])[:-1]
        return list(zip(np.split(keypoints, ends), np.split(scores, ends), strict=True))

    def _starts(self, items: Sequence) -> range:
        return range(0, len(items), self.batch_size)

    def _load(self) -> None:
        from transformers import AutoImageProcessor, AutoModelForObjectDetection, VitPoseForPoseEstimation

        device, dtype = resolve_device(self.device), getattr(torch, self.dtype)
        detector = AutoModelForObjectDetection.from_pretrained(self.detector, dtype=dtype).to(device).eval()
        people = [index for index, name in detector.config.id2label.items() if name.lower() == "person"]
        if not people:
            names = ", ".join(list(detector.config.id2label.values())[:5])
            raise ValueError(f"{self.detector}: expected a detector with a class 'person', got {names}, ...")
        poser = VitPoseForPoseEstimation.from_pretrained(self.pose_model, dtype=dtype).to(device).eval()
        joints, wanted = poser.config.num_labels, get_layout(self.layout).num_joints
        if joints != wanted:
            raise ValueError(
                f"{self.pose_model}: expected a model of {wanted} joints for layout {self.layout!r}, got {joints}; "
                "pass a TransformersPoseEstimator with the layout of that model"
            )
        self._detector = (detector, AutoImageProcessor.from_pretrained(self.detector), people)
        self._poser = (poser, AutoImageProcessor.from_pretrained(self.pose_model))
        logger.info("people by %s and poses by %s, on %s", self.detector, self.pose_model, device)

    @torch.inference_mode()
    def _detect(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """(N, 4) boxes (x, y, width, height) of the people in each image."""
        model, processor, people = self._detector
        inputs = _process(processor, model, images=list(images))
        outputs = model(**_move(inputs, model))
        sizes = [image.shape[:2] for image in images]
        found = processor.post_process_object_detection(outputs, threshold=self.threshold, target_sizes=sizes)
        people = torch.tensor(people)
        return [self._people(result, people, size) for result, size in zip(found, sizes, strict=True)]

    def _people(self, result: Mapping[str, torch.Tensor], people: torch.Tensor, size: tuple[int, int]) -> np.ndarray:
        is_person = torch.isin(result["labels"].cpu(), people)
        corners = result["boxes"].float().cpu()[is_person].numpy().reshape(-1, 4)
        scores = result["scores"].float().cpu()[is_person].numpy()
        corners = corners.clip(0, [size[1], size[0], size[1], size[0]])
        order = np.argsort(-scores, kind="stable")
        corners = corners[order]
        is_large = (corners[:, 2:] - corners[:, :2]).min(axis=1, initial=np.inf) >= _SMALLEST_BOX
        corners = corners[is_large][: self.max_people]
        return np.concatenate((corners[:, :2], corners[:, 2:] - corners[:, :2]), axis=1)

    @torch.inference_mode()
    def _pose(self, images: list[np.ndarray], boxes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints (N, V, 2) and scores (N, V) of one person in each image, given by a box."""
        model, processor = self._poser
        each = [box[None] for box in boxes]
        inputs = _move(_process(processor, model, images=images, boxes=each), model)
        if getattr(model.config.backbone_config, "num_experts", 1) > 1:  # expert 0 is the one for COCO's joints
            inputs["dataset_index"] = torch.zeros(len(images), dtype=torch.long, device=model.device)
        outputs = model(**inputs)
        outputs.heatmaps = outputs.heatmaps.float().cpu()
        found = processor.post_process_pose_estimation(outputs, boxes=each)
        keypoints = np.stack([result[0]["keypoints"].numpy() for result in found])
        scores = np.stack([result[0]["scores"].numpy() for result in found])
        return keypoints.astype(np.float32), scores.clip(0, 1).astype(np.float32)


def resolve_device(name: str) -> torch.device:
    """The device of this name; ``"auto"`` is a GPU if there is one."""
    if name != "auto":
        return torch.device(name)
    accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return accelerator or torch.device("cpu")


def _process(processor: Any, model: Any, **inputs: Any) -> Any:
    """Inputs of a model; with torchvision installed they are made on the model's device, else by the CPU."""
    return processor(**inputs, return_tensors="pt", input_data_format="channels_last", device=model.device)


def _move(inputs: Any, model: Any) -> dict[str, torch.Tensor]:
    """Inputs on the model's device, floats in its number type."""
    return {
        name: value.to(model.device, model.dtype if value.is_floating_point() else None)
        for name, value in inputs.items()
        if isinstance(value, torch.Tensor)
    }


__all__ = ["PoseEstimator", "TransformersPoseEstimator", "resolve_device"]
