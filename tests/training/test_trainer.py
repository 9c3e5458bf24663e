# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from interrupted_run import SignallingClips
from tiny_runs import TinyClips, logged, tiny_model, tiny_trainer

from tmor_hf import TMorModel, TMorSkeletonModel
from tmor_hf.training import ContrastiveTrainingArguments, TrainingInterrupted
from tmor_hf.training.interruption import StopRequest


@pytest.fixture(autouse=True)
def one_thread():
    """The processes that these tests start use one thread too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def straight(tmp_path):
    """Folder of a run of 10 steps that never stopped."""
    tiny_trainer(tmp_path / "straight").train()
    return tmp_path / "straight"


@pytest.mark.parametrize("num_micro_batches", [1, 2])
def test_a_resumed_run_has_the_losses_of_one_that_never_stopped(tmp_path, num_micro_batches):
    options = {"gradient_accumulation_steps": num_micro_batches, "batch_size": 4 // num_micro_batches, "save_steps": 3}
    folders = tmp_path / "straight", tmp_path / "resumed"
    for folder in folders:
        tiny_trainer(folder, tiny_model(dropout=0.1), **options).train()
    # As after a crash in step 8: everything of later steps is gone, or half written.
    for step in (9, 10):
        shutil.rmtree(folders[1] / f"checkpoint-{step}", ignore_errors=True)
    (folders[1] / "model.safetensors").unlink()
    assert not (folders[1] / "checkpoint-6").exists(), "only the last two are kept"
    tiny_trainer(folders[1], tiny_model(dropout=0.1), **options, resume_from="last").train()
    assert logged(folders[0]) == logged(folders[1])


def test_resuming_from_each_checkpoint_is_exact_to_the_last_bit(tmp_path):
    options = {"save_steps": 3, "save_total_limit": 0}
    tiny_trainer(tmp_path / "a", tiny_model(dropout=0.1), **options).train()
    whole = logged(tmp_path / "a")
    for step in (3, 9):
        folder = tmp_path / str(step)
        # Another initial model: all that matters must come from the checkpoint.
        model = tiny_model(dropout=0.1)
        model.init_weights()
        checkpoint = tmp_path / "a" / f"checkpoint-{step}"
        tiny_trainer(folder, model, resume_from=str(checkpoint), save_steps=0).train()
        assert logged(folder) == whole[step:]
        ours, theirs = model.state_dict(), TMorModel.from_pretrained(tmp_path / "a").state_dict()
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_sigterm_finishes_the_step_saves_and_tells_how_to_resume(tmp_path, straight):
    folder = tmp_path / "killed"
    script = Path(__file__).parent / "interrupted_run.py"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], capture_output=True, text=True, env=environment, timeout=120
    )
    assert done.returncode == 128 + signal.SIGTERM, done.stderr[-3000:]
    assert "resume with --resume-from last" in done.stderr and "Traceback" not in done.stderr
    assert [path.name for path in folder.glob("checkpoint-*")] == ["checkpoint-4"]
    tiny_trainer(folder, resume_from="last").train()
    assert logged(folder) == logged(straight)


def test_ctrl_c_raises_what_the_program_can_catch(tmp_path):
    clips = SignallingClips(signal.SIGINT)
    with pytest.raises(TrainingInterrupted) as caught:
        tiny_trainer(tmp_path, clips=clips, save_steps=100).train()
    assert caught.value.code == 130 and caught.value.step == 4
    assert caught.value.checkpoint == str(tmp_path / "checkpoint-4")


def test_only_a_later_second_ctrl_c_aborts_at_once(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    before = signal.getsignal(signal.SIGINT)
    with StopRequest() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)  # the launcher's repetition
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.signal_number == signal.SIGINT
        clock[0] += 5
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_the_result_loads_and_knows_how_it_was_made(tmp_path, tiny_processor):
    trainer = tiny_trainer(tmp_path, processor=tiny_processor, max_steps=2, save_steps=1, save_total_limit=1)
    metrics = trainer.train()
    assert metrics["steps"] == 2 and metrics["clips_per_second"] > 0
    assert json.loads((tmp_path / "metrics.json").read_text()) == metrics
    assert ContrastiveTrainingArguments.load(tmp_path) == trainer.args
    assert [path.name for path in tmp_path.glob("checkpoint-*")] == ["checkpoint-2"]
    for folder in (tmp_path, tmp_path / "checkpoint-2"):
        loaded = TMorModel.from_pretrained(folder).state_dict()
        assert all(torch.equal(value, loaded[name]) for name, value in trainer.model.state_dict().items())
        TMorSkeletonModel.from_pretrained(folder)
        assert (folder / "tokenizer.json").exists()


class _SameClips(TinyClips):
    def set_epoch(self, epoch):
        """Clips as in epoch 0, for there is nothing to learn from noise."""


def test_training_lowers_the_loss(tmp_path):
    tiny_trainer(tmp_path, clips=_SameClips(6), batch_size=6, num_epochs=40, learning_rate=3e-3).train()
    losses = [record["loss"] for record in logged(tmp_path)]
    assert losses[-1] < 0.5 * losses[0]


def test_evaluation_runs_in_evaluation_mode_and_is_logged_without_touching_the_run(tmp_path, straight):
    modes = []

    def evaluate(model):
        modes.append(model.training)
        torch.rand(3)
        return {"recall_at_1": 0.5}

    metrics = tiny_trainer(tmp_path / "b", evaluate=evaluate, eval_steps=4).train()
    records = logged(tmp_path / "b")
    assert modes == [False] * 3 and metrics["eval_recall_at_1"] == 0.5
    assert [r["step"] for r in records if "eval_recall_at_1" in r] == [4, 8, 10]
    assert [r for r in records if "loss" in r] == logged(straight)


class _BrokenClips(TinyClips):
    def __getitem__(self, index):
        item = super().__getitem__(index)
        return {**item, "keypoints": item["keypoints"] * (float("nan") if self.epoch == 1 else 1)}


def test_a_loss_that_is_not_finite_stops_the_run_and_names_step_and_checkpoint(tmp_path):
    trainer = tiny_trainer(tmp_path, clips=_BrokenClips(8), save_steps=2)
    with pytest.raises(FloatingPointError, match="finite loss in step 3, got nan; the last checkpoint is .*-2"):
        trainer.train()


def test_a_run_resumes_only_with_the_same_stream_of_batches(tmp_path):
    tiny_trainer(tmp_path, max_steps=2, save_steps=1).train()
    with pytest.raises(FileExistsError, match="resume_from='last'"):
        tiny_trainer(tmp_path).train()
    with pytest.raises(ValueError, match="expected seed=0"):
        tiny_trainer(tmp_path, seed=1, resume_from="last").train()
    with pytest.raises(ValueError, match="expected num_clips=22"):
        tiny_trainer(tmp_path, num_clips=23, resume_from="last").train()
    tiny_trainer(tmp_path, max_steps=1, save_steps=1, overwrite=True).train()
    assert [path.name for path in tmp_path.glob("checkpoint-*")] == ["checkpoint-1"]


def test_trackers_get_the_log_and_a_missing_one_is_named(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("tmor_hf.training.trainer.find_spec", lambda name: None)
        with pytest.raises(ImportError, match=r"'tensorboard' is not installed: pip install tmor_hf\[tracking\]"):
            tiny_trainer(tmp_path, report_to="tensorboard")
    pytest.importorskip("tensorboard")
    tiny_trainer(tmp_path, max_steps=2, report_to="tensorboard").train()
    assert list(tmp_path.rglob("events.out.tfevents*"))


def test_a_stream_without_length_is_refused(tmp_path):
    with pytest.raises(ValueError, match="map-style"):
        tiny_trainer(tmp_path, clips=(item for item in ()))


class _StreamedClips(TinyClips):
    """Clips in blocks; some of them turn out to be damaged."""

    is_lazy = True

    def __init__(self, num_clips, damaged=()):
        super().__init__(num_clips)
        self.damaged, self.found, self.epochs = damaged, [], set()

    def blocks(self, epoch):
        self.epochs.add(epoch)
        return np.arange(0, self.num_clips, 5)

    def lengths(self, epoch):
        return np.arange(self.num_clips)[::-1]

    def __getitem__(self, index):
        if index in self.damaged:
            self.found.append(("shard.parquet", index, "broken"))
        return super().__getitem__(index)

    def take_damage(self):
        found, self.found = self.found, []
        return found


def test_a_lazy_set_is_streamed_and_others_are_not(tmp_path):
    clips = _StreamedClips(22)
    assert tiny_trainer(tmp_path, clips=clips).order.stream is not None
    tiny_trainer(tmp_path, clips=clips).train()
    assert clips.epochs == {0, 1}
    assert tiny_trainer(tmp_path, clips=clips, data_order="shuffle").order.stream is None
    assert tiny_trainer(tmp_path).order.stream is None and tiny_trainer(tmp_path).order.lengths is None
    assert tiny_trainer(tmp_path, clips=clips, group_by_length=True).order.lengths(0)[0] == 21
    with pytest.raises(ValueError, match=r"data set with blocks\(\) for data_order='stream', got TinyClips"):
        tiny_trainer(tmp_path, data_order="stream")
    with pytest.raises(ValueError, match=r"data set with lengths\(\) for group_by_length, got TinyClips"):
        tiny_trainer(tmp_path, group_by_length=True)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_damaged_rows_are_counted_in_the_metrics(tmp_path, num_workers, caplog):
    clips = _StreamedClips(24, damaged=(3, 17))
    clips.found.append(("other.parquet", -1, "no footer"))
    metrics = tiny_trainer(tmp_path, clips=clips, num_workers=num_workers).train()
    assert (metrics["damaged_rows"], metrics["damaged_shards"]) == (2, 1), "in two epochs, each row once"
    assert "2 rows and 1 whole shards" in caplog.text
    assert "damaged_rows" not in tiny_trainer(tmp_path / "whole", clips=_StreamedClips(24)).train()


@pytest.mark.parametrize("num_workers", [0, 1])
def test_strict_data_stops_at_the_first_damaged_row(tmp_path, num_workers):
    trainer = tiny_trainer(tmp_path, clips=_StreamedClips(24, damaged=(3,)), strict_data=True, num_workers=num_workers)
    with pytest.raises(ValueError, match="shard.parquet, row 3: broken"):
        trainer.train()
