# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Makes the pictures of the documentation, of generated motion that is written in each format and read back.

    python docs/images/make.py [RAW]

RAW is a folder with original files of the formats that come with data sets; without it, those pictures stay. The forms
of the files are those of the readers' tests.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

IMAGES = Path(__file__).resolve().parent
sys.path.insert(0, str(IMAGES.parents[1] / "tests" / "io"))

import forms  # noqa: E402
from PIL import Image  # noqa: E402
from test_ntu import skeleton_file  # noqa: E402

from tmor_hf import Skeletons, get_layout  # noqa: E402
from tmor_hf.data.synthetic import generate_clip, render_clip  # noqa: E402
from tmor_hf.io import read_skeletons, write_skeletons  # noqa: E402
from tmor_hf.processing.augmentation import virtual_camera  # noqa: E402
from tmor_hf.visualization import View, animate_clip, plot_clip  # noqa: E402

FPS = 30
IMAGE = (480, 640)
COLOURS = 9  # seed of clothes and background
ORIGINALS = {  # picture -> original file below RAW, key frames
    "bvh": "bvh/dataset-2_raise-up-both-hands_normal_016.bvh",
    "bvh_left": "bvh/dataset-2_wave-left-hand_active_011.bvh",
    "nw_ucla": "nw_ucla_json/a01_s01_e00_v01.json",
    "penn_action": "penn_action_mat/0001.mat",
    "utkinect": "utkinect_txt/joints_s01_e01.txt",
}
# Joints that the generator does not have: the canonical joint near them, and metres to the side, up and ahead.
NEAR = {
    "eye": ("nose", 0.032, 0.035, -0.02), "eye_inner": ("nose", 0.02, 0.035, -0.015),
    "eye_outer": ("nose", 0.045, 0.035, -0.03), "ear": ("head", 0.075, 0.0, 0.0),
    "mouth": ("nose", 0.025, -0.06, -0.02),
    "heel": ("ankle", 0.0, -0.06, -0.05), "big_toe": ("foot", -0.03, 0.0, 0.02), "small_toe": ("foot", 0.04, 0.0, 0.0),
    "foot_index": ("foot", 0.0, 0.0, 0.02), "pinky": ("hand", 0.03, 0.0, 0.0), "index": ("hand", -0.02, 0.0, 0.02),
    "thumb": ("hand", -0.03, 0.0, 0.03), "hand_tip": ("hand", 0.0, -0.06, 0.02), "mid_hip": ("pelvis", 0, 0, 0),
    "hip_centre": ("pelvis", 0, 0, 0), "spine_base": ("pelvis", 0, 0, 0), "spine_mid": ("spine", 0, 0, 0),
    "spine_shoulder": ("neck", 0, -0.03, 0), "neck_top": ("neck", 0, 0.05, 0), "spine1": ("spine", 0, -0.05, 0),
    "spine2": ("spine", 0, 0.05, 0), "spine3": ("chest", 0, 0, 0), "collar": ("neck", 0.06, -0.04, 0),
}  # fmt: skip


def motion(action: str, seed: int, frames: int = 60) -> Skeletons:
    """Generated motion of somebody who faces +z at the start."""
    clip = generate_clip(np.random.default_rng(seed), action, num_frames=frames, side="right", sensor=None).skeletons
    joints = get_layout("tmor22").joints
    left, right = (clip.keypoints[0, 0, joints.index(f"{side}_hip")] for side in ("left", "right"))
    x, _, z = unit((left - right) * [1, 0, 1])
    turn = np.array([[x, 0, z], [0, 1, 0], [-z, 0, x]])
    return replace(clip, keypoints=clip.keypoints @ turn.T, fps=FPS)


