# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""transformers' common tests on the feature extractor and the processor."""

from __future__ import annotations

import unittest

import numpy as np
import torch
from tests.test_feature_extraction_common import FeatureExtractionSavingTestMixin
from tests.test_processing_common import ProcessorTesterMixin
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from tmor_hf import TMorFeatureExtractor, TMorProcessor

WORDS = ["[PAD]", "[UNK]", "lower", "newer", "upper", "older", "longer", "string"]


class TMorFeatureExtractorTest(FeatureExtractionSavingTestMixin, unittest.TestCase):
    feature_extraction_class = TMorFeatureExtractor
    feat_extract_dict = {"num_frames": 16, "max_people": 2, "score_threshold": 0.1, "do_scale": False}


class TMorProcessorTest(ProcessorTesterMixin, unittest.TestCase):
    processor_class = TMorProcessor

    @classmethod
    def _setup_feature_extractor(cls):
        return TMorFeatureExtractor(layout="tmor22")

    @classmethod
    def _setup_tokenizer(cls):
        vocabulary = {word: index for index, word in enumerate(WORDS)}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]")

    def get_subprocessor_name(self, modality, attributes):
        # The mixin takes every `feature_extractor` for one of sound and would feed it a waveform.
        name = super().get_subprocessor_name(modality, attributes)
        return "audio_processor" if name == "feature_extractor" else name

    def prepare_inputs(self):
        clip = np.random.default_rng(0).normal(size=(8, 22, 3)).astype(np.float32)
        return {"text": self.prepare_text_inputs(), "skeletons": clip}

    def test_model_input_names(self):
        # The mixin's test with skeletons, which it does not know, and without videos, which need an image processor.
        processor = self.get_processor()
        inputs = processor(**self.prepare_inputs(), return_tensors="pt")
        self.assertSetEqual(set(inputs.keys()), set(processor.model_input_names))

    def test_flat_kwarg_applied_when_modality_dict_lacks_it(self):
        # The mixin's test, with the same inputs.
        inputs = self.get_processor()(**self.prepare_inputs(), text_kwargs={}, return_tensors="pt")
        self.assertTrue(all(isinstance(value, torch.Tensor) for value in inputs.values()))
