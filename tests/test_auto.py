# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Auto classes find the classes of this package."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForAudioFrameClassification,
    AutoModelForVideoClassification,
    AutoProcessor,
    AutoTokenizer,
)
from transformers.pipelines import PIPELINE_REGISTRY

from tmor_hf import (
    TMorConfig,
    TMorFeatureExtractor,
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorModel,
    TMorProcessor,
    TMorSkeletonConfig,
    TMorSkeletonModel,
)
from tmor_hf.auto import (
    AutoModelForSkeletonActionClassification,
    AutoModelForSkeletonFeatureExtraction,
    AutoModelForSkeletonFrameClassification,
    register,
)


@pytest.fixture
def full_repository(tiny_model, tiny_processor, tmp_path):
    tiny_model.save_pretrained(tmp_path)
    tiny_processor.save_pretrained(tmp_path)
    return tmp_path


@pytest.fixture
def classifier_repository(tiny_skeleton_config, tiny_feature_extractor, tmp_path):
    TMorForSkeletonActionClassification(tiny_skeleton_config).save_pretrained(tmp_path)
    tiny_feature_extractor.save_pretrained(tmp_path)
    return tmp_path


def test_a_full_repository(full_repository):
    assert isinstance(AutoConfig.from_pretrained(full_repository), TMorConfig)
    assert isinstance(AutoModel.from_pretrained(full_repository), TMorModel)
    assert isinstance(AutoFeatureExtractor.from_pretrained(full_repository), TMorFeatureExtractor)
    assert isinstance(AutoProcessor.from_pretrained(full_repository), TMorProcessor)
    assert AutoTokenizer.from_pretrained(full_repository)("walking")["input_ids"]


def test_a_classifier_repository(classifier_repository):
    assert isinstance(AutoConfig.from_pretrained(classifier_repository), TMorSkeletonConfig)
    assert isinstance(AutoModel.from_pretrained(classifier_repository), TMorSkeletonModel)
    for auto_class in (AutoModelForVideoClassification, AutoModelForSkeletonActionClassification):
        model = auto_class.from_pretrained(classifier_repository)
        assert isinstance(model, TMorForSkeletonActionClassification)
    assert isinstance(AutoFeatureExtractor.from_pretrained(classifier_repository), TMorFeatureExtractor)


def test_the_processor_of_a_skeleton_only_repository_is_its_feature_extractor(classifier_repository):
    assert isinstance(AutoProcessor.from_pretrained(classifier_repository), TMorFeatureExtractor)


def test_a_contrastive_checkpoint_gets_a_new_head(full_repository, tiny_model):
    model = AutoModelForSkeletonActionClassification.from_pretrained(full_repository, num_labels=3)
    assert isinstance(model, TMorForSkeletonActionClassification)
    assert model.classifier.out_features == model.config.num_labels == 3
    for name, values in tiny_model.skeleton_model.state_dict().items():
        assert torch.equal(model.skeleton_model.state_dict()[name], values)
    labels = {0: "walking", 1: "waving"}
    named = AutoModelForSkeletonActionClassification.from_pretrained(full_repository, id2label=labels)
    assert named.config.id2label == labels


def test_any_checkpoint_gives_a_frame_classifier(full_repository, classifier_repository, tiny_model):
    options = {"num_labels": 3, "ignore_mismatched_sizes": True}
    for repository in (full_repository, classifier_repository):
        model = AutoModelForSkeletonFrameClassification.from_pretrained(repository, **options)
        assert isinstance(model, TMorForSkeletonFrameClassification) and model.classifier.out_features == 3
    model.save_pretrained(classifier_repository)
    for auto_class in (AutoModelForAudioFrameClassification, AutoModelForSkeletonFrameClassification):
        loaded = auto_class.from_pretrained(classifier_repository)
        assert isinstance(loaded, TMorForSkeletonFrameClassification)
        assert torch.equal(loaded.classifier.weight, model.classifier.weight)


def test_an_adapter_brings_its_base_model(classifier_repository):
    peft = pytest.importorskip("peft")
    model = AutoModelForSkeletonActionClassification.from_pretrained(classifier_repository)
    model.add_adapter(peft.LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False))
    model.save_pretrained(classifier_repository / "adapter")
    loaded = AutoModelForSkeletonActionClassification.from_pretrained(classifier_repository / "adapter")
    expected = model.state_dict()
    assert expected.keys() == loaded.state_dict().keys()
    assert all(torch.equal(expected[name], values) for name, values in loaded.state_dict().items())


def test_configurations_make_models(tiny_config, tiny_skeleton_config):
    assert isinstance(AutoModel.from_config(tiny_config), TMorModel)
    assert isinstance(AutoModel.from_config(tiny_skeleton_config), TMorSkeletonModel)
    made = AutoModelForSkeletonActionClassification.from_config(tiny_skeleton_config)
    assert isinstance(made, TMorForSkeletonActionClassification)


def test_features_of_another_model_type_are_refused(tiny_model, tmp_path):
    tiny_model.text_model.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="expected a checkpoint of a T-MOR model, got model type 'bert'"):
        AutoModelForSkeletonFeatureExtraction.from_pretrained(tmp_path)


def test_registering_again_changes_nothing_and_says_nothing(capsys):
    before = dict(PIPELINE_REGISTRY.supported_tasks)
    register()
    assert PIPELINE_REGISTRY.supported_tasks == before
    assert capsys.readouterr() == ("", "")


def test_importing_the_package_registers_everything_and_loads_no_further_library():
    code = (
        "import sys, transformers.modeling_utils, transformers.pipelines\n"
        "before = {name.partition('.')[0] for name in sys.modules}\n"
        "import tmor_hf\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} - before - set(sys.stdlib_module_names)))\n"
        "print(type(transformers.AutoConfig.for_model('tmor_skeleton_model')).__name__)\n"
        "print(sum('skeleton' in task for task in transformers.pipelines.get_supported_tasks()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tmor_hf", "TMorSkeletonConfig", "4"]
