# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""What users of a Hub that is reached over HTTP do, from the first upload on. Later checks need the earlier ones."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import checks
import numpy as np
import torch
from datasets import load_dataset
from huggingface_hub import HfApi, snapshot_download
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForAudioFrameClassification,
    AutoModelForVideoClassification,
    AutoProcessor,
    AutoTokenizer,
    pipeline,
)

import tmor_hf
from tmor_hf.few_shot import load_adapter
from tmor_hf.hub import push, verify_checkpoint

GIVEN = checks.given()
BASE, ACTIONS, FRAMES = (Path(GIVEN[name]) for name in ("tmor-base", "tmor-base-actions", "tmor-base-frames"))
CLIP = np.random.default_rng(0).normal(size=(12, 25, 3)).astype(np.float32)
LABELS = ["walking", "waving", "sitting down"]


def same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    weights, others = one.state_dict(), other.state_dict()
    return weights.keys() == others.keys() and all(torch.equal(weights[name], others[name]) for name in weights)


def pushed_folders_arrive_whole():
    for folder in (BASE, ACTIONS, FRAMES):
        published = push(folder, f"org/{folder.name}", tag="v1")
        arrived = Path(snapshot_download(f"org/{folder.name}", revision="v1"))
        assert arrived.name == published.commit
        assert {path.name: path.read_bytes() for path in arrived.iterdir()} == {
            path.name: path.read_bytes() for path in folder.iterdir()
        }
        verify_checkpoint(arrived)


def every_auto_class_loads_by_name():
    expected = {
        ("tmor-base", AutoConfig): tmor_hf.TMorConfig,
        ("tmor-base", AutoModel): tmor_hf.TMorModel,
        ("tmor-base", AutoFeatureExtractor): tmor_hf.TMorFeatureExtractor,
        ("tmor-base", AutoProcessor): tmor_hf.TMorProcessor,
        ("tmor-base", tmor_hf.AutoModelForSkeletonActionClassification): tmor_hf.TMorForSkeletonActionClassification,
        ("tmor-base", tmor_hf.AutoModelForSkeletonFrameClassification): tmor_hf.TMorForSkeletonFrameClassification,
        ("tmor-base-actions", AutoModel): tmor_hf.TMorSkeletonModel,
        ("tmor-base-actions", AutoProcessor): tmor_hf.TMorFeatureExtractor,
        ("tmor-base-actions", AutoModelForVideoClassification): tmor_hf.TMorForSkeletonActionClassification,
        ("tmor-base-frames", AutoModelForAudioFrameClassification): tmor_hf.TMorForSkeletonFrameClassification,
    }
    for (name, auto_class), kind in expected.items():
        found = auto_class.from_pretrained(f"org/{name}")
        assert type(found) is kind, (name, auto_class, type(found))
    assert same_weights(AutoModel.from_pretrained("org/tmor-base"), tmor_hf.TMorModel.from_pretrained(BASE))
    assert AutoTokenizer.from_pretrained("org/tmor-base")("walking")["input_ids"]


def pipelines_load_by_name():
    classifier = pipeline("skeleton-action-classification", model="org/tmor-base-actions")
    local = pipeline("skeleton-action-classification", model=str(ACTIONS))
    assert classifier(CLIP, layout="ntu25") == local(CLIP, layout="ntu25")
    zero_shot = pipeline("zero-shot-skeleton-action-classification", model="org/tmor-base")
    assert {found["label"] for found in zero_shot(CLIP, layout="ntu25", candidate_labels=LABELS)} == set(LABELS)
    extractor = pipeline("skeleton-feature-extraction", model="org/tmor-base")
    assert len(extractor(CLIP, layout="ntu25")) == 16
    detector = pipeline("skeleton-temporal-action-detection", model="org/tmor-base-frames")
    assert detector(CLIP, layout="ntu25")["num_frames"] == len(CLIP)


def the_card_says_the_task():
    assert type(pipeline(model="org/tmor-base-actions")).__module__.startswith("tmor_hf.")


def models_and_processors_push_themselves():
    model = AutoModelForVideoClassification.from_pretrained(ACTIONS)
    model.push_to_hub("org/my-model")
    AutoFeatureExtractor.from_pretrained(ACTIONS).push_to_hub("org/my-model")
    assert same_weights(AutoModelForVideoClassification.from_pretrained("org/my-model"), model)
    processor = AutoProcessor.from_pretrained(BASE)
    processor.push_to_hub("org/my-processor")
    again = AutoProcessor.from_pretrained("org/my-processor")
    texts = [one(text=LABELS, return_tensors="np")["input_ids"] for one in (processor, again)]
    assert np.array_equal(*texts) and type(again) is tmor_hf.TMorProcessor


