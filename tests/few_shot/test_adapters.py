# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Adapters in files: small, equal after a round trip, merged, and many on one encoder."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from transformers import AutoModel, pipeline

from tmor_hf import AutoModelForSkeletonActionClassification, TMorForSkeletonActionClassification, TMorSkeletonConfig
from tmor_hf.data import MotionDataset
from tmor_hf.few_shot import AdapterBank, adapt, load_adapter, merge_adapter, save_adapter

SAVED = ("linear", "nearest_mean", "prompt", "ia3", "lora")
QUICK = {"num_views": 3, "num_steps": 3, "learning_rate": 0.01}


@pytest.fixture
def base(base_folder):
    return AutoModel.from_pretrained(base_folder).eval()


@pytest.fixture
def adapted(base, feature_extractor, toy_clips):
    return lambda method, clips=toy_clips: adapt(base, feature_extractor, clips, method, **QUICK)


@pytest.fixture
def two_classes(toy_clips):
    return MotionDataset(toy_clips.select(lambda clip: clip.label < 2), "two", ("still", "seated"))


@pytest.fixture
def inputs(feature_extractor, toy_clips):
    return dict(feature_extractor(toy_clips.skeletons[:5], return_tensors="pt"))


def logits_of(model, inputs):
    with torch.no_grad():
        return model(**inputs).logits


@pytest.mark.parametrize("method", SAVED)
def test_a_loaded_adapter_gives_the_same_logits_and_labels(base, adapted, inputs, tmp_path, method):
    model = adapted(method)
    folder = save_adapter(model, tmp_path / "adapter")
    loaded = load_adapter(folder)
    assert torch.equal(logits_of(loaded, inputs), logits_of(model, inputs))
    assert loaded.config.id2label == model.config.id2label and not loaded.training
    assert torch.equal(logits_of(load_adapter(folder, base), inputs), logits_of(model, inputs))
    assert torch.equal(
        logits_of(AutoModelForSkeletonActionClassification.from_pretrained(folder), inputs), logits_of(model, inputs)
    )
    assert save_adapter(loaded, tmp_path / "again") and load_adapter(tmp_path / "again").config.num_labels == 3


def test_a_fresh_process_gives_the_same_logits(adapted, inputs, tmp_path):
    models = {method: adapted(method) for method in ("linear", "prompt", "lora")}
    for method, model in models.items():
        save_adapter(model, tmp_path / method)
    np.savez(tmp_path / "inputs.npz", **{name: value.numpy() for name, value in inputs.items()})
    code = (
        "import sys, numpy as np, torch\n"
        "from tmor_hf.few_shot import load_adapter\n"
        "torch.set_num_threads(1)\n"
        "inputs = {name: torch.from_numpy(value) for name, value in np.load('inputs.npz').items()}\n"
        "for folder in sys.argv[1:]:\n"
        "    np.save(folder + '.npy', load_adapter(folder)(**inputs).logits.detach().numpy())\n"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, *models]
    subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True)
    for method, model in models.items():
        np.testing.assert_array_equal(np.load(tmp_path / f"{method}.npy"), logits_of(model, inputs).numpy())


@pytest.mark.parametrize("method", ["ia3", "lora"])
def test_peft_and_transformers_load_it_too(base_folder, adapted, inputs, tmp_path, method):
    peft = pytest.importorskip("peft")
    model = adapted(method)
    folder = str(save_adapter(model, tmp_path / "adapter"))
    plain = TMorForSkeletonActionClassification.from_pretrained(base_folder, num_labels=3)
    plain.load_adapter(folder)
    torch.testing.assert_close(logits_of(plain.eval(), inputs), logits_of(model, inputs))
    plain = TMorForSkeletonActionClassification.from_pretrained(base_folder, num_labels=3)
    wrapped = peft.PeftModel.from_pretrained(plain, folder).eval()
    torch.testing.assert_close(logits_of(wrapped, inputs), logits_of(model, inputs))


@pytest.mark.parametrize("method", SAVED)
def test_a_merged_adapter_is_a_plain_checkpoint(adapted, inputs, tmp_path, method):
    model = adapted(method)
    expected = logits_of(model, inputs)
    merge_adapter(model).save_pretrained(tmp_path / "merged")
    torch.testing.assert_close(logits_of(model, inputs), expected, atol=0, rtol=0)
    assert not (tmp_path / "merged" / "adapter_config.json").exists()
    plain = TMorForSkeletonActionClassification.from_pretrained(tmp_path / "merged").eval()
    torch.testing.assert_close(logits_of(plain, inputs), expected, atol=1e-4, rtol=1e-4)
    assert plain.config.id2label == model.config.id2label


@pytest.mark.parametrize("method", ["prompt", "ia3", "lora"])
def test_files_of_the_small_model_are_well_under_a_megabyte(feature_extractor, toy_clips, tmp_path, method):
    model = TMorForSkeletonActionClassification(TMorSkeletonConfig.small())
    adapter = adapt(model, feature_extractor, toy_clips, method, num_views=1, num_steps=0, augmentation=None)
    folder = save_adapter(adapter, tmp_path / "adapter")
    assert sum(path.stat().st_size for path in folder.iterdir()) < 500_000


def test_adapters_of_all_kinds_share_one_encoder(base, adapted, two_classes, inputs, tmp_path):
    models = {method: adapted(method) for method in SAVED} | {"two": adapted("lora", two_classes)}
    bank = AdapterBank(base, {name: save_adapter(model, tmp_path / name) for name, model in models.items()})
    assert list(bank) == list(models)
    for name in (*models, *reversed(models)):  # to and fro: no one disturbs another
        torch.testing.assert_close(logits_of(bank[name], inputs), logits_of(models[name], inputs), atol=0, rtol=0)
    places = {
        name: [value.data_ptr() for key, value in bank[name].named_parameters() if key.endswith("fc1.bias")]
        for name in ("linear", "prompt", "nearest_mean")
    }
    assert len({tuple(place) for place in places.values()}) == 1
    total = {value.data_ptr(): value.numel() for model in bank.values() for value in model.parameters()}
    encoder = sum(value.numel() for value in base.skeleton_model.parameters())
    assert sum(total.values()) < 1.5 * encoder + 12_000
    assert all(value.requires_grad for value in base.parameters())


