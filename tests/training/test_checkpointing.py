# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import pytest
import torch

from tmor_hf.training import checkpointing as ckpt


def write(output_dir, step, keep=0):
    return ckpt.write_checkpoint(
        output_dir, step, lambda folder: (folder / "weights").write_text("w" * step), {"seed": 1}, keep
    )


def test_a_crash_while_writing_leaves_the_older_checkpoint_to_resume_from(tmp_path):
    write(tmp_path, 1)

    def crash(folder):
        (folder / "weights").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        ckpt.write_checkpoint(tmp_path, 2, crash, {}, keep=1)
    assert ckpt.find_checkpoint("last", tmp_path).name == "checkpoint-1"
    write(tmp_path, 2, keep=1)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-2"]


def test_damaged_checkpoints_are_ignored(tmp_path):
    write(tmp_path, 1)
    for step, damage in ((2, "weights"), (3, ckpt.STATE_NAME), (4, "weights")):
        path = write(tmp_path, step) / damage
        path.write_text("w") if step == 2 else path.unlink()
    (tmp_path / "checkpoint-5").mkdir()
    assert [path.name for path in ckpt.list_checkpoints(tmp_path)] == ["checkpoint-1"]
    with pytest.raises(ValueError, match="complete checkpoint"):
        ckpt.find_checkpoint(str(tmp_path / "checkpoint-2"), tmp_path)
    write(tmp_path, 2)
    assert ckpt.find_checkpoint("last", tmp_path).name == "checkpoint-2"


def test_the_last_k_are_kept_by_number_not_by_name(tmp_path):
    for step in (8, 9, 10, 11):
        write(tmp_path, step, keep=2)
    assert [path.name for path in ckpt.list_checkpoints(tmp_path)] == ["checkpoint-10", "checkpoint-11"]


def test_a_run_is_neither_overwritten_nor_rewound_by_accident(tmp_path):
    assert ckpt.find_checkpoint(None, tmp_path) is None
    assert ckpt.find_checkpoint("last", tmp_path) is None
    first = write(tmp_path, 1)
    write(tmp_path, 2)
    with pytest.raises(FileExistsError, match="checkpoint-2"):
        ckpt.find_checkpoint(None, tmp_path)
    with pytest.raises(ValueError, match="newer"):
        ckpt.find_checkpoint(str(first), tmp_path)
    ckpt.delete_checkpoints(tmp_path)
    assert list(tmp_path.iterdir()) == []


class _Harmful:
    def __reduce__(self):
        return (print, ("unpickled",))


def test_a_file_with_code_is_not_loaded(tmp_path):
    torch.save({"optimizer": _Harmful()}, tmp_path / "optimizer.pt")
    with pytest.raises(Exception, match="[Ww]eights"):
        ckpt.load_tensors(tmp_path / "optimizer.pt")


def test_the_log_drops_steps_that_come_again_and_a_line_cut_by_a_crash(tmp_path):
    path = tmp_path / "log.jsonl"
    log = ckpt.TrainingLog(path)
    for step in (1, 2, 3):
        log.write({"step": step})
    with path.open("a") as file:
        file.write('{"step": 2, "lo')
    ckpt.TrainingLog(path, resumed_step=2).write({"step": 3, "again": True})
    assert path.read_text() == '{"step": 1}\n{"step": 2}\n{"step": 3, "again": true}\n'
    ckpt.TrainingLog(path)
    assert path.read_text() == ""
