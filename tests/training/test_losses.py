# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import math

import pytest
import torch

from tmor_hf.training.losses import (
    ContrastiveEmbeddings,
    LossWeights,
    hash_rows,
    info_nce,
    pair_masks,
    sigmoid_loss,
    tri_modal_loss,
)

SCALE = torch.tensor(1.5, dtype=torch.float64)
BIAS = torch.tensor(-2.0, dtype=torch.float64)


def unit_rows(num_rows: int, seed: int) -> torch.Tensor:
    rows = torch.randn(num_rows, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.nn.functional.normalize(rows, dim=-1)


def clips(caption_ids, has_video=None, has_text=None, features=None) -> ContrastiveEmbeddings:
    count = len(caption_ids)
    everywhere = torch.ones(count, dtype=torch.bool)
    return ContrastiveEmbeddings(
        skeleton=unit_rows(count, 0),
        text=unit_rows(count, 1),
        video=unit_rows(count, 2),
        has_text=everywhere if has_text is None else torch.tensor(has_text),
        has_video=everywhere if has_video is None else torch.tensor(has_video),
        caption_ids=torch.tensor(caption_ids),
        caption_features=features,
    )


def masks_of(local, same_caption="exclude", threshold=None):
    return pair_masks(
        local,
        local,
        0,
        valid=local.has_text,
        all_valid=local.has_text,
        same_caption=same_caption,
        near_duplicate_threshold=threshold,
    )


def naive_info_nce(a, b, scale, ids, same_caption):
    """One term at a time, as the formula is written."""
    total = 0.0
    for x, y in ((a, b), (b, a)):
        for i in range(len(x)):
            logits = [math.exp(scale) * float(x[i] @ y[j]) for j in range(len(y))]
            same = [j for j in range(len(y)) if ids[j] == ids[i]]
            positives = same if same_caption == "positive" else [i]
            denominator = sum(math.exp(logits[j]) for j in range(len(y)) if j in positives or j not in same)
            total += sum(math.log(denominator) - logits[p] for p in positives) / len(positives)
    return total / (2 * len(a))


def test_info_nce_without_masks_is_the_loss_of_clip():
    a, b = unit_rows(5, 0), unit_rows(5, 1)
    logits, target = SCALE.exp() * a @ b.T, torch.arange(5)
    expected = (
        torch.nn.functional.cross_entropy(logits, target) + torch.nn.functional.cross_entropy(logits.T, target)
    ) / 2
    torch.testing.assert_close(info_nce(a, b, SCALE), expected)


@pytest.mark.parametrize("same_caption", ["exclude", "positive"])
def test_info_nce_equals_the_written_formula_with_repeated_captions(same_caption):
    ids = [7, 8, 7, 9, 8, 7]
    local = clips(ids)
    loss = info_nce(local.skeleton, local.text, SCALE, masks=masks_of(local, same_caption))
    expected = naive_info_nce(local.skeleton, local.text, float(SCALE), ids, same_caption)
    assert float(loss) == pytest.approx(expected, rel=1e-9)


def test_sigmoid_loss_equals_the_written_formula():
    ids = [7, 8, 7]
    local = clips(ids)
    for same_caption in ("exclude", "positive"):
        expected = 0.0
        for i in range(3):
            for j in range(3):
                logit = math.exp(SCALE) * float(local.skeleton[i] @ local.text[j]) + float(BIAS)
                if i == j or (ids[i] == ids[j] and same_caption == "positive"):
                    expected += math.log1p(math.exp(-logit))
                elif ids[i] != ids[j]:
                    expected += math.log1p(math.exp(logit))
        masks = masks_of(local, same_caption)
        loss = sigmoid_loss(local.skeleton, local.text, SCALE, BIAS, masks=masks)
        assert float(loss) == pytest.approx(expected / 3, rel=1e-9)


def test_clips_with_the_same_caption_are_never_pushed_apart():
    local = clips([7, 7, 7])
    text = local.text.clone().requires_grad_()
    info_nce(local.skeleton, text, SCALE, masks=masks_of(local)).backward()
    assert torch.count_nonzero(text.grad) == 0


def test_clips_without_text_do_not_count_as_the_same_caption():
    local = clips([7, 7, 7], has_text=[True, False, False])
    valid = torch.ones(3, dtype=torch.bool)
    masks = pair_masks(local, local, 0, valid=valid, all_valid=valid)
    assert masks.candidates.all()


def test_near_duplicate_captions_are_left_out():
    features = torch.tensor([[1.0, 0.0], [0.99, 0.05], [0.0, 1.0]])
    local = clips([1, 2, 3], features=features)
    candidates = masks_of(local, threshold=0.9).candidates
    assert candidates.tolist() == [[True, False, True], [False, True, True], [True, True, True]]
    with pytest.raises(ValueError, match="caption_features"):
        masks_of(clips([1, 2, 3]), threshold=0.9)


def test_tri_modal_loss_is_the_weighted_sum_of_the_losses_of_the_subsets_that_have_both():
    has_video, has_text = [True, False, True, True, False], [True, True, False, True, True]
    local = clips([1, 2, 3, 4, 5], has_video, has_text)
    video, text = torch.tensor(has_video), torch.tensor(has_text)
    weights = LossWeights(0.5, 2.0, 3.0)
    for bias in (None, BIAS):
        loss, parts = tri_modal_loss(local, local, 0, SCALE, bias, weights=weights)

        def pair(a, b, rows, bias=bias):
            if bias is None:
                return info_nce(a[rows], b[rows], SCALE)
            return sigmoid_loss(a[rows], b[rows], SCALE, bias)

        torch.testing.assert_close(parts["skeleton_text"], pair(local.skeleton, local.text, text))
        torch.testing.assert_close(parts["skeleton_video"], pair(local.skeleton, local.video, video))
        torch.testing.assert_close(parts["video_text"], pair(local.video, local.text, video & text))
        torch.testing.assert_close(loss, sum(w * parts[n] for n, w in weights._asdict().items()))


def test_a_batch_without_any_video_has_zero_video_loss_and_finite_gradients():
    local = clips([1, 2, 3], has_video=[False] * 3)
    local.skeleton.requires_grad_()
    local.video.requires_grad_()
    loss, parts = tri_modal_loss(local, local, 0, SCALE, weights=LossWeights(0.0, 1.0, 1.0))
    loss.backward()
    assert parts["skeleton_video"] == 0 and parts["video_text"] == 0
    assert torch.count_nonzero(local.skeleton.grad) == 0 and torch.count_nonzero(local.video.grad) == 0


def test_shares_of_unequal_parts_add_up_to_the_loss_of_the_whole():
    whole = clips([1, 2, 1, 4, 5, 2, 7, 8], has_video=[True, True, False, True, False, True, True, False])
    weights = LossWeights(1.0, 1.0, 1.0)
    expected, _ = tri_modal_loss(whole, whole, 0, SCALE, weights=weights)
    total = 0.0
    for start, stop in ((0, 5), (5, 8)):
        part = ContrastiveEmbeddings(**{k: None if v is None else v[start:stop] for k, v in vars(whole).items()})
        total = total + tri_modal_loss(part, whole, start, SCALE, weights=weights)[0]
    torch.testing.assert_close(total, expected)


def test_hash_of_a_caption_ignores_padding_and_tells_captions_apart():
    ids = torch.tensor([[5, 6, 7, 0, 0], [5, 7, 6, 0, 0], [5, 6, 0, 0, 0]])
    hashes = hash_rows(ids, ids != 0)
    assert len(set(hashes.tolist())) == 3
    longer = torch.nn.functional.pad(ids, (0, 4), value=9)
    mask = torch.nn.functional.pad(ids != 0, (0, 4))
    assert torch.equal(hash_rows(longer, mask), hashes)
    features = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))
    assert hash_rows(features)[0] == hash_rows(features[:1])[0] != hash_rows(features)[1]