def in_layout(clip: Skeletons, name: str) -> Skeletons:
    """A clip of the generator with the joints of another layout."""
    layout, source = get_layout(name), get_layout("tmor22").joints
    points = {joint: clip.keypoints[:, :, index] for index, joint in enumerate(source)}
    up = unit(points["head"] - points["neck"])
    ahead = unit(points["nose"] - points["head"])
    left = np.cross(up, ahead)
    joints = []
    for joint in layout.joints:
        side = joint.split("_", 1)[0] if joint.startswith(("left_", "right_")) else ""
        base = joint.removeprefix(f"{side}_") if side else joint
        if joint == "hip":
            base = "mid_hip"
        near, aside, above, before = NEAR.get(base, (base, 0.0, 0.0, 0.0))
        place = points.get(f"{side}_{near}") if f"{side}_{near}" in points else points[near]
        aside = -aside if side == "right" else aside
        joints.append(place + aside * left + above * up + before * ahead)
    return Skeletons(np.stack(joints, axis=2), fps=clip.fps, layout=name, up_axis="y")


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def couple() -> Skeletons:
    """Two people, beside each other."""
    first, second = motion("wave", 4), motion("kick", 9)
    points = [first.keypoints - [0.6, 0, 0], second.keypoints + [0.6, 0, 0]]
    return replace(first, keypoints=np.concatenate(points, axis=1).astype(np.float32))


def seen(name: str) -> list[forms.Frame]:
    """What an estimator would say of the couple, some joints with little confidence."""
    rng = np.random.default_rng(0)
    view = {"azimuth": (-20.0, -20.0), "elevation": (5.0, 5.0), "roll": 0.0, "distance": (1.05, 1.05)}
    clip = virtual_camera(in_layout(couple(), name), rng, image_size=IMAGE, **view)
    scores = rng.uniform(0.6, 0.98, clip.keypoints.shape[:3]).astype(np.float32)
    scores[20:40, 0, -3] = 0  # a joint that is hidden for a while
    return [
        [(person, np.round(clip.keypoints[frame, person], 2), scores[frame, person]) for person in range(2)]
        for frame in range(clip.num_frames)
    ]


def files(folder: Path):
    """Name of a picture, file, and options of its reader, for each format that needs no original."""
    coco, halpe = seen("coco17"), seen("halpe26")
    known = {"fps": FPS, "image_size": IMAGE}
    yield "openpose", forms.openpose_folder(folder / "openpose", seen("openpose25")), known
    yield "coco", text(folder / "coco.json", json.dumps(forms.coco_annotations(coco))), {"fps": FPS}
    yield "coco_results", text(folder / "results.json", json.dumps(forms.coco_results(coco))), known
    names = get_layout("coco17").joints
    yield "mmpose", text(folder / "mmpose.json", json.dumps(forms.mmpose_results(coco, names))), known
    yield "alphapose", text(folder / "alphapose.json", json.dumps(forms.alphapose_results(halpe, tracks=True))), known
    frames = [forms.ultralytics_frame(frame, tracks=True) for frame in coco]
    yield "ultralytics_json", text(folder / "yolo.json", json.dumps(frames)), known
    yield "ultralytics_csv", text(folder / "yolo.csv", forms.ultralytics_csv(coco, tracks=True)), known
    labels = forms.yolo_folder(folder / "labels", coco, IMAGE, confidence=True, tracks=True)
    yield "yolo_labels", labels, known
    yield from mediapipe_files(folder)
    yield "ntu", ntu_file(folder), {}
    yield from smpl_files(folder)
    yield "pyskl", pyskl_file(folder), {"fps": FPS}
    clip = couple()
    for suffix in (".npz", ".json", ".csv", ".npy"):
        options = {"layout": "tmor22", "fps": FPS} if suffix == ".npy" else {}
        yield suffix[1:], write_skeletons(clip, folder / f"clip{suffix}"), options


def mediapipe_files(folder: Path):
    body = in_layout(motion("jumping_jacks", 2), "mediapipe33").keypoints[:, 0]
    hips = body[:, [23, 24]].mean(axis=1, keepdims=True)
    values = np.concatenate([(body - hips) * [1, -1, -1], np.full((*body.shape[:2], 1), 0.9)], axis=-1)
    frames = [{"pose_world_landmarks": forms.landmark_dicts(pose)} for pose in values]
    yield "mediapipe_json", text(folder / "mediapipe.json", json.dumps(frames)), {"fps": FPS}
    view = {"azimuth": (-20.0, -20.0), "elevation": (5.0, 5.0), "roll": 0.0, "distance": (1.05, 1.05)}
    clip = in_layout(motion("jumping_jacks", 2), "mediapipe33")
    flat = virtual_camera(clip, np.random.default_rng(0), image_size=IMAGE, **view).keypoints[:, 0] / IMAGE[::-1]
    flat = np.concatenate([flat, np.zeros((*flat.shape[:2], 1)), np.full((*flat.shape[:2], 1), 0.9)], axis=-1)
    yield "mediapipe_csv", text(folder / "mediapipe.csv", forms.mediapipe_wide(flat, "{j}_{p}")), {
        "fps": FPS, "image_size": IMAGE,
    }  # fmt: skip


