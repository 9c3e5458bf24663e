# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""transformers' common tests on the models.

Where a common test is skipped or replaced, transformers' own tests of CLIP do the same; the reason stands with it.
"""

from __future__ import annotations

import unittest

import torch
from tests.test_modeling_common import ModelTesterMixin, floats_tensor, ids_tensor, random_attention_mask
from transformers import BertConfig, VideoMAEConfig
from transformers.testing_utils import torch_device

from tmor_hf import (
    TMorConfig,
    TMorForSkeletonActionClassification,
    TMorForSkeletonFrameClassification,
    TMorModel,
    TMorSkeletonConfig,
    TMorSkeletonModel,
    TMorSkeletonModelWithProjection,
)


class TMorSkeletonModelTester:
    """Makes a tiny configuration and random clips; the attributes are those that the common tests read."""

    def __init__(self, parent: unittest.TestCase) -> None:
        self.parent = parent
        self.is_training = True
        self.batch_size = 3
        self.num_frames = 8
        self.num_people = 1
        self.hidden_size = 32
        self.num_hidden_layers = 2
        self.num_attention_heads = 4
        self.projection_dim = 16
        self.tubelet_size = 4
        self.seq_length = self.num_people * 5 * self.num_frames // self.tubelet_size  # 5 body parts

    def get_config(self) -> TMorSkeletonConfig:
        return TMorSkeletonConfig(
            hidden_size=self.hidden_size,
            num_hidden_layers=self.num_hidden_layers,
            num_attention_heads=self.num_attention_heads,
            intermediate_size=37,
            tubelet_size=self.tubelet_size,
            projection_dim=self.projection_dim,
            frame_window_size=self.num_frames,  # a single window: as many tokens as the other models have
            frame_window_stride=self.num_frames,
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.1,
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[TMorSkeletonConfig, dict[str, torch.Tensor]]:
        shape = [self.batch_size, self.num_frames, self.num_people, 22]
        return self.get_config(), {"keypoints": floats_tensor([*shape, 3])}


class TMorSkeletonModelTest(ModelTesterMixin, unittest.TestCase):
    all_model_classes = (
        TMorSkeletonModel,
        TMorSkeletonModelWithProjection,
        TMorForSkeletonActionClassification,
        TMorForSkeletonFrameClassification,
    )
    test_resize_embeddings = False  # no vocabulary

    def setUp(self):
        self.model_tester = TMorSkeletonModelTester(self)

    def _prepare_for_class(self, inputs_dict, model_class, return_labels=False):
        # The common tests know which models take labels by the names of transformers' own classes.
        inputs_dict = super()._prepare_for_class(inputs_dict, model_class, return_labels)
        tester = self.model_tester
        if return_labels and model_class is TMorForSkeletonActionClassification:
            inputs_dict["labels"] = torch.zeros(tester.batch_size, dtype=torch.long, device=torch_device)
        elif return_labels and model_class is TMorForSkeletonFrameClassification:
            shape = (tester.batch_size, tester.num_frames, tester.get_config().num_labels)
            inputs_dict["labels"] = torch.zeros(shape, device=torch_device)
        return inputs_dict

    def check_training_gradient_checkpointing(self, *args, **kwargs):
        # The common test knows trainable models by transformers' own names; ours are named here.
        classes = self.all_model_classes
        self.all_model_classes = (TMorForSkeletonActionClassification, TMorForSkeletonFrameClassification)
        try:
            super().check_training_gradient_checkpointing(*args, **kwargs)
        finally:
            self.all_model_classes = classes

    def test_training(self):
        for model_class in (TMorForSkeletonActionClassification, TMorForSkeletonFrameClassification):
            config, inputs = self.model_tester.prepare_config_and_inputs_for_common()
            model = model_class(config).to(torch_device).train()
            model(**self._prepare_for_class(inputs, model_class, return_labels=True)).loss.backward()
            self.assertTrue(all(p.grad is not None for p in model.parameters()))

    @unittest.skip(reason="as for CLIPVisionModel: the input is no sequence of tokens")
    def test_inputs_embeds(self):
        pass

    def test_model_get_set_embeddings(self):
        # As for CLIPVisionModel: the input embedding is a projection, and there is no output embedding.
        config, _ = self.model_tester.prepare_config_and_inputs_for_common()
        for model_class in self.all_model_classes:
            model = model_class(config)
            self.assertIsInstance(model.get_input_embeddings(), torch.nn.Module)
            self.assertIsNone(model.get_output_embeddings())


class TMorModelTester:
    """Three towers: skeletons, BERT and VideoMAE, all tiny.

    Not CLIP's text tower: when transformers initializes missing weights of an out-of-tree model, it passes over
    modules without parameters of their own, and that is where CLIP initializes the weights of their children.
    """

    def __init__(self, parent: unittest.TestCase) -> None:
        self.parent = parent
        self.is_training = True
        self.skeleton_model_tester = TMorSkeletonModelTester(parent)
        self.text_model_tester = TextTowerTester()
        self.video_model_tester = VideoTowerTester()
        self.batch_size = self.skeleton_model_tester.batch_size

    def get_config(self) -> TMorConfig:
        return TMorConfig(
            skeleton_config=self.skeleton_model_tester.get_config(),
            text_config=self.text_model_tester.get_config(),
            video_config=self.video_model_tester.get_config(),
            projection_dim=16,
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[TMorConfig, dict[str, torch.Tensor | bool]]:
        testers = (self.skeleton_model_tester, self.text_model_tester, self.video_model_tester)
        inputs = {"return_loss": True}
        for tester in testers:
            inputs |= tester.prepare_config_and_inputs_for_common()[1]
        return self.get_config(), inputs


class TextTowerTester:
    batch_size, seq_length, vocab_size = 3, 7, 99
    hidden_size, num_hidden_layers, num_attention_heads = 32, 2, 4

    def get_config(self) -> BertConfig:
        return BertConfig(
            vocab_size=self.vocab_size,
            hidden_size=self.hidden_size,
            num_hidden_layers=self.num_hidden_layers,
            num_attention_heads=self.num_attention_heads,
            intermediate_size=37,
            max_position_embeddings=16,
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[BertConfig, dict[str, torch.Tensor]]:
        shape = [self.batch_size, self.seq_length]
        inputs = {"input_ids": ids_tensor(shape, self.vocab_size), "attention_mask": random_attention_mask(shape)}
        return self.get_config(), inputs


class VideoTowerTester:
    batch_size, num_frames, image_size = 3, 2, 8
    hidden_size, num_hidden_layers, num_attention_heads = 32, 2, 4

    def get_config(self) -> VideoMAEConfig:
        return VideoMAEConfig(
            image_size=self.image_size,
            patch_size=4,
            num_frames=self.num_frames,
            tubelet_size=2,
            hidden_size=self.hidden_size,
            num_hidden_layers=self.num_hidden_layers,
            num_attention_heads=self.num_attention_heads,
            intermediate_size=37,
        )

    def prepare_config_and_inputs_for_common(self) -> tuple[VideoMAEConfig, dict[str, torch.Tensor]]:
        shape = [self.batch_size, self.num_frames, 3, self.image_size, self.image_size]
        return self.get_config(), {"pixel_values_videos": floats_tensor(shape)}


class TMorModelTest(ModelTesterMixin, unittest.TestCase):
    all_model_classes = (TMorModel,)
    test_resize_embeddings = False  # as for CLIPModel: the vocabulary is the text tower's
    has_attentions = False  # as for CLIPModel: each tower returns its own
    _is_composite = True

    def setUp(self):
        self.model_tester = TMorModelTester(self)

    @unittest.skip(reason="as for CLIPModel: hidden states belong to the towers, which are tested on their own")
    def test_hidden_states_output(self):
        pass

    @unittest.skip(reason="as for CLIPModel: hidden states belong to the towers, which are tested on their own")
    def test_retain_grad_hidden_states_attentions(self):
        pass

    @unittest.skip(reason="as for CLIPModel: three inputs, and none of them as embeddings of tokens")
    def test_inputs_embeds(self):
        pass

    @unittest.skip(reason="as for CLIPModel: three inputs, and none of them as embeddings of tokens")
    def test_inputs_embeds_matches_input_ids(self):
        pass

    @unittest.skip(reason="as for CLIPModel: the input embeddings are the towers'")
    def test_model_get_set_embeddings(self):
        pass
