# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel, AutoProcessor, BertConfig

from tmor_hf import (
    TMorConfig,
    TMorForSkeletonActionClassification,
    TMorModel,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)
from tmor_hf.evaluation import class_embeddings, embed_texts
from tmor_hf.export import TMorOnnxModel, export_onnx, exporting

LABELS = ["walking", "sitting down", "waving", "jumping"]
SHAPES = [(1, 1, 1), (1, 4, 1), (2, 5, 1), (3, 64, 2), (5, 33, 1), (1, 200, 3)]  # clips, frames, people


def close(found, expected):
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


@torch.no_grad()
def test_a_classifier_computes_the_same_for_any_number_of_clips_frames_and_people(
    classifier, classifier_folder, make_inputs
):
    exported = TMorOnnxModel.from_pretrained(classifier_folder)
    for seed, shape in enumerate(SHAPES):
        inputs = make_inputs(*shape, seed=seed)
        close(exported(**inputs).logits, classifier(**inputs).logits)


@torch.no_grad()
def test_prepared_clips_of_several_layouts_give_the_same(
    classifier, classifier_folder, tiny_feature_extractor, mixed_clips
):
    inputs = tiny_feature_extractor(mixed_clips, return_tensors="pt")
    close(TMorOnnxModel.from_pretrained(classifier_folder)(**inputs).logits, classifier(**inputs).logits)


@torch.no_grad()
@pytest.mark.parametrize("coordinates", [2, 3])
def test_masks_that_are_not_given_are_those_of_pytorch(classifier, classifier_folder, coordinates):
    keypoints = torch.randn(2, 9, 1, 22, coordinates)
    keypoints[0, 3, 0, 5] = torch.nan
    exported = TMorOnnxModel.from_pretrained(classifier_folder)
    close(exported(keypoints).logits, classifier(keypoints).logits)


def test_padding_changes_nothing(classifier_folder, make_inputs):
    inputs = make_inputs(2, 10, 1)
    padded = {
        "keypoints": torch.nn.functional.pad(inputs["keypoints"], (0, 0, 0, 0, 0, 2, 0, 17), value=3.0),
        "joint_mask": torch.nn.functional.pad(inputs["joint_mask"], (0, 0, 0, 2, 0, 17)),
        "frame_mask": torch.nn.functional.pad(inputs["frame_mask"], (0, 17)),
        "depth_mask": torch.nn.functional.pad(inputs["depth_mask"], (0, 17)),
    }
    exported = TMorOnnxModel.from_pretrained(classifier_folder)
    torch.testing.assert_close(exported(**padded).logits, exported(**inputs).logits, atol=1e-5, rtol=0)


@torch.no_grad()
def test_prompt_tokens_are_exported(tiny_feature_extractor, tmp_path, make_inputs):
    torch.manual_seed(0)
    model = TMorForSkeletonActionClassification(TMorSkeletonConfig.tiny(num_prompt_tokens=3)).eval()
    exported = TMorOnnxModel.from_pretrained(export_onnx(model, tiny_feature_extractor, tmp_path))
    inputs = make_inputs(5, 9, 2)
    close(exported(**inputs).logits, model(**inputs).logits)


@torch.no_grad()
def test_a_contrastive_model_without_labels_gives_embeddings(tiny_model, embedder_folder, make_inputs):
    inputs = make_inputs(3, 30, 2)
    found = AutoModel.from_pretrained(embedder_folder)(**inputs)
    outputs = tiny_model.skeleton_model(**inputs)
    close(found.pooler_output, outputs.pooler_output)
    close(found.last_hidden_state, outputs.last_hidden_state)
    close(found.skeleton_embeds, tiny_model(**inputs).skeleton_embeds)
    assert found.logits is None


@torch.no_grad()
@pytest.mark.parametrize("model_class", [TMorSkeletonModel, TMorSkeletonModelWithProjection])
def test_encoders_are_exported(model_class, tiny_skeleton_config, tiny_feature_extractor, tmp_path, make_inputs):
    model = model_class(tiny_skeleton_config).eval()
    found = AutoModel.from_pretrained(export_onnx(model, tiny_feature_extractor, tmp_path))(**make_inputs(2, 9, 1))
    expected = model(**make_inputs(2, 9, 1))
    close(found.last_hidden_state, expected.last_hidden_state)
    has_projection = model_class is TMorSkeletonModelWithProjection
    assert (found.skeleton_embeds is not None) == has_projection


@torch.no_grad()
@pytest.mark.parametrize("loss", ["infonce", "sigmoid"])
def test_zero_shot_folds_the_texts_in(loss, tiny_skeleton_config, tiny_processor, tmp_path, make_inputs):
    sizes = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    text_config = BertConfig(vocab_size=64, max_position_embeddings=32, **sizes)
    tiny_skeleton_config.hidden_dropout_prob = 0.5
    config = TMorConfig(
        skeleton_config=tiny_skeleton_config, text_config=text_config, projection_dim=16, contrastive_loss=loss
    )
    model = TMorModel(config).eval()
    templates = ["a person is {}.", "someone {}"]
    folder = export_onnx(model, tiny_processor, tmp_path, labels=LABELS, templates=templates)
    inputs = make_inputs(4, 21, 1)
    texts = class_embeddings(lambda some: embed_texts(model, tiny_processor.tokenizer, some), LABELS, templates)
    skeletons = model(**inputs).skeleton_embeds
    found = TMorOnnxModel.from_pretrained(folder)(**inputs)
    close(found.logits, model.scale_similarity(skeletons @ torch.from_numpy(texts).float().T))
    close(found.skeleton_embeds, skeletons)