def smpl_files(folder: Path):
    """Bodies of SMPL, with z up as in AMASS, and with y up as in HumanML3D."""
    points = in_layout(motion("golf_swing", 1, 60), "smpl22").keypoints[:, 0]
    hands = np.repeat(points[:, 20:], 15, axis=1)
    z_up = np.concatenate([points, hands], axis=1) @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    np.savez(folder / "smplh.npz", joints=z_up.astype(np.float32), poses=np.zeros((60, 156)), mocap_framerate=FPS)
    yield "amass", folder / "smplh.npz", {}
    (folder / "new_joints").mkdir()
    np.save(folder / "new_joints" / "000001.npy", points.astype(np.float32))
    yield "humanml3d", folder / "new_joints" / "000001.npy", {}


def pyskl_file(folder: Path) -> Path:
    keypoints, scores = (np.swapaxes(array, 0, 1) for array in forms.stacked(seen("coco17"), "coco17"))
    clip = {"frame_dir": "a_couple", "label": 3, "img_shape": IMAGE, "total_frames": keypoints.shape[1]}
    clip |= {"keypoint": keypoints.round(2).tolist(), "keypoint_score": scores.tolist()}
    return text(folder / "pyskl.json", json.dumps({"split": {"train": ["a_couple"]}, "annotations": [clip]}))


def ntu_file(folder: Path) -> Path:
    points = in_layout(couple(), "ntu25").keypoints + [0, -1, 3]
    rest = np.tile([0, 0, 0, 0, 0, 0, 0, 0, 2], (25, 1))
    frames = [
        [(7000 + person, np.concatenate([pose, rest], axis=1)) for person, pose in enumerate(frame)]
        for frame in points
    ]
    path = folder / "S001C001P001R001A001.skeleton"
    path.write_bytes(skeleton_file(frames))
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


def save(name: str, clip: Skeletons, num_frames: int = 6, dpi: int = 110, **options) -> None:
    """A picture of few colours, which are enough for drawings."""
    figure = plot_clip(clip, num_frames, height=1.7, **options)
    path = IMAGES / f"{name}.png"
    figure.savefig(path, dpi=dpi)
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(96, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, {clip.num_frames} frames, layout {clip.layout}")


def heroes() -> None:
    """The pictures of the README."""
    pitch = motion("baseball_pitch", 1, 90)
    save("key_frames_3d", pitch, dpi=160, frames=range(0, 56, 6), view=View(azimuth=55))
    save("key_frames_2d", clip_2d(), 6, dpi=160)
    animate_clip(couple(), IMAGES / "two_people.gif", size=260)
    clip, video = filmed(motion("kick", 9, 48))
    animate_clip(clip, IMAGES / "over_video.gif", video=video, size=168)
    save("over_video", clip, 5, dpi=160, video=video)


def clip_2d() -> Skeletons:
    keypoints, scores = forms.stacked(seen("coco17"), "coco17")
    return Skeletons(keypoints, scores=scores, fps=FPS, layout="coco17", image_size=IMAGE)


def filmed(clip: Skeletons, size: int = 240) -> tuple[Skeletons, np.ndarray]:
    """The 2D poses of a clip, and the rendered video of the same camera."""
    camera = {"azimuth": (-30.0, -30.0), "elevation": (5.0, 5.0), "roll": 0.0, "distance": (1.1, 1.1)}
    video = render_clip(clip, clip.num_frames, size, np.random.default_rng(COLOURS), **camera)
    return virtual_camera(clip, np.random.default_rng(COLOURS), image_size=(size, size), **camera), video


def main() -> None:
    heroes()
    with tempfile.TemporaryDirectory() as folder:
        for name, path, options in files(Path(folder)):
            save(name, read_skeletons(path, **options))
    for name, path in ORIGINALS.items() if len(sys.argv) > 1 else ():
        save(name, read_skeletons(Path(sys.argv[1]) / path), frames="motion")


if __name__ == "__main__":
    main()
