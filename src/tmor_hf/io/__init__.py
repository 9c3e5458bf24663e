# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Readers of pose formats, with one door to all of them: `read_skeletons(path)`."""

from .alphapose import read_alphapose
from .amass import read_amass, read_humanml3d
from .bvh import read_bvh
from .coco import iter_coco_annotations, read_coco_annotations, read_coco_results
from .files import Limits
from .folders import PoseItem, ReadResult, find_pose_files, iter_folder, read_folder
from .formats import Companion, PoseFormat
from .mediapipe import read_mediapipe_csv, read_mediapipe_json
from .mmpose import read_mmpose
from .ntu import read_ntu
from .nw_ucla import NWUCLAClip, read_nw_ucla, read_nw_ucla_clip
from .openpose import iter_openpose, read_openpose
from .penn_action import PennActionClip, read_penn_action, read_penn_action_clip
from .plain import read_npy, read_plain_json, read_plain_npz
from .pyskl import PysklClip, iter_pyskl, iter_pyskl_annotations, read_pyskl, read_pyskl_annotations, save_pyskl_npz
from .reading import FORMATS, describe_companion, iter_skeletons, read_skeletons, sniff
from .resampling import resample_irregular
from .tables import read_plain_csv
from .tracking import PeopleTracker, stack_people, track_people
from .ultralytics import read_ultralytics_csv, read_ultralytics_json
from .utkinect import UTKinectSegment, read_utkinect, read_utkinect_frames, read_utkinect_labels
from .writing import write_skeletons
from .yolo_labels import iter_yolo_labels, read_yolo_labels

__all__ = [
    "FORMATS",
    "Companion",
    "Limits",
    "NWUCLAClip",
    "PennActionClip",
    "PeopleTracker",
    "PoseFormat",
    "PoseItem",
    "PysklClip",
    "ReadResult",
    "UTKinectSegment",
    "describe_companion",
    "find_pose_files",
    "iter_coco_annotations",
    "iter_folder",
    "iter_openpose",
    "iter_pyskl",
    "iter_pyskl_annotations",
    "iter_skeletons",
    "iter_yolo_labels",
    "read_alphapose",
    "read_amass",
    "read_bvh",
    "read_coco_annotations",
    "read_coco_results",
    "read_folder",
    "read_humanml3d",
    "read_mediapipe_csv",
    "read_mediapipe_json",
    "read_mmpose",
    "read_npy",
    "read_ntu",
    "read_nw_ucla",
    "read_nw_ucla_clip",
    "read_openpose",
    "read_penn_action",
    "read_penn_action_clip",
    "read_plain_csv",
    "read_plain_json",
    "read_plain_npz",
    "read_pyskl",
    "read_pyskl_annotations",
    "read_skeletons",
    "read_ultralytics_csv",
    "read_ultralytics_json",
    "read_utkinect",
    "read_utkinect_frames",
    "read_utkinect_labels",
    "read_yolo_labels",
    "resample_irregular",
    "save_pyskl_npz",
    "sniff",
    "stack_people",
    "track_people",
    "write_skeletons",
]
