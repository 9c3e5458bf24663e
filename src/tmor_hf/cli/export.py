# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`tmor export`: a checkpoint as a model in ONNX, for machines without PyTorch and for the pipelines."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .options import add_command, check_folder


def add(commands: Any) -> None:
    parser = add_command(
        commands,
        "export",
        run,
        "MODEL FOLDER [options]",
        "export a model to ONNX, with its class names and its feature extractor",
        "  tmor export outputs/finetune classifier_onnx/\n"
        "  tmor export outputs/finetune classifier_int8/ --int8\n"
        "  tmor export outputs/pretrain embedder_onnx/\n"
        '  tmor export outputs/pretrain gym_onnx/ --labels "doing squats" "lifting a weight"',
    )
    parser.add_argument("model", metavar="MODEL", help="name or folder of a checkpoint")
    parser.add_argument("folder", metavar="FOLDER", help="where to write; a new or empty folder")
    parser.add_argument(
        "--labels", nargs="+", metavar="TEXT", help="of a contrastive checkpoint: the classes for zero-shot"
    )
    parser.add_argument(
        "--template",
        action="append",
        metavar="TEXT",
        help='sentence that labels are put into, at {}; given again, the mean of them ("a person is {}.")',
    )
    parser.add_argument("--int8", action="store_true", help="weights in eight bits: smaller, a little less exact")
    parser.add_argument("--force", action="store_true", help="write into a folder that is not empty")


def run(arguments: argparse.Namespace) -> int:
    from transformers import AutoProcessor
    from transformers.utils import logging

    from ..export import DEFAULT_TEMPLATES, export_onnx

    folder = Path(arguments.folder)
    check_folder(folder, arguments.force)
    if arguments.template is not None and arguments.labels is None:
        raise ValueError("--template says what --labels are put into; give both")
    logging.disable_progress_bar()
    export_onnx(
        _load_model(arguments.model),
        AutoProcessor.from_pretrained(arguments.model),
        folder,
        labels=arguments.labels,
        templates=arguments.template or DEFAULT_TEMPLATES,
        int8=arguments.int8,
    )
    size = (folder / "model.onnx").stat().st_size
    print(f"tmor: wrote {folder}, model.onnx of {size / 1e6:.1f} MB", file=sys.stderr)
    return 0


def _load_model(name: str) -> Any:
    """The model of the class that the checkpoint names, so that no head starts at random."""
    from transformers import AutoConfig

    import tmor_hf

    architecture = (AutoConfig.from_pretrained(name).architectures or [None])[0]
    model_class = getattr(tmor_hf, architecture or "", None)
    if model_class is None or not hasattr(model_class, "from_pretrained"):
        raise ValueError(f"expected a checkpoint of a T-MOR model in PyTorch, got {architecture} in {name}")
    return model_class.from_pretrained(name)


__all__ = ["add", "run"]
