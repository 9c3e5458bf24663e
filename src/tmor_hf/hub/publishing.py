# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Upload of an exported folder to the Hub: all of it or nothing, in one commit."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi
from huggingface_hub.errors import RepositoryNotFoundError

from .integrity import CARD_NAME, CHECKSUMS_NAME, verify_checkpoint

# What would change how the checkpoint loads if an earlier upload had left it there.
_REPLACED = ["*.py", "*.json", "*.safetensors", "*.txt", CHECKSUMS_NAME]


@dataclass(frozen=True)
class Publication:
    """What `push` has uploaded, or would.

    Args:
        repo_id: Name of the repository.
        files: Names of the files and their sizes in bytes.
        commit: The commit, `None` in a dry run.
    """

    repo_id: str
    files: dict[str, int]
    commit: str | None


def push(
    folder: str | os.PathLike,
    repo_id: str,
    *,
    revision: str = "main",
    tag: str | None = None,
    private: bool | None = None,
    token: str | None = None,
    commit_message: str = "Upload checkpoint",
    dry_run: bool = False,
) -> Publication:
    """Uploads a folder of `export_to_hub_folder` after it was checked; the repository is created if there is none.

    Args:
        folder: The folder.
        repo_id: `"organisation/name"`.
        revision: Branch to upload to; it is created if there is none.
        tag: Tag for the commit, such as a version, under which `from_pretrained(..., revision=tag)` finds it for ever.
        private: Whether a new repository is private; by default what the organisation has set.
        token: Access token; by default the one of `hf auth login`.
        commit_message: First line of the commit's message.
        dry_run: Check and list only: nothing is sent, and no token is needed.

    Returns:
        What was uploaded, or would be.

    Raises:
        FileNotFoundError: If the folder lacks a file, its card or its checksums.
        ValueError: If a file was changed after the export, the name has no organisation, or the tag is taken.
    """
    folder = Path(folder)
    if repo_id.count("/") != 1 or not all(repo_id.split("/")):
        raise ValueError(f'expected a name "organisation/name", got {repo_id!r}')
    for name in (CHECKSUMS_NAME, CARD_NAME):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"expected {name} in {folder}, got none; upload what export_to_hub_folder wrote, given a card"
            )
    verify_checkpoint(folder)
    files = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file()}
    if dry_run:
        return Publication(repo_id, files, commit=None)
    api = HfApi(token=token)
    _check_tag(api, repo_id, tag)
    api.create_repo(repo_id, private=private, exist_ok=True)
    if revision != "main":
        api.create_branch(repo_id, branch=revision, exist_ok=True)
    commit = api.upload_folder(
        repo_id=repo_id,
        folder_path=folder,
        revision=revision,
        commit_message=commit_message,
        allow_patterns=list(files),
        delete_patterns=_REPLACED,
    )
    if tag is not None:
        api.create_tag(repo_id, tag=tag, revision=commit.oid)
    return Publication(repo_id, files, commit.oid)


def _check_tag(api: HfApi, repo_id: str, tag: str | None) -> None:
    if tag is None:
        return
    try:
        taken = [ref.name for ref in api.list_repo_refs(repo_id).tags]
    except RepositoryNotFoundError:
        return
    if tag in taken:
        raise ValueError(
            f"expected a new tag, got {tag!r}, which {repo_id} has; tags stay where they are: choose another"
        )


__all__ = ["Publication", "push"]
