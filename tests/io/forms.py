# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Small files in the forms that pose estimators write, made from poses that are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tmor_hf import get_layout

Frame = list[tuple[int, np.ndarray, np.ndarray]]  # person, keypoints (V, 2), scores (V,)


def walkers(layout: str, frames: int = 12, people: int = 2, seed: int = 0) -> list[Frame]:
    """People who walk side by side in pixels, in a random but constant posture."""
    rng = np.random.default_rng(seed)
    joints = get_layout(layout).num_joints
    bodies = rng.uniform((-40, -100), (40, 100), size=(people, joints, 2))
    starts = np.stack([200 + 250 * np.arange(people), np.full(people, 300.0)], axis=-1)
    steps = rng.uniform(-3, 3, size=(people, 2))
    return [
        [
            (
                person,
                np.round(bodies[person] + starts[person] + frame * steps[person], 3).astype(np.float32),
                np.round(rng.uniform(0.2, 0.99, joints), 4).astype(np.float32),
            )
            for person in range(people)
        ]
        for frame in range(frames)
    ]


def stacked(frames: list[Frame], layout: str) -> tuple[np.ndarray, np.ndarray]:
    """The frames as keypoints (T, M, V, 2) and scores (T, M, V), persons in the order of their numbers."""
    people = sorted({person for frame in frames for person, *_ in frame})
    joints = get_layout(layout).num_joints
    keypoints = np.full((len(frames), len(people), joints, 2), np.nan, dtype=np.float32)
    scores = np.zeros(keypoints.shape[:3], dtype=np.float32)
    for index, frame in enumerate(frames):
        for person, pose, confidence in frame:
            keypoints[index, people.index(person)], scores[index, people.index(person)] = pose, confidence
    return keypoints, scores


def flat(pose: np.ndarray, scores: np.ndarray) -> list[float]:
    """x, y and confidence of each joint in a row."""
    return np.concatenate([pose, scores[:, None]], axis=1).astype(float).round(4).reshape(-1).tolist()


def openpose_frame(frame: Frame) -> dict:
    empty = {
        key: []
        for key in (
            "face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d", "pose_keypoints_3d",
            "face_keypoints_3d", "hand_left_keypoints_3d", "hand_right_keypoints_3d",
        )
    }  # fmt: skip
    people = [{"person_id": [-1], "pose_keypoints_2d": flat(pose, scores), **empty} for _, pose, scores in frame]
    return {"version": 1.3, "people": people}