def adapters_push_themselves():
    base = AutoModelForVideoClassification.from_pretrained("org/tmor-base-actions")
    config = LoraConfig(r=2, target_modules=["q_proj"], modules_to_save=["classifier"], init_lora_weights=False)
    adapted = get_peft_model(base, config)
    adapted.push_to_hub("org/my-adapter")
    fresh = AutoModelForVideoClassification.from_pretrained("org/tmor-base-actions")
    again = PeftModel.from_pretrained(fresh, "org/my-adapter")
    assert same_weights(again, adapted)
    assert not same_weights(again.merge_and_unload(), AutoModelForVideoClassification.from_pretrained(ACTIONS))


def adapters_of_ours_load_by_name():
    HfApi().create_repo("org/few-shot")
    HfApi().upload_folder(repo_id="org/few-shot", folder_path=GIVEN["adapter"])
    assert same_weights(load_adapter("org/few-shot", BASE), load_adapter(GIVEN["adapter"], BASE))


def datasets_push_themselves_and_load_by_name():
    HfApi().create_repo("org/posecap-mini", repo_type="dataset")
    HfApi().upload_folder(repo_id="org/posecap-mini", folder_path=GIVEN["posecap"], repo_type="dataset")
    clips = load_dataset("org/posecap-mini")
    assert {name: len(split) for name, split in clips.items()} == {"train": 16, "validation": 2, "test": 2}
    clips["test"].push_to_hub("org/my-clips")
    assert load_dataset("org/my-clips", split="test")[:] == clips["test"][:]
    assert list(load_dataset("org/posecap-mini", split="test", streaming=True)) == list(clips["test"])


def tags_and_branches_keep_their_weights():
    first, second = tmor_hf.TMorModel.from_pretrained(BASE), tmor_hf.TMorModel.from_pretrained(GIVEN["second"])
    assert not same_weights(first, second)
    stale = "no_longer_needed.py"
    HfApi().upload_file(path_or_fileobj=b"", path_in_repo=stale, repo_id="org/tmor-base")
    push(GIVEN["second"], "org/tmor-base", tag="v2")
    push(BASE, "org/tmor-base", revision="trial")
    for revision, expected in {"v1": first, "v2": second, "main": second, "trial": first}.items():
        assert same_weights(AutoModel.from_pretrained("org/tmor-base", revision=revision), expected), revision
    assert stale not in HfApi().list_repo_files("org/tmor-base")
    taken = checks.error_of(lambda: push(BASE, "org/tmor-base", tag="v1"))
    assert "expected a new tag, got 'v1', which org/tmor-base has" in taken, taken
    unknown = checks.error_of(lambda: AutoModel.from_pretrained("org/tmor-base", revision="v3"))
    assert "v3" in unknown and "org/tmor-base" in unknown, unknown


def a_download_that_is_cut_short_is_an_error():
    push(ACTIONS, "org/cut-short")
    error = checks.error_of(lambda: AutoModelForVideoClassification.from_pretrained("org/cut-short"))
    assert "file should be of size" in error and "model.safetensors" in error, error


def tampering_with_the_cache_is_found():
    folder = Path(snapshot_download("org/tmor-base-frames"))
    verify_checkpoint(folder)
    code = folder / "modeling_tmor_frames.py"
    text = code.read_text(encoding="utf-8") + "print('not ours')\n"
    code.unlink()  # a link to the file of the cache
    code.write_text(text, encoding="utf-8")
    error = checks.error_of(lambda: verify_checkpoint(folder))
    assert "modeling_tmor_frames.py" in error and "was changed or cut short" in error, error


def the_snippets_of_the_page_run():
    shutil.copytree(ACTIONS, "outputs/mine")
    Path("outputs/card.md").write_text("# A card\n", encoding="utf-8")
    page = Path(GIVEN["page"]).read_text(encoding="utf-8")
    snippets = re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert len(snippets) == 4
    for snippet in snippets:
        exec(snippet, {"clip": CLIP})
    assert (Path(snapshot_download("org/mine", revision="v1.0")) / "README.md").read_text(
        encoding="utf-8"
    ) == "# A card\n"


CHECKS = (
    pushed_folders_arrive_whole,
    every_auto_class_loads_by_name,
    pipelines_load_by_name,
    the_card_says_the_task,
    the_snippets_of_the_page_run,
    models_and_processors_push_themselves,
    adapters_push_themselves,
    adapters_of_ours_load_by_name,
    datasets_push_themselves_and_load_by_name,
    tags_and_branches_keep_their_weights,
    a_download_that_is_cut_short_is_an_error,
    tampering_with_the_cache_is_found,
)

if __name__ == "__main__":
    checks.run(*CHECKS)
