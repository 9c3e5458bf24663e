# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The quickstart's first part: what the bundled checkpoints say of generated clips and of files."""

from tmor_hf import SyntheticMotion, TMorForSkeletonActionClassification, TMorSkeletonConfig, checkpoints


def test_the_bundled_checkpoints_are_asked_before_any_training(
    example, tiny_model, tiny_processor, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(checkpoints, "__file__", str(tmp_path / "__init__.py"))
    tiny_model.save_pretrained(tmp_path / "tmor-base")
    tiny_processor.save_pretrained(tmp_path / "tmor-base")
    config = TMorSkeletonConfig.tiny(id2label={0: "walking", 1: "waving"}, label2id={"walking": 0, "waving": 1})
    TMorForSkeletonActionClassification(config).save_pretrained(tmp_path / "tmor-base-actions")
    tiny_processor.feature_extractor.save_pretrained(tmp_path / "tmor-base-actions")
    SyntheticMotion(1, seed=1)[0].skeletons.save(tmp_path / "mine.npz")
    monkeypatch.setattr(example, "train", None)  # would fail if it were called
    example.main(example.get_arguments(["--data", str(tmp_path / "mine.npz"), "--no-training"]))
    lines = capsys.readouterr().out.splitlines()
    rows = [line for line in lines if "%" in line]
    assert len(rows) == len(example.SHOWN_ACTIONS) + 1 and rows[-1].split()[0] == "mine"
    assert all("walking" in row or "waving" in row for row in rows)
