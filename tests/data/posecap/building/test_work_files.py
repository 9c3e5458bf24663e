# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
import numpy as np
import pytest

from tmor_hf.data.posecap.building.arguments import BuildArguments
from tmor_hf.data.posecap.building.motion import fill_short_gaps, longest_runs
from tmor_hf.data.posecap.building.work_files import (
    atomic_write,
    digest,
    load_arrays,
    noted,
    only_one_build,
    remove_unfinished,
    result_path,
    save_arrays,
    take_notes,
)


def test_a_file_is_whole_or_not_there(tmp_path):
    path = result_path(tmp_path, "poses", digest("x"))
    with pytest.raises(KeyError):
        with atomic_write(path) as file:
            file.write(b"half")
            raise KeyError
    assert not list(tmp_path.rglob("*.*"))
    with atomic_write(path) as file:
        file.write(b"whole")
    assert path.read_bytes() == b"whole"


def test_what_a_killed_process_left_is_removed(tmp_path):
    path = result_path(tmp_path, "poses", digest("x"))
    path.parent.mkdir(parents=True)
    left = path.with_name(path.name + ".123.tmp")
    left.write_bytes(b"half")
    path.write_bytes(b"whole")
    remove_unfinished(tmp_path)
    assert path.exists() and not left.exists()


def test_a_note_stays_only_if_its_process_does_not(tmp_path):
    assert take_notes(tmp_path) == []
    with pytest.raises(KeyError):
        with noted(tmp_path, "1", "a.mp4"):
            raise KeyError
    assert take_notes(tmp_path) == []
    (tmp_path / "begun/3").write_text("c.mp4")
    with noted(tmp_path, "4", "d.mp4"):
        assert take_notes(tmp_path) == ["c.mp4", "d.mp4"]
    assert take_notes(tmp_path) == []


def test_arrays_come_back_and_damage_is_named(tmp_path):
    path = tmp_path / "a.npz"
    save_arrays(path, {"x": np.arange(1000.0)}, {"n": 1})
    arrays, facts = load_arrays(path)
    np.testing.assert_array_equal(arrays["x"], np.arange(1000.0))
    assert facts == {"n": 1} and list(arrays) == ["x"]
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(ValueError, match="a.npz is damaged"):
        load_arrays(path)


def test_digests_tell_values_apart_and_not_their_order():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert len({digest(1), digest("1"), digest([1]), digest(1, 1), digest(None)}) == 5


def test_a_second_build_in_the_same_folder_is_refused(tmp_path):
    with only_one_build(tmp_path):
        with pytest.raises(RuntimeError, match="another build runs"):
            with only_one_build(tmp_path):
                pass
    with only_one_build(tmp_path):
        pass


def test_runs_and_gaps():
    flags = np.array([0, 1, 1, 0, 1, 0, 0, 0, 1, 0], bool)
    assert longest_runs(flags) == [slice(1, 3), slice(4, 5), slice(8, 9)]
    np.testing.assert_array_equal(fill_short_gaps(flags, 1), [0, 1, 1, 1, 1, 0, 0, 0, 1, 0])
    np.testing.assert_array_equal(fill_short_gaps(flags, 3, at_ends=True), np.ones(10))


@pytest.mark.parametrize(
    "wrong",
    [{"fps": 0}, {"max_seconds": 2.0}, {"engine": "spark"}, {"test_share": 1.0}, {"num_workers": 0}, {"licence": " "}],
)
def test_a_value_out_of_range_is_an_error_that_names_it(wrong):
    with pytest.raises(ValueError, match=f"expected {next(iter(wrong))} to be"):
        BuildArguments(**{"input": "in", "output": "out", "licence": "CC0-1.0", **wrong})