def test_a_bank_names_what_it_has_and_forgets_what_is_removed(base, adapted, tmp_path):
    bank = AdapterBank(base, {"kitchen": save_adapter(adapted("linear"), tmp_path / "kitchen")})
    with pytest.raises(KeyError, match="an adapter out of kitchen, got 'gym'"):
        bank["gym"]
    bank.remove("kitchen")
    assert "kitchen" not in bank and len(bank) == 0


def test_the_pipeline_switches_adapters_by_request(base, adapted, two_classes, feature_extractor, toy_clips, tmp_path):
    models = {"three": adapted("lora"), "two": adapted("prompt", two_classes)}
    bank = AdapterBank(base, {name: save_adapter(model, tmp_path / name) for name, model in models.items()})
    options = {"feature_extractor": feature_extractor, "device": "cpu"}
    pipe = pipeline("skeleton-action-classification", bank["three"], adapters=bank, **options)
    clips = toy_clips.skeletons[:4]
    for name in ("two", "three", "two"):
        expected = pipeline("skeleton-action-classification", models[name], **options)(clips, batch_size=2)
        assert pipe(clips, adapter=name, batch_size=2) == expected
    streams = [pipe((clip for clip in clips), adapter=name, top_k=1) for name in ("two", "three")]
    labels = [[answer[0]["label"] for answer in pair] for pair in zip(*streams, strict=True)]
    assert {two for two, _ in labels} <= {"still", "seated"} and not {three for _, three in labels} & {"still"}
    with pytest.raises(ValueError, match="an adapter out of three, two, got 'gym'"):
        pipe(clips[0], adapter="gym")
    with pytest.raises(ValueError, match="adapters="):
        pipeline("skeleton-action-classification", bank["three"], **options)(clips[0], adapter="three")


def test_the_pipeline_knows_adapters_that_join_or_leave_its_bank_later(
    base, adapted, two_classes, feature_extractor, toy_clips, tmp_path
):
    bank, clip = AdapterBank(base), toy_clips.skeletons[0]
    options = {"feature_extractor": feature_extractor, "device": "cpu"}
    pipe = pipeline("skeleton-action-classification", adapted("linear"), adapters=bank, dtype="bfloat16", **options)
    bank.load("two", save_adapter(adapted("lora", two_classes), tmp_path / "two"))
    assert {answer["label"] for answer in pipe(clip, adapter="two")} == {"still", "seated"}
    assert bank["two"].dtype == pipe.model.dtype
    bank.remove("two")
    with pytest.raises(ValueError, match="an adapter out of .none; .*, got 'two'"):
        pipe(clip, adapter="two")


def test_lora_on_a_model_with_prompts_keeps_them(adapted, feature_extractor, toy_clips, inputs, tmp_path):
    merge_adapter(adapted("prompt")).save_pretrained(tmp_path / "prompted")
    prompted = TMorForSkeletonActionClassification.from_pretrained(tmp_path / "prompted")
    model = adapt(prompted, feature_extractor, toy_clips, "lora", **QUICK)
    loaded = load_adapter(save_adapter(model, tmp_path / "adapter"))
    assert torch.equal(logits_of(loaded, inputs), logits_of(model, inputs))
    with pytest.raises(ValueError, match="merge its adapter first"):
        adapt(model, feature_extractor, toy_clips, "linear")


def test_more_than_an_adapter_is_not_saved_as_one(adapted, tmp_path):
    with pytest.raises(ValueError, match="such as skeleton_model.*save the whole model with save_pretrained"):
        save_adapter(adapted("full"), tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()


def test_an_adapter_of_another_kind_in_the_same_folder_is_replaced(adapted, inputs, tmp_path):
    save_adapter(adapted("lora"), tmp_path / "adapter")
    model = adapted("linear")
    save_adapter(model, tmp_path / "adapter")
    assert torch.equal(logits_of(load_adapter(tmp_path / "adapter"), inputs), logits_of(model, inputs))


@pytest.mark.parametrize("method", ["linear", "lora"])
def test_another_base_or_a_damaged_file_is_refused(adapted, tmp_path, method):
    folder = save_adapter(adapted(method), tmp_path / "adapter")
    other = TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny(hidden_size=48))
    with pytest.raises(ValueError, match="of this model|for this model"):
        load_adapter(folder, other)
    (weights,) = folder.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-50])
    with pytest.raises(ValueError, match="expected"):
        load_adapter(folder)


def test_what_is_no_adapter_is_said_to_be_none(adapted, tmp_path):
    with pytest.raises(FileNotFoundError, match="folder that save_adapter wrote"):
        load_adapter(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"tmor_adapter\.json"):
        load_adapter(tmp_path)
    folder = save_adapter(adapted("linear"), tmp_path / "adapter")
    path = folder / "tmor_adapter.json"
    description = json.loads(path.read_text())
    for change, words in ({"format_version": 2}, "update tmor_hf"), ({"more": 1}, "as save_adapter of this version"):
        path.write_text(json.dumps({**description, **change}))
        with pytest.raises(ValueError, match=words):
            load_adapter(folder)
    path.write_text(json.dumps({**description, "base_model_name_or_path": ""}))
    with pytest.raises(ValueError, match="expected base_model="):
        load_adapter(folder)
