# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Tiny models of the real classes with random weights and their processors, saved as checkpoints are."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    BertTokenizerFast,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipProcessor,
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
    RTDetrConfig,
    RTDetrForObjectDetection,
    RTDetrResNetConfig,
    VitPoseBackboneConfig,
    VitPoseConfig,
    VitPoseForPoseEstimation,
)
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil
from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

WORDS = "a person walks waves jumps the man runs".split()
_SIZES = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}
_CHAT = (
    "{% for m in messages %}{{ m['role'] }} {% for c in m['content'] %}"
    "{% if c['type'] == 'image' %}<image> {% else %}{{ c['text'] }} {% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}assistant {% endif %}"
)


def save_all(folder: Path) -> Path:
    """Saves `detector`, `poser`, `blip` and `llava` into a folder."""
    torch.manual_seed(0)
    save_detector(folder / "detector", {0: "person", 1: "dog"})
    save_poser(folder / "poser")
    save_blip(folder / "blip")
    save_llava(folder / "llava")
    return folder


def save_detector(folder: Path, labels: dict[int, str]) -> None:
    backbone = RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = RTDetrConfig(
        backbone_config=backbone, encoder_hidden_dim=16, encoder_in_channels=[8, 16, 16], encoder_ffn_dim=16,
        encoder_attention_heads=2, d_model=16, num_queries=12, decoder_in_channels=[16, 16, 16], decoder_ffn_dim=16,
        decoder_attention_heads=2, decoder_layers=1, decoder_n_points=2, num_denoising=0, id2label=labels,
        label2id={name: index for index, name in labels.items()},
    )  # fmt: skip
    RTDetrForObjectDetection(config).save_pretrained(folder)
    RTDetrImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)


def save_poser(folder: Path, joints: int = 17, experts: int = 1) -> None:
    backbone = VitPoseBackboneConfig(
        image_size=(32, 32), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, mlp_ratio=2,
        out_indices=[2], num_experts=experts, part_features=8,
    )  # fmt: skip
    config = VitPoseConfig(backbone_config=backbone, num_labels=joints)
    VitPoseForPoseEstimation(config).save_pretrained(folder)
    VitPoseImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)


def save_blip(folder: Path) -> None:
    """A captioner without a chat template."""
    folder.mkdir(parents=True)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    (folder / "vocab.txt").write_text("\n".join([*special, *WORDS]))
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    text = {
        **_SIZES, "vocab_size": len(tokenizer), "encoder_hidden_size": 16, "projection_dim": 8, "num_hidden_layers": 1,
        "max_position_embeddings": 32, "bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0, "sep_token_id": 3,
    }  # fmt: skip
    vision = {**_SIZES, "num_hidden_layers": 1, "image_size": 32, "patch_size": 16}
    config = BlipConfig(text_config=text, vision_config=vision, projection_dim=8)
    model = BlipForConditionalGeneration(config)
    model.text_decoder.cls.predictions.decoder.bias.data[: len(special)] = -100.0  # words only, so that there is text
    model.save_pretrained(folder)
    BlipProcessor(BlipImageProcessorPil(size={"height": 32, "width": 32}), tokenizer).save_pretrained(folder)


def save_llava(folder: Path) -> None:
    """A captioner with a chat template."""
    special = ["<pad>", "<unk>", "<s>", "</s>", "<image>"]
    words = [*special, "user", "assistant", *WORDS]
    core = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>",
        additional_special_tokens=["<image>"],
    )  # fmt: skip
    image_processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor = LlavaProcessor(
        image_processor, tokenizer, patch_size=16, vision_feature_select_strategy="default", image_token="<image>",
        chat_template=_CHAT, num_additional_image_tokens=1,
    )  # fmt: skip
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**_SIZES, num_hidden_layers=2, image_size=32, patch_size=16),
        text_config=LlamaConfig(
            **_SIZES, vocab_size=len(words), num_hidden_layers=1, num_key_value_heads=2, bos_token_id=2,
            eos_token_id=3, pad_token_id=0,
        ),
        image_token_id=4, vision_feature_layer=-1,
    )  # fmt: skip
    model = LlavaForConditionalGeneration(config)
    model.generation_config.suppress_tokens = list(range(len(special)))
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