def test_a_folder_tells_classes_task_and_preparation(zero_shot_folder, tiny_feature_extractor):
    assert {path.name for path in zero_shot_folder.iterdir()} == {
        "config.json", "model.onnx", "preprocessor_config.json",
    }  # fmt: skip
    config = AutoConfig.from_pretrained(zero_shot_folder)
    assert [config.id2label[index] for index in range(4)] == LABELS
    assert config.label2id == {name: index for index, name in enumerate(LABELS)}
    assert config.exported_task == "zero-shot-skeleton-action-classification"
    assert config.templates == ["a person is {}."]
    for auto_class in (AutoFeatureExtractor, AutoProcessor):
        loaded = auto_class.from_pretrained(zero_shot_folder)
        assert type(loaded) is type(tiny_feature_extractor)


@torch.no_grad()
def test_half_precision_is_exported_as_float32_and_the_model_stays(
    classifier, tiny_feature_extractor, tmp_path, make_inputs
):
    half = classifier.half().train()
    exported = TMorOnnxModel.from_pretrained(export_onnx(half, tiny_feature_extractor, tmp_path))
    assert half.dtype == torch.float16 and half.training
    inputs = make_inputs(2, 9, 1)
    close(exported(**inputs).logits, half.float().eval()(**inputs).logits)


@torch.no_grad()
def test_the_file_runs_without_this_package(classifier, classifier_folder, make_inputs):
    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(classifier_folder / "model.onnx")
    assert [item.shape[:2] for item in session.get_inputs()] == [["batch", "frames"]] * 4
    inputs = make_inputs(3, 17, 1)
    (logits,) = session.run(["logits"], {name: values.numpy() for name, values in inputs.items()})
    np.testing.assert_allclose(logits, classifier(**inputs).logits.numpy(), atol=1e-4)


@torch.no_grad()
def test_an_export_that_computes_something_else_is_refused(classifier, tiny_feature_extractor, tmp_path, monkeypatch):
    trace = exporting._trace

    def trace_another(graph):
        graph.model.classifier.bias.data += 0.01
        content = trace(graph)
        graph.model.classifier.bias.data -= 0.01
        return content

    monkeypatch.setattr(exporting, "_trace", trace_another)
    with pytest.raises(RuntimeError, match="expected logits within 0.0001 of PyTorch"):
        export_onnx(classifier, tiny_feature_extractor, tmp_path / "wrong")
    assert not (tmp_path / "wrong").exists()


def test_labels_are_for_models_that_know_texts(classifier, tiny_model, tiny_processor, tmp_path):
    with pytest.raises(ValueError, match="expected a contrastive model for labels"):
        export_onnx(classifier, tiny_processor, tmp_path, labels=LABELS)
    for labels in ([], ["walking", "walking"]):
        with pytest.raises(ValueError, match="at least one label, each once"):
            export_onnx(tiny_model, tiny_processor, tmp_path, labels=labels)
    with pytest.raises(ValueError, match="place {} for the class name"):
        export_onnx(tiny_model, tiny_processor, tmp_path, labels=LABELS, templates=["walking"])
    with pytest.raises(TypeError, match="expected a T-MOR model in PyTorch.*got Linear"):
        export_onnx(torch.nn.Linear(2, 2), tiny_processor, tmp_path)


@pytest.mark.parametrize("module", ["onnx", "onnxruntime"])
def test_a_missing_extra_is_named(module, classifier, tiny_feature_extractor, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"{module}, which is not installed; pip install 'tmor_hf\[onnx\]'"):
        export_onnx(classifier, tiny_feature_extractor, tmp_path)


@torch.no_grad()
@pytest.mark.slow
def test_torch_export_takes_any_number_of_clips_frames_and_people(classifier, make_inputs):
    """Of more than one tubelet, that is: `torch.export` takes sizes of 1 for constants."""
    batch, people = torch.export.Dim("batch"), torch.export.Dim("people")
    frames = torch.export.Dim("frames", min=classifier.config.tubelet_size + 1)
    axes = {0: batch, 1: frames}
    shapes = {
        "keypoints": axes | {2: people},
        "joint_mask": axes | {2: people},
        "frame_mask": axes,
        "depth_mask": axes,
    }
    program = torch.export.export(classifier, (), make_inputs(3, 13, 2), dynamic_shapes=shapes, strict=False)
    for shape in ((1, 5, 1), (2, 64, 1), (5, 30, 3)):
        inputs = make_inputs(*shape, seed=1)
        close(program.module()(**inputs).logits, classifier(**inputs).logits)
