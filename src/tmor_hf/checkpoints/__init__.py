# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The checkpoints that come with the package: found by name, loaded from the installed files without any network.

Their files hold float16, and their config.json says float32: small to ship, and computed with as float32 unless
`dtype=` says otherwise.
"""

from __future__ import annotations

from pathlib import Path

BUNDLED: tuple[str, ...] = ("tmor-base", "tmor-base-actions")
"""The contrastive model of three towers, and a classifier of everyday actions."""


def bundled(name: str = BUNDLED[0]) -> str:
    """Folder of a checkpoint that comes with the package, for any `from_pretrained` and for `pipeline(model=...)`.

    Args:
        name: One of `BUNDLED`.

    Raises:
        ValueError: If there is no checkpoint of that name.
        FileNotFoundError: If this copy of the package was built without the weights.
    """
    if name not in BUNDLED:
        raise ValueError(f"expected one of the bundled checkpoints {', '.join(BUNDLED)}, got {name!r}")
    folder = Path(__file__).parent / name
    if not all((folder / file).is_file() for file in ("config.json", "model.safetensors")):
        raise FileNotFoundError(
            f"expected the weights of {name} in {folder}, got none: this copy of tmor_hf was built without them; "
            "install a released wheel, or train them with `make weights`"
        )
    return str(folder)


__all__ = ["BUNDLED", "bundled"]
