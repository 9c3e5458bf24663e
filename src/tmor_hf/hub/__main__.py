# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`python -m tmor_hf.hub ORG`: exports the bundled checkpoints and publishes them as ORG/tmor-base, ..."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ..checkpoints import BUNDLED, bundled
from .folder import export_to_hub_folder
from .publishing import Publication, push


def main(argv: Sequence[str] | None = None) -> int:
    """Publishes checkpoints under an organisation; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tmor_hf.hub", description="Publish checkpoints on the Hub.")
    parser.add_argument("organisation", help="user or organisation on the Hub")
    parser.add_argument("--checkpoint", action="append", type=Path, help="folder to publish under its own name, more "
                        f"than once for several (default: the bundled {', '.join(BUNDLED)})")  # fmt: skip
    parser.add_argument("--revision", default="main", help="branch (default: main)")
    parser.add_argument("--tag", help="tag for the commits, such as v1.0")
    parser.add_argument("--private", action="store_true", default=None, help="make new repositories private")
    parser.add_argument("--dry-run", action="store_true", help="export, check and list; send nothing")
    arguments = parser.parse_args(argv)
    upload = partial(push, revision=arguments.revision, tag=arguments.tag, private=arguments.private)
    try:
        with tempfile.TemporaryDirectory() as folder:
            exported = {
                f"{arguments.organisation}/{checkpoint.resolve().name}": export_to_hub_folder(
                    checkpoint, Path(folder, checkpoint.resolve().name)
                )
                for checkpoint in arguments.checkpoint or [Path(bundled(name)) for name in BUNDLED]
            }
            for name, path in exported.items():  # all are checked before the first is sent
                upload(path, name, dry_run=True)
            for name, path in exported.items():
                _show(upload(path, name, dry_run=arguments.dry_run))
    except (OSError, ValueError) as error:  # what requests to the Hub raise is an OSError too
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _show(published: Publication) -> None:
    for name, size in published.files.items():
        print(f"  {size:>11,}  {name}")
    end = "nothing was sent (dry run)" if published.commit is None else f"commit {published.commit}"
    print(f"{published.repo_id}: {len(published.files)} files, {sum(published.files.values()):,} bytes; {end}")


if __name__ == "__main__":
    sys.exit(main())
