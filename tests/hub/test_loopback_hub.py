# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Publishing and loading over HTTP, against a Hub on the loopback interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmor_hf import TMorForSkeletonActionClassification, TMorModel
from tmor_hf.few_shot import save_adapter
from tmor_hf.hub import export_to_hub_folder


@pytest.fixture
def given(exported, contrastive, tmp_path):
    """Everything that the client uploads."""
    from tmor_hf.data.posecap.mini import write_posecap_mini

    second = TMorModel.from_pretrained(contrastive)
    second.skeleton_projection.weight.data *= 2
    second.save_pretrained(contrastive)
    adapted = TMorForSkeletonActionClassification.from_pretrained(contrastive, num_labels=3)
    adapted.requires_grad_(False)
    adapted.classifier.requires_grad_(True)
    return {
        **exported,
        "second": export_to_hub_folder(contrastive, tmp_path / "exported" / "second"),
        "adapter": save_adapter(adapted, tmp_path / "adapter", "org/tmor-base"),
        "page": Path(__file__).parents[2] / "docs" / "hub.md",
        "posecap": write_posecap_mini(tmp_path / "posecap-mini", 20),
    }


def test_publishing_and_loading_by_name(given, hub, run_client):
    for extra in ("datasets", "peft", "pyarrow"):
        pytest.importorskip(extra)
    hub.cut_short.add("org/cut-short")
    report = run_client("online_client.py", given, HF_ENDPOINT=hub.url)
    assert report == dict.fromkeys(report, "passed")
    assert len(report) == 12
