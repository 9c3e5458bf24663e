# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import numpy as np
import pytest
from tiny_vision_models import WORDS

from tmor_hf.data.posecap.build import TransformersCaptioner


@pytest.fixture
def clips(rng):
    return [[rng.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(3)] for _ in range(2)]


@pytest.mark.parametrize("name", ["blip", "llava"])
def test_clips_get_words(vision_models, clips, name):
    captioner = TransformersCaptioner(str(vision_models / name), num_frames=3, max_tokens=5, device="cpu")
    found = captioner(clips)
    assert len(found) == 2 and all(found)
    known = {*WORDS, "user", "assistant"}
    assert all(set(text.split()) <= known for texts in found for text in texts)
    assert found == captioner(clips)


def test_a_chat_model_gives_one_caption_and_a_plain_one_up_to_one_a_frame(vision_models, clips):
    found = {
        name: TransformersCaptioner(str(vision_models / name), num_frames=3, max_tokens=5, device="cpu")(clips)
        for name in ("blip", "llava")
    }
    assert all(len(texts) == 1 for texts in found["llava"])
    assert all(1 <= len(texts) <= 3 and len(set(texts)) == len(texts) for texts in found["blip"])


def test_the_prompt_is_not_part_of_the_caption(vision_models, clips):
    captioner = TransformersCaptioner(str(vision_models / "blip"), prompt="A person", max_tokens=5, device="cpu")
    texts = [text for found in captioner(clips) for text in found]
    assert texts and not any(text.lower().startswith("a person a person") for text in texts)
    assert all(len(text.split()) <= 5 for text in texts)
