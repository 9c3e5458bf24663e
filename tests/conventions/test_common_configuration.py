# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""transformers' common tests on the configurations."""

from __future__ import annotations

import unittest
from types import SimpleNamespace

from tests.test_configuration_common import ConfigTester

from tmor_hf import TMorConfig, TMorSkeletonConfig


class TMorSkeletonConfigTest(unittest.TestCase):
    def test_config(self):
        ConfigTester(
            self,
            config_class=TMorSkeletonConfig,
            has_text_modality=False,
            common_properties=["hidden_size", "num_hidden_layers", "num_attention_heads", "projection_dim"],
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
        ).run_common_tests()


class TMorConfigTest(unittest.TestCase):
    def setUp(self):
        # The common tests ask the tester of the model for a complete configuration.
        text_config = {"model_type": "clip_text_model", "hidden_size": 32}
        self.model_tester = SimpleNamespace(get_config=lambda: TMorConfig(projection_dim=48, text_config=text_config))

    def test_config_of_two_towers(self):
        self.run_common_tests({"video_config": None})

    def test_config_of_three_towers(self):
        self.run_common_tests({"video_config": {"model_type": "videomae", "hidden_size": 32}})

    def run_common_tests(self, kwargs):
        # `to_json_string` completes sub-configurations, so they cannot be compared with the few values given here.
        tester = ConfigTester(
            self,
            config_class=TMorConfig,
            has_text_modality=False,
            common_properties=["projection_dim", "contrastive_loss", "logit_scale_init_value"],
            projection_dim=48,
            contrastive_loss="sigmoid",
        )
        tester.run_common_tests()
        tester.inputs_dict |= kwargs
        tester.create_and_test_config_from_and_save_pretrained()
        tester.create_and_test_config_from_and_save_pretrained_composite()
        tester.create_and_test_config_with_num_labels()
        tester.check_config_can_be_init_without_params()