def openpose_folder(folder: Path, frames: list[Frame], name: str = "walk", start: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for index, frame in enumerate(frames):
        path = folder / f"{name}_{start + index:012d}_keypoints.json"
        path.write_text(json.dumps(openpose_frame(frame), separators=(",", ":")))
    return folder


def coco_annotations(frames: list[Frame], layout: str = "coco17", tracks: bool = True) -> dict:
    images = [
        {"id": 1000 + index, "file_name": f"walk/{index:06d}.jpg", "height": 480, "width": 640}
        for index in range(len(frames))
    ]
    annotations = []
    for index, frame in enumerate(frames):
        for person, pose, _ in frame:
            visible = np.full((len(pose), 1), 2.0)
            visible[0] = 1
            annotations.append(
                {
                    "id": len(annotations), "image_id": 1000 + index, "category_id": 1, "iscrowd": 0,
                    "num_keypoints": len(pose), "bbox": [0, 0, 10, 10], "area": 100.0,
                    "keypoints": np.concatenate([pose, visible], axis=1).astype(float).round(3).reshape(-1).tolist(),
                    **({"track_id": person + 5} if tracks else {}),
                }
            )  # fmt: skip
    category = {"id": 1, "name": "person", "keypoints": list(get_layout(layout).joints), "skeleton": [[1, 2]]}
    return {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": [category]}


def coco_results(frames: list[Frame], start: int = 0) -> list[dict]:
    return [
        {"image_id": start + index, "category_id": 1, "keypoints": flat(pose, scores), "score": 0.9}
        for index, frame in enumerate(frames)
        for _, pose, scores in frame
    ]


def mmpose_results(frames: list[Frame], names: tuple[str, ...] | None = None, start: int = 1) -> dict:
    info = [
        {
            "frame_id": start + index,
            "instances": [
                {
                    "keypoints": pose.astype(float).round(4).tolist(),
                    "keypoint_scores": scores.astype(float).tolist(),
                    "bbox": [[1.0, 2.0, 3.0, 4.0]], "bbox_score": 0.9,
                }
                for _, pose, scores in frame
            ],
        }
        for index, frame in enumerate(frames)
    ]  # fmt: skip
    if names is None:
        return info
    meta = {
        "dataset_name": "set", "num_keypoints": len(names),
        "keypoint_id2name": {str(index): name for index, name in enumerate(names)},
        "keypoint_name2id": {name: index for index, name in enumerate(names)},
    }  # fmt: skip
    return {"meta_info": meta, "instance_info": info}


def alphapose_results(frames: list[Frame], tracks: bool = False, extra_joints: int = 0) -> list[dict]:
    return [
        {
            "image_id": f"{index}.jpg", "category_id": 1, "score": 2.9, "box": [1.0, 2.0, 3.0, 4.0],
            "keypoints": flat(pose, scores) + [1.5, 2.5, 0.5] * extra_joints,
            **({"idx": person + 1} if tracks else {}),
        }
        for index, frame in enumerate(frames)
        for person, pose, scores in frame
    ]  # fmt: skip


def alphapose_images(frames: list[Frame], form: str) -> dict:
    bodies, numbers = {"cmu": ("bodies", "joints"), "open": ("people", "pose_keypoints_2d")}[form]
    return {
        f"{index}.jpg": {"version": "AlphaPose v0.3", bodies: [{numbers: flat(*body)} for _, *body in frame]}
        for index, frame in enumerate(frames)
        if frame
    }


def ultralytics_frame(frame: Frame, tracks: bool = False, size: tuple[int, int] | None = None) -> list[dict]:
    scale = np.array([1, 1]) if size is None else np.array([1 / size[1], 1 / size[0]])
    return [
        {
            "name": "person", "class": 0, "confidence": 0.9,
            "box": {"x1": 1.0, "y1": 2.0, "x2": 3.0, "y2": 4.0}, **({"track_id": person + 1} if tracks else {}),
            "keypoints": {
                "x": (pose[:, 0] * scale[0]).astype(float).round(5).tolist(),
                "y": (pose[:, 1] * scale[1]).astype(float).round(5).tolist(),
                "visible": scores.astype(float).round(5).tolist(),
            },
        }
        for person, pose, scores in frame
    ]  # fmt: skip


def ultralytics_csv(frames: list[Frame], tracks: bool = False) -> str:
    """As pandas writes a column of dicts, with an index and the frame that the user added."""
    lines = [",name,class,confidence,box," + ("track_id," if tracks else "") + "keypoints,frame"]
    for index, frame in enumerate(frames):
        for row, entry in enumerate(ultralytics_frame(frame, tracks)):
            cells = [str(row), "person", "0", "0.9", f'"{entry["box"]}"']
            cells += [str(entry["track_id"])] if tracks else []
            lines.append(",".join([*cells, f'"{entry["keypoints"]}"', str(index)]))
    return "\n".join(lines) + "\n"


def yolo_lines(frame: Frame, size: tuple[int, int], confidence: bool = False, tracks: bool = False) -> str:
    height, width = size
    lines = []
    for person, pose, scores in frame:
        joints = np.concatenate([pose / [width, height], scores[:, None]], axis=1).reshape(-1)
        values = ["0", "0.5", "0.5", "0.25", "0.5", *(f"{value:.6g}" for value in joints)]
        values += ["0.913"] if confidence else []
        values += [str(person + 1)] if tracks else []
        lines.append(" ".join(values))
    return "\n".join(lines) + "\n"


def yolo_folder(folder: Path, frames: list[Frame], size: tuple[int, int], name: str = "walk", **options) -> Path:
    """One file for each frame in which there is somebody, numbered from 1, as save_txt does for videos."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, frame in enumerate(frames, start=1):
        if frame:
            (folder / f"{name}_{index}.txt").write_text(yolo_lines(frame, size, **options))
    return folder


def landmarks(rng: np.random.Generator, frames: int, world: bool = False) -> np.ndarray:
    """(T, 33, 4) x, y, z and visibility; the world's have the middle of the hips as origin."""
    values = rng.uniform(0.1, 0.9, size=(33, 4)) + rng.uniform(0, 0.02, size=(frames, 33, 4))
    if world:
        values[..., :3] -= values[:, 23:25, :3].mean(axis=1, keepdims=True)
    return values.round(6).astype(np.float32)


def landmark_dicts(pose: np.ndarray) -> list[dict[str, float]]:
    return [dict(zip(("x", "y", "z", "visibility"), joint, strict=True)) for joint in pose.astype(float).tolist()]


def mediapipe_wide(values: np.ndarray, form: str) -> str:
    """A table with a row a frame; `form` makes the name of a column out of number (n), name (j) and part (p)."""
    joints = get_layout("mediapipe33").joints
    parts = ("x", "y", "z", "visibility") if "{j}" in form else ("x", "y", "z", "v")
    header = [form.format(n=n, j=joints[n], p=part) for n in range(33) for part in parts]
    rows = [",".join(map(repr, row)) for row in values.reshape(len(values), -1).astype(float).tolist()]
    return "\n".join([",".join(["frame", *header]), *(f"{index},{row}" for index, row in enumerate(rows))]) + "\n"


def mediapipe_long(values: np.ndarray) -> str:
    lines = ["frame,landmark_id,x,y,z,visibility"]
    for frame, pose in enumerate(values.astype(float).tolist()):
        lines += [f"{frame},{number},{','.join(map(repr, joint))}" for number, joint in enumerate(pose)]
    return "\n".join(lines) + "\n"


def json_bytes(data) -> bytes:
    return json.dumps(data).encode()


def all_forms() -> Iterator[tuple[str, str, bytes]]:
    """Format, suffix and content of a small good file of each form that is one file."""
    coco, op25, op18 = (walkers(layout, frames=4) for layout in ("coco17", "openpose25", "openpose18"))
    halpe = walkers("halpe26", frames=3)
    names = get_layout("coco17").joints
    values = landmarks(np.random.default_rng(0), 3)
    yield "openpose", ".json", json_bytes(openpose_frame(op25[0]))
    yield "coco", ".json", json_bytes(coco_annotations(coco))
    yield "coco_results", ".json", json_bytes(coco_results(coco))
    yield "mmpose", ".json", json_bytes(mmpose_results(coco, names))
    yield "mmpose", ".json", json_bytes(mmpose_results(coco))
    yield "alphapose", ".json", json_bytes(alphapose_results(halpe))
    yield "alphapose", ".json", json_bytes(alphapose_images(op18, "cmu"))
    yield "ultralytics_json", ".json", json_bytes([ultralytics_frame(frame) for frame in coco])
    yield "ultralytics_csv", ".csv", ultralytics_csv(coco, tracks=True).encode()
    yield "yolo_labels", ".txt", yolo_lines(coco[0], (480, 640), confidence=True, tracks=True).encode()
    yield "mediapipe_json", ".json", json_bytes([{"landmarks": landmark_dicts(pose)} for pose in values])
    yield "mediapipe_csv", ".csv", mediapipe_wide(values, "{p}{n}").encode()
    yield "mediapipe_csv", ".csv", mediapipe_long(values).encode()


__all__ = [
    "all_forms", "alphapose_images", "alphapose_results", "coco_annotations", "coco_results", "flat", "json_bytes",
    "landmark_dicts", "landmarks", "mediapipe_long", "mediapipe_wide", "mmpose_results", "openpose_folder",
    "openpose_frame", "stacked", "ultralytics_csv", "ultralytics_frame", "walkers", "yolo_folder", "yolo_lines",
]  # fmt: skip
