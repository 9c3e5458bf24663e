# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The dataset card of a PoseCap folder: YAML that `datasets` loads it by, and a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .schema import SCHEMA_VERSION, TEXT_COLUMNS, VIDEO_COLUMNS, arrow_schema

# Configuration -> columns that it leaves out.
CONFIGS: dict[str, tuple[str, ...]] = {
    "default": (),
    "skeleton_text": VIDEO_COLUMNS,
    "skeleton_only": TEXT_COLUMNS + VIDEO_COLUMNS,
}
_TASKS = ["video-classification", "zero-shot-classification", "feature-extraction"]
_TAGS = ["skeleton", "pose", "human-motion", "action-recognition", "posecap"]
_SIZES = (
    (10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"), (10**9, "100M<n<1B"),
)  # fmt: skip
# Licences by their SPDX names that the Hub knows, in lower case; all others are "other" there.
_HUB_LICENCES = {
    "apache-2.0", "mit", "cc0-1.0", "cc-by-2.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0",
    "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nd-4.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-4.0", "odc-by", "odbl", "pddl",
}  # fmt: skip
_PAGE = """\
# {name}

{num_rows} clips ({num_frames} frames) of human motion: skeletons with captions, labels and references to video, in the
PoseCap format, version {version}. A row explains itself: shapes, number types and joint layout travel in it.

```python
from datasets import load_dataset

rows = load_dataset("PATH_OR_REPO", "skeleton_text", split="{split}")     # add streaming=True to load nothing ahead

from tmor_hf.data.posecap import row_to_record

record = row_to_record(rows[0])
print(record.captions, record.skeletons.keypoints.shape)                 # (frames, people, joints, coordinates)
```

Without `tmor_hf`: `keypoints` are little-endian numbers of type `keypoints_dtype` and shape `(num_frames, num_people,
num_joints, num_coordinates)`; for `int16`, a coordinate is `number * keypoints_scale + keypoints_offset`, and -32768
is a missing joint.

Configurations: `default` has all columns, `skeleton_text` leaves out the video, `skeleton_only` leaves out video and
captions.

{tables}
`posecap.json` has the SHA-256 of each shard; `tmor posecap validate PATH` checks them, and every row.
"""


def dataset_card(manifest: Mapping[str, Any]) -> str:
    """The README.md of a set, from its manifest.

    Raises:
        ImportError: If pyarrow is not installed.
    """
    from huggingface_hub import DatasetCardData

    sizes = [name for limit, name in _SIZES if manifest["num_rows"] < limit]
    data = DatasetCardData(
        pretty_name=manifest["name"],
        license=_hub_licences(manifest["licences"]),
        task_categories=_TASKS,
        tags=_TAGS,
        size_categories=sizes[:1],
        configs=[_config(config, manifest) for config in CONFIGS],
        dataset_info=[_dataset_info(config, manifest) for config in CONFIGS],
    )
    counts = {split: entry["num_rows"] for split, entry in manifest["splits"].items()}
    page = _PAGE.format(
        name=manifest["name"],
        num_rows=manifest["num_rows"],
        num_frames=manifest["num_frames"],
        version=SCHEMA_VERSION,
        split=next(iter(counts)),
        tables="\n".join(
            _count_table(title, found)
            for title, found in (
                ("split", counts),
                ("licence", manifest["licences"]),
                ("source", manifest["sources"]),
                ("joint layout", _layout_names(manifest["layouts"])),
            )
        ),
    )
    return f"---\n{data.to_yaml()}\n---\n{page}"


def columns_of(config: str) -> list[str]:
    """Names of the columns of a configuration."""
    return [name for name in arrow_schema().names if name not in CONFIGS[config]]


def _config(config: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    files = [{"split": split, "path": f"data/{split}-*.parquet"} for split in manifest["splits"]]
    entry: dict[str, Any] = {"config_name": config, "data_files": files}
    # `columns` is an option of datasets' Parquet reader: what is left out is not even read.
    return entry | ({"default": True} if config == "default" else {"columns": columns_of(config)})


def _dataset_info(config: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    columns = columns_of(config)
    features = [_feature(field) for field in arrow_schema() if field.name in columns]
    splits = [
        {"name": split, "num_bytes": entry["num_bytes"], "num_examples": entry["num_rows"]}
        for split, entry in manifest["splits"].items()
    ]
    return {"config_name": config, "features": features, "splits": splits}


def _feature(field: Any) -> dict[str, Any]:
    """A column as `datasets` writes it into YAML."""
    if hasattr(field.type, "value_type"):
        return {"name": field.name, "list": _dtype(field.type.value_type)}
    return {"name": field.name, "dtype": _dtype(field.type)}


def _dtype(kind: Any) -> str:
    return {"float": "float32", "double": "float64"}.get(str(kind), str(kind))


def _hub_licences(licences: Mapping[str, int]) -> str | list[str]:
    names = {name.lower() if name.lower() in _HUB_LICENCES else "other" for name in licences}
    return sorted(names) if len(names) > 1 else names.pop()


def _layout_names(layouts: Mapping[str, int]) -> dict[str, int]:
    own = sum(count for layout, count in layouts.items() if layout.startswith("{"))
    named = {layout: count for layout, count in layouts.items() if not layout.startswith("{")}
    return named | ({"defined in its row": own} if own else {})


def _count_table(title: str, counts: Mapping[str, int], rows: int = 20) -> str:
    """A Markdown table of the most frequent values."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"| {_cell(name)} | {count} |" for name, count in ordered[:rows]]
    if len(ordered) > rows:
        lines.append(f"| {len(ordered) - rows} more | {sum(count for _, count in ordered[rows:])} |")
    return "\n".join([f"| {title} | clips |", "|---|---|", *lines, ""])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


__all__ = ["CONFIGS", "columns_of", "dataset_card"]
