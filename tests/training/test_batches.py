# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import numpy as np
import pytest

from tmor_hf.training.batches import BatchOrder, micro_batch_loader


def test_processes_and_micro_batches_share_each_epoch_without_overlap():
    orders = [BatchOrder(23, 3, 2, 2, rank, seed=1, drop_last=False) for rank in range(2)]
    seen = []
    for step in range(orders[0].steps_per_epoch):
        parts = [np.concatenate(order.micro_batches(step)) for order in orders]
        assert len(np.concatenate(parts)) == orders[0].clips_in_step(step)
        seen.extend(np.concatenate(parts))
    assert sorted(seen) == list(range(23))


def test_the_batch_of_a_step_does_not_depend_on_how_it_is_split():
    one = BatchOrder(30, 12, seed=3)
    two = [BatchOrder(30, 3, 2, 2, rank, seed=3) for rank in range(2)]
    for step in (0, 1, 5):
        split = np.concatenate([np.concatenate(order.micro_batches(step)) for order in two])
        assert np.array_equal(split, one.micro_batches(step)[0])


def test_epochs_differ_and_incomplete_batches_are_left_out_by_default():
    order = BatchOrder(10, 4, seed=0)
    assert order.steps_per_epoch == 2
    assert not np.array_equal(order.micro_batches(0)[0], order.micro_batches(2)[0])
    assert BatchOrder(9, 4, drop_last=False).steps_per_epoch == 2, "a single clip has no negative"


def test_too_few_clips_for_a_step_are_an_error():
    with pytest.raises(ValueError, match="at least 8 clips"):
        BatchOrder(7, 4, 2)


class _Numbers:
    def __init__(self):
        self.epoch, self.read = 0, []

    def set_epoch(self, epoch):
        self.epoch = epoch

    def __getitem__(self, index):
        self.read.append(index)
        return self.epoch, index


@pytest.mark.parametrize("num_workers", [0, 1])
def test_the_loader_starts_at_any_step_without_reading_earlier_ones(num_workers):
    order, numbers = BatchOrder(10, 2, 2), _Numbers()
    loader = micro_batch_loader(numbers, list, order, start=1, stop=4, num_workers=num_workers)
    expected = [
        [(step // order.steps_per_epoch, int(index)) for index in indices]
        for step in range(1, 4)
        for indices in order.micro_batches(step)
    ]
    assert list(loader) == expected
    if num_workers == 0:
        assert numbers.read == [index for batch in expected for _, index in batch]
