# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmor_hf.training.batches import DAMAGE, BatchOrder, StreamOrder, micro_batch_loader


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


# ---------------------------------------------------------------- streams, and clips of like length


def _order(rank=0, **options):
    """An order over blocks of uneven size, and clips whose length is known."""
    blocks = np.array(options.pop("blocks"))
    lengths = np.random.default_rng(5).integers(10, 200, size=options["num_clips"])
    given = {"stream": StreamOrder(lambda epoch: blocks, options.pop("blocks_per_window"), options.pop("lanes"))}
    if options.pop("by_length"):
        given["lengths"] = lambda epoch: lengths
    return BatchOrder(process_index=rank, **options, **given)


@st.composite
def _settings(draw):
    num_clips = draw(st.integers(30, 400))
    blocks = draw(st.lists(st.integers(1, num_clips - 1), max_size=20, unique=True))
    return {
        "num_clips": num_clips,
        "blocks": [0, *sorted(blocks)],
        "batch_size": draw(st.integers(1, 5)),
        "num_micro_batches": draw(st.integers(1, 2)),
        "num_processes": draw(st.integers(1, 3)),
        "blocks_per_window": draw(st.integers(1, 4)),
        "lanes": draw(st.integers(1, 5)),
        "by_length": draw(st.booleans()),
        "seed": draw(st.integers(0, 3)),
    }


@settings(max_examples=60, deadline=None)
@given(_settings())
def test_processes_share_every_clip_of_a_stream_without_overlap(options):
    orders = [_order(rank, **dict(options), drop_last=False) for rank in range(options["num_processes"])]
    for epoch in (0, 1):
        seen = []
        for position in range(orders[0].steps_per_epoch):
            step = epoch * orders[0].steps_per_epoch + position
            parts = [np.concatenate(order.micro_batches(step)) for order in orders]
            assert sum(map(len, parts)) == orders[0].clips_in_step(step)
            seen.extend(np.concatenate(parts))
        left_out = options["num_clips"] - len(seen)
        assert len(set(seen)) == len(seen) and 0 <= left_out < max(2, options["num_processes"])


@settings(max_examples=60, deadline=None)
@given(_settings())
def test_full_batches_of_a_stream_are_each_clip_at_most_once_and_differ_between_epochs(options):
    order = _order(0, **dict(options))
    epochs = [order._permutation(epoch) for epoch in (0, 1)]
    for epoch in epochs:
        assert np.array_equal(np.sort(epoch), np.arange(options["num_clips"]))
    assert np.array_equal(epochs[0], _order(0, **dict(options))._permutation(0))
    assert not np.array_equal(*epochs)


def test_a_stream_reads_each_block_about_once_with_any_number_of_workers_that_divides_the_lanes():
    starts = np.arange(0, 20000, 100)
    order = BatchOrder(20000, 10, num_processes=2, stream=StreamOrder(lambda epoch: starts, 5, lanes=4))
    batches = [indices for step in range(order.steps_per_epoch) for indices in order.micro_batches(step)]
    for workers in (1, 2, 4):
        readings = 0
        for worker in range(workers):
            kept: dict[int, None] = {}
            for indices in batches[worker::workers]:
                for block in np.unique(indices // 100):
                    readings += block not in kept
                    kept.pop(block, None)
                    kept[int(block)] = None
                    if len(kept) > 40 // workers:
                        kept.pop(next(iter(kept)))
        # Of the 200 blocks, this process reads its 100, and those in which a window or lane of the other ends.
        assert readings <= 100 * 1.35, (workers, readings)


def test_the_clips_of_a_streamed_batch_come_from_several_blocks():
    starts = np.arange(0, 8000, 100)
    order = BatchOrder(8000, 32, stream=StreamOrder(lambda epoch: starts))
    blocks = [len(np.unique(order.micro_batches(step)[0] // 100)) for step in range(order.steps_per_epoch)]
    assert np.mean(blocks) > 6


@pytest.mark.parametrize("is_stream", [False, True])
def test_batches_by_length_hold_clips_of_like_length(is_stream):
    lengths = np.random.default_rng(0).integers(10, 300, size=4000)
    starts = np.arange(0, 4000, 100)
    stream = StreamOrder(lambda epoch: starts) if is_stream else None
    spread, paddings = {}, {}
    for name, known in (("sorted", lambda epoch: lengths), ("not", None)):
        order = BatchOrder(4000, 16, num_processes=2, stream=stream, lengths=known)
        batches = [lengths[order.micro_batches(step)[0]] for step in range(order.steps_per_epoch)]
        spread[name] = np.mean([np.ptp(batch) for batch in batches])
        paddings[name] = [batch.max() for batch in batches]
    assert spread["sorted"] < 0.15 * spread["not"]
    # Short and long batches alternate at random.
    changes = np.abs(np.diff(np.array(paddings["sorted"], dtype=float)))
    assert changes.mean() > 40


def test_by_length_a_whole_step_is_alike_on_all_processes():
    lengths = np.random.default_rng(0).integers(10, 300, size=4000)
    orders = [BatchOrder(4000, 8, 2, 2, rank, lengths=lambda epoch: lengths) for rank in range(2)]
    for step in range(0, orders[0].steps_per_epoch, 7):
        parts = [lengths[np.concatenate(order.micro_batches(step))] for order in orders]
        assert np.ptp(np.concatenate(parts)) < 60


class _DamagedNumbers(_Numbers):
    def take_damage(self):
        damage = [("shard", index, "broken") for index in self.read if index == 3]
        self.read = []
        return damage


@pytest.mark.parametrize("num_workers", [0, 2])
def test_what_is_damaged_comes_with_the_batch_that_met_it(num_workers):
    def as_dict(items):
        return {"indices": [index for _, index in items]}

    order = BatchOrder(10, 2)
    loader = micro_batch_loader(_DamagedNumbers(), as_dict, order, 0, 5, num_workers=num_workers)
    for batch in loader:
        assert batch.get(DAMAGE) == ([("shard", 3, "broken")] if 3 in batch["indices"] else None)
