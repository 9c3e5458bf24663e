# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""A Hub on the loopback interface: as much of its HTTP interface as the clients of Hugging Face use here.

Repositories live in memory. Weights and Parquet go the way of large files (LFS), all else into the commit itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_LARGE = ("*.safetensors", "*.parquet")
_ID = r"(?P<id>[\w.-]+/[\w.-]+)"
_TYPE = r"(?P<type>models|datasets)"
Files = dict[str, bytes]


@dataclass
class Repository:
    """Files by path for each commit, and the branches and tags that point to commits."""

    commits: dict[str, Files] = field(default_factory=lambda: {"0" * 40: {}})
    branches: dict[str, str] = field(default_factory=lambda: {"main": "0" * 40})
    tags: dict[str, str] = field(default_factory=dict)

    def resolve(self, revision: str) -> str | None:
        found = self.branches.get(revision) or self.tags.get(revision) or revision
        return found if found in self.commits else None

    def commit(self, branch: str, files: Files) -> str:
        name = hashlib.sha1(f"{len(self.commits)} {branch}".encode()).hexdigest()
        self.commits[name] = files
        self.branches[branch] = name
        return name


class LoopbackHub(ThreadingHTTPServer):
    """The server, with all that it holds.

    Attributes:
        repositories: (type, name) -> repository; type is `"models"` or `"datasets"`.
        cut_short: Names of repositories whose weights arrive with half of their bytes.
        unknown: Requests that it could not answer, for whoever extends it.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.cut_short: set[str] = set()
        self.large_files: dict[str, bytes] = {}
        self.unknown: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running_hub() -> Iterator[LoopbackHub]:
    """A Hub that answers as long as the context lasts."""
    with LoopbackHub() as hub:
        threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield hub
        finally:
            hub.shutdown()


class _NotFound(Exception):
    """Carries the code by which clients tell what is missing."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LoopbackHub

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(
            (rf"/api/{_TYPE}/{_ID}", self._info),
            (rf"/api/{_TYPE}/{_ID}/revision/(?P<revision>[^/]+)", self._info),
            (rf"/api/{_TYPE}/{_ID}/refs", self._refs),
            (rf"/api/{_TYPE}/{_ID}/tree/(?P<revision>[^/]+)/?(?P<folder>.*)", self._tree),
            (rf"/(?P<type>datasets/)?{_ID}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", self._file),
        )

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self._answer(
            (r"/api/repos/create", self._create),
            (r"/api/validate-yaml", self._validate),
            (rf"/api/{_TYPE}/{_ID}/preupload/(?P<revision>[^/]+)", self._preupload),
            (rf"/api/{_TYPE}/{_ID}/commit/(?P<revision>[^/]+)", self._commit),
            (rf"/api/{_TYPE}/{_ID}/branch/(?P<name>[^/]+)", self._branch),
            (rf"/api/{_TYPE}/{_ID}/tag/(?P<revision>[^/]+)", self._tag),
            (rf"/api/{_TYPE}/{_ID}/paths-info/(?P<revision>[^/]+)", self._paths),
            (r"/.+\.git/info/lfs/objects/batch", self._batch),
        )

    def do_PUT(self) -> None:
        self._answer((r"/_large/(?P<oid>\w+)", self._receive))

    def _answer(self, *routes: tuple[str, Any]) -> None:
        parts = urlsplit(self.path)
        self.options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            for pattern, method in routes:
                if match := re.fullmatch(pattern, unquote(parts.path)):
                    method(**match.groupdict())
                    return
            self.server.unknown.append(f"{self.command} {self.path}")
            raise _NotFound("RepoNotFound")
        except _NotFound as error:
            # As on the Hub, where who may not see a repository is told that there is none.
            self._send(b"{}", 401 if str(error) == "RepoNotFound" else 404, {"X-Error-Code": str(error)})

    def _send(self, content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _send_json(self, content: Any) -> None:
        self._send(json.dumps(content).encode(), headers={"Content-Type": "application/json"})

    def _repository(self, type: str, id: str) -> Repository:
        if (found := self.server.repositories.get((type, id))) is None:
            raise _NotFound("RepoNotFound")
        return found

    def _files(self, type: str, id: str, revision: str) -> tuple[str, Files]:
        repository = self._repository(type, id)
        if (commit := repository.resolve(revision)) is None:
            raise _NotFound("RevisionNotFound")
        return commit, repository.commits[commit]

    def _info(self, type: str, id: str, revision: str = "main") -> None:
        commit, files = self._files(type, id, revision)
        card = files.get("README.md", b"").decode()
        said = dict(re.findall(r"^(pipeline_tag|library_name): *(\S+)$", card, flags=re.MULTILINE))
        self._send_json(
            {
                "_id": "0", "id": id, "sha": commit, "private": False, "gated": False, "disabled": False, "tags": [],
                "downloads": 0, "likes": 0, "lastModified": "2026-01-01T00:00:00.000Z",
                "siblings": [{"rfilename": name} for name in files],
                **said,
            }
        )  # fmt: skip

    def _refs(self, type: str, id: str) -> None:
        repository = self._repository(type, id)
        self._send_json(
            {
                kind: [{"name": name, "ref": f"refs/{name}", "targetCommit": commit} for name, commit in refs.items()]
                for kind, refs in {"branches": repository.branches, "tags": repository.tags, "converts": {}}.items()
            }
        )

    def _tree(self, type: str, id: str, revision: str, folder: str) -> None:
        _, files = self._files(type, id, revision)
        inside = {name: content for name, content in files.items() if not folder or name.startswith(f"{folder}/")}
        if folder and not inside:
            raise _NotFound("EntryNotFound")
        folders = {str(parent) for name in inside for parent in PurePosixPath(name).parents} - {".", folder}
        entries = [_directory(name) for name in sorted(folders)] + [_entry(*file) for file in inside.items()]
        if self.options.get("recursive", "").lower() != "true":
            entries = [entry for entry in entries if str(PurePosixPath(entry["path"]).parent) == (folder or ".")]
        self._send_json(entries)

    def _paths(self, type: str, id: str, revision: str) -> None:
        _, files = self._files(type, id, revision)
        asked = parse_qs(self.body.decode()).get("paths") or json.loads(self.body or b"{}").get("paths", [])
        self._send_json([_entry(name, files[name]) for name in asked if name in files])

    def _file(self, type: str | None, id: str, revision: str, path: str) -> None:
        commit, files = self._files("datasets" if type else "models", id, revision)
        headers = {"X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if path not in files:
            self._send(b"", 404, {**headers, "X-Error-Code": "EntryNotFound"})
            return
        content = files[path]
        headers["ETag"] = f'"{hashlib.sha256(content).hexdigest()}"'
        if self.command == "GET" and id in self.server.cut_short and fnmatch(path, _LARGE[0]):
            content = content[: len(content) // 2]
        if span := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            first, last = int(span[1]), min(int(span[2] or len(content)), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self._send(content[first : last + 1], 206, headers)
        else:
            self._send(content, headers=headers)

    def _create(self) -> None:
        asked = json.loads(self.body)
        id = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
        key = (f"{asked.get('type') or 'model'}s", id)
        if key in self.server.repositories:
            self._send(json.dumps({"url": f"{self.server.url}/{id}"}).encode(), 409)
            return
        self.server.repositories[key] = Repository()
        self._send_json({"url": f"{self.server.url}/{id}", "name": id})

    def _validate(self) -> None:
        self._send_json({"errors": [], "warnings": []})

    def _preupload(self, type: str, id: str, revision: str) -> None:
        names = [file["path"] for file in json.loads(self.body)["files"]]
        self._send_json(
            {
                "files": [
                    {
                        "path": name,
                        "uploadMode": "lfs" if any(fnmatch(name, pattern) for pattern in _LARGE) else "regular",
                        "shouldIgnore": False,
                    }
                    for name in names
                ]
            }
        )

    def _batch(self) -> None:
        objects = json.loads(self.body)["objects"]
        for item in objects:
            item["actions"] = {"upload": {"href": f"{self.server.url}/_large/{item['oid']}"}}
        self._send_json({"transfer": "basic", "objects": objects})

    def _receive(self, oid: str) -> None:
        self.server.large_files[oid] = self.body
        self._send(b"")

    def _commit(self, type: str, id: str, revision: str) -> None:
        _, files = self._files(type, id, revision)
        files = dict(files)
        for line in self.body.splitlines():
            operation = json.loads(line)
            value = operation["value"]
            if operation["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "lfsFile":
                files[value["path"]] = self.server.large_files[value["oid"]]
            elif operation["key"] == "deletedFile":
                files.pop(value["path"], None)
        commit = self._repository(type, id).commit(revision, files)
        self._send_json({"success": True, "commitOid": commit, "commitUrl": f"{self.server.url}/{id}/commit/{commit}"})

    def _branch(self, type: str, id: str, name: str) -> None:
        repository = self._repository(type, id)
        repository.branches.setdefault(name, repository.branches["main"])
        self._send_json({})

    def _tag(self, type: str, id: str, revision: str) -> None:
        commit, _ = self._files(type, id, revision)
        self._repository(type, id).tags[json.loads(self.body)["tag"]] = commit
        self._send_json({})


def _directory(name: str) -> dict[str, Any]:
    return {"type": "directory", "path": name, "oid": "0" * 40, "size": 0}


def _entry(name: str, content: bytes) -> dict[str, Any]:
    entry = {"type": "file", "path": name, "oid": hashlib.sha1(content).hexdigest(), "size": len(content)}
    if any(fnmatch(name, pattern) for pattern in _LARGE):
        entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
    return entry
