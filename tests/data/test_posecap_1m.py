# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The builder, `load_dataset` on a folder, and the script under datasets 3 give the same rows, wherever they read."""

from __future__ import annotations

import ast
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

datasets = pytest.importorskip("datasets")
pq = pytest.importorskip("pyarrow.parquet")

from tmor_hf.data import posecap_1m  # noqa: E402
from tmor_hf.data.posecap import arrow_schema, row_to_record, write_posecap_mini  # noqa: E402
from tmor_hf.data.posecap.card import CONFIGS, columns_of  # noqa: E402
from tmor_hf.data.posecap_1m import PoseCap1M  # noqa: E402

ROWS = {"train": 24, "validation": 3, "test": 3}
SCRIPT = Path(posecap_1m.__file__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_posecap_mini(tmp_path_factory.mktemp("posecap") / "set", 30, rows_per_shard=10)


@pytest.fixture
def make(tmp_path):
    """Makes a builder with a cache of its own."""
    return functools.partial(PoseCap1M, cache_dir=str(tmp_path / "cache"))


def prepared(builder: PoseCap1M) -> dict[str, list[dict]]:
    builder.download_and_prepare()
    return {split: rows.to_list() for split, rows in builder.as_dataset().items()}


def streamed(builder: PoseCap1M) -> dict[str, list[dict]]:
    return {split: list(rows) for split, rows in builder.as_streaming_dataset().items()}


@pytest.mark.parametrize("config", list(CONFIGS))
def test_the_builder_gives_the_rows_of_load_dataset(folder, make, tmp_path, config):
    builder = make(config_name=config, data_dir=str(folder))
    loaded = datasets.load_dataset(str(folder), config, cache_dir=str(tmp_path / "cache"))
    assert builder.info.features == loaded["train"].features
    assert list(builder.info.features) == columns_of(config)
    rows = prepared(builder)
    assert {split: len(found) for split, found in rows.items()} == ROWS
    assert rows == {split: found.to_list() for split, found in loaded.items()} == streamed(builder)


def test_the_columns_are_those_of_the_schema(make):
    builder = make()
    assert builder.config.name == "default"
    stored = {field.name: str(field.type).replace("element:", "item:") for field in arrow_schema()}
    assert {field.name: str(field.type) for field in builder.info.features.arrow_schema} == {
        name: kind.replace(" not null", "") for name, kind in stored.items()
    }


def test_mini_is_generated_without_any_file(folder, make):
    builder = make(config_name="mini", num_clips=30)
    datasets_rows = prepared(builder)
    assert datasets_rows == streamed(builder) == prepared(make(data_dir=str(folder)))
    assert row_to_record(datasets_rows["test"][0]).skeletons.valid.any()
    other = make(config_name="mini", num_clips=30, seed=1)
    assert prepared(other)["train"][0]["keypoints"] != datasets_rows["train"][0]["keypoints"]


def test_every_shard_streams_by_itself(folder, make):
    stream = make(data_dir=str(folder)).as_streaming_dataset(split="train")
    assert stream.num_shards == 3
    parts = [list(stream.shard(3, index, contiguous=True)) for index in range(3)]
    assert [len(part) for part in parts] == [10, 10, 4]
    assert [row["id"] for part in parts for row in part] == [row["id"] for row in stream]
    assert make(config_name="mini", num_clips=200).as_streaming_dataset(split="train").num_shards == 3


def test_a_stream_goes_on_where_it_stopped(folder, make):
    stream = make(data_dir=str(folder)).as_streaming_dataset(split="train")
    rows = iter(stream)
    seen = [next(rows)["id"] for _ in range(13)]
    state = stream.state_dict()
    again = make(data_dir=str(folder)).as_streaming_dataset(split="train")
    again.load_state_dict(state)
    assert seen + [row["id"] for row in again] == [row["id"] for row in stream]


def test_local_shards_are_neither_copied_nor_changed(folder, make, tmp_path):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    prepared(make(data_dir=str(folder)))
    assert not list((tmp_path / "cache").rglob("*.parquet"))
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_set_that_was_written_anew_is_read_anew(make, tmp_path):
    target = write_posecap_mini(tmp_path / "set", 5)
    assert len(prepared(make(data_dir=str(target)))["train"]) == 5
    write_posecap_mini(target, 7, overwrite=True)
    assert len(prepared(make(data_dir=str(target)))["train"]) == 7


def test_what_is_no_set_is_told(folder, make, tmp_path):
    for read in (prepared, streamed):
        with pytest.raises(FileNotFoundError, match="expected posecap.json in .*missing.*pass data_dir="):
            read(make(data_dir=str(tmp_path / "missing")))
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    manifest = json.loads((copy / "posecap.json").read_text())
    (copy / "posecap.json").write_text('{"splits":')
    with pytest.raises(ValueError, match="expected JSON in .*posecap.json"):
        streamed(make(data_dir=str(copy)))
    (copy / "posecap.json").write_text(json.dumps({**manifest, "schema_version": 99}))
    with pytest.raises(ValueError, match="schema version 1, got 99"):
        streamed(make(data_dir=str(copy)))
    for splits in (None, {"train": 5}, {"train": {"shards": [{}]}}):
        (copy / "posecap.json").write_text(json.dumps({**manifest, "splits": splits}))
        with pytest.raises(ValueError, match="expected splits with their shards in .*posecap.json"):
            streamed(make(data_dir=str(copy)))
    manifest["splits"]["train"]["shards"][0]["file"] = "data/../../secret.parquet"
    (copy / "posecap.json").write_text(json.dumps(manifest))
    with pytest.raises(ValueError, match="expected shards data/NAME.parquet"):
        streamed(make(data_dir=str(copy)))
    manifest["splits"]["train"]["shards"][0]["file"] = "data/odd.parquet"
    (copy / "posecap.json").write_text(json.dumps(manifest))
    table = pq.read_table(next(copy.glob("data/test-*")))
    pq.write_table(table.drop_columns(["layout", "captions"]), copy / "data" / "odd.parquet")
    with pytest.raises(ValueError, match="captions, layout are lacking"):
        streamed(make(data_dir=str(copy)))


class FileServer(http.server.BaseHTTPRequestHandler):
    """Serves files of a folder, also in parts, as the servers of the Hub and of object stores do."""

    folder: Path
    prefix = "/"
    requests: list[tuple[str, str, str | None]] = []
    extra_headers: dict[str, str] = {}

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, with_body: bool) -> None:
        self.requests.append((self.command, self.path, self.headers.get("Range")))
        path = self.folder / self.path.removeprefix(self.prefix)
        if not self.path.startswith(self.prefix) or not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start, end = (int(part[1]), int(part[2] or len(content) - 1)) if part else (0, len(content) - 1)
        body = content[start : end + 1]
        self.send_response(206 if part else 200)
        if part:
            self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{len(content)}")
        etag = hashlib.sha256(content).hexdigest()
        for name, value in {"Accept-Ranges": "bytes", "ETag": f'"{etag}"', **self.extra_headers}.items():
            self.send_header(name, value)
        self.reply(body, with_body)

    def reply(self, body: bytes, with_body: bool = True) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *args) -> None:
        pass


@contextmanager
def serving(handler: type[FileServer]) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_url_prefix_is_read_in_parts(folder, make):
    pytest.importorskip("aiohttp")
    handler = type("Handler", (FileServer,), {"folder": folder, "prefix": "/sets/mini/", "requests": []})
    expected = prepared(make(config_name="skeleton_text", data_dir=str(folder)))
    with serving(handler) as url:
        assert streamed(make(config_name="skeleton_text", data_dir=f"{url}/sets/mini")) == expected
        assert any(part for _, path, part in handler.requests if path.endswith(".parquet"))
        assert prepared(make(config_name="skeleton_text", data_dir=f"{url}/sets/mini/")) == expected
        with pytest.raises(FileNotFoundError, match="expected posecap.json in http"):
            streamed(make(data_dir=f"{url}/sets/other"))


def test_other_protocols_of_fsspec_are_read(folder, make):
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/posecap-mini-copy", recursive=True)
    expected = prepared(make(data_dir=str(folder)))
    try:
        for url in ("memory://posecap-mini-copy", folder.as_uri()):
            assert streamed(make(data_dir=url)) == expected
    finally:
        memory.rm("/posecap-mini-copy", recursive=True)
    assert prepared(make(data_dir=folder.as_uri())) == expected


class HubServer(FileServer):
    """As much of the Hub as reading one dataset repo takes."""

    repo = "org/posecap-mini"
    commit = "a" * 40
    prefix = f"/datasets/{repo}/resolve/{commit}/"
    extra_headers = {"X-Repo-Commit": commit}

    def answer(self, with_body: bool) -> None:
        self.path = self.path.split("?")[0].replace("%2F", "/")
        if self.path.startswith(f"/datasets/{self.repo}/resolve/main/"):
            self.path = self.path.replace("/resolve/main/", f"/resolve/{self.commit}/")
        if not self.path.startswith("/api/"):
            super().answer(with_body)
        elif self.path.startswith(f"/api/datasets/{self.repo}/tree/"):
            under = self.path.split("/tree/")[1].partition("/")[2]
            self.send_json([self.entry(path) for path in sorted((self.folder / under).glob("*"))])
        elif self.path.startswith(f"/api/datasets/{self.repo}"):
            files = [entry["path"] for entry in self.entries() if entry["type"] == "file"]
            siblings = [{"rfilename": name} for name in files]
            self.send_json({"id": self.repo, "sha": self.commit, "private": False, "siblings": siblings, "tags": []})
        else:
            self.send_error(404)

    def do_POST(self) -> None:  # paths-info
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_json(
            [entry for entry in self.entries() if json.dumps(entry["path"]) in asked or entry["path"] in asked]
        )

    def entries(self) -> list[dict]:
        return [self.entry(path) for path in sorted(self.folder.rglob("*"))]

    def entry(self, path: Path) -> dict:
        name = str(path.relative_to(self.folder))
        if path.is_dir():
            return {"type": "directory", "oid": "0" * 40, "size": 0, "path": name}
        return {
            "type": "file",
            "oid": hashlib.sha1(path.read_bytes()).hexdigest(),
            "size": path.stat().st_size,
            "path": name,
        }

    def send_json(self, data) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.reply(json.dumps(data).encode())


def row_hashes(splits) -> dict[str, str]:
    """Split -> a hash of all its rows."""

    def plain(value):
        return value.hex() if isinstance(value, bytes) else value

    found = {}
    for split, rows in splits.items():
        digest = hashlib.sha256()
        for row in rows:
            digest.update(json.dumps({name: plain(value) for name, value in row.items()}, sort_keys=True).encode())
        found[split] = digest.hexdigest()
    return found


def run(python: str, code: str, home: Path, **variables: str) -> dict:
    """The JSON that a script prints last, run in an interpreter of its own with an empty cache."""
    import inspect

    source = "import hashlib, json, sys\n" + inspect.getsource(row_hashes) + textwrap.dedent(code)
    variables = {"HF_HOME": str(home), "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore", **variables}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    done = subprocess.run([python, "-c", source], capture_output=True, text=True, env=environment, timeout=500)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_a_repo_of_the_hub_is_read(folder, make, tmp_path):
    handler = type("Handler", (HubServer,), {"folder": folder, "requests": []})
    expected = row_hashes(prepared(make(data_dir=str(folder))))
    code = """
        import tmor_hf.data.posecap
        assert not {"datasets", "pyarrow"} & set(sys.modules), "extras are imported at use"

        from datasets import load_dataset
        from tmor_hf.data.posecap_1m import PoseCap1M
        builder = PoseCap1M(data_dir="org/posecap-mini")
        found = {"streamed": row_hashes(builder.as_streaming_dataset())}
        builder.download_and_prepare()
        found["prepared"] = row_hashes(builder.as_dataset())
        found["loaded"] = row_hashes(load_dataset("org/posecap-mini"))
        try:
            PoseCap1M(data_dir="org/other").download_and_prepare()
        except FileNotFoundError as error:
            assert "expected posecap.json in hf://datasets/org/other/, got" in str(error), error
        else:
            raise AssertionError("there is no such repo")
        print(json.dumps(found))
    """
    with serving(handler) as url:
        options = {
            "HF_ENDPOINT": url,
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "0",
        }
        found = run(sys.executable, code, tmp_path / "home", **options)
    assert found == {"streamed": expected, "prepared": expected, "loaded": expected}


def test_the_script_needs_nothing_but_datasets_and_pyarrow():
    tree = ast.parse(SCRIPT.read_text())
    names = [alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} - sys.stdlib_module_names == {"datasets", "pyarrow"}


@pytest.mark.slow
def test_the_script_gives_the_same_rows_under_datasets_3(folder, make, tmp_path):
    python = datasets_3(tmp_path / "environment")
    code = f"""
        import datasets
        assert datasets.__version__.startswith("3."), datasets.__version__
        try:
            import tmor_hf
        except ImportError:
            found = {{}}
        for config in {list(CONFIGS)!r}:
            options = {{"name": config, "data_dir": {str(folder)!r}, "trust_remote_code": True}}
            script = datasets.load_dataset({str(SCRIPT)!r}, **options)
            stream = datasets.load_dataset({str(SCRIPT)!r}, streaming=True, **options)
            modern = datasets.load_dataset({str(folder)!r}, config)
            assert stream["train"].num_shards == 3
            found[config] = [row_hashes(splits) for splits in (script, stream, modern)]
        print(json.dumps(found))
    """
    found = run(python, code, tmp_path / "home")
    for config in CONFIGS:
        expected = row_hashes(prepared(make(config_name=config, data_dir=str(folder))))
        assert found[config] == [expected] * 3, config


def datasets_3(folder: Path) -> str:
    """The interpreter of a new environment with datasets 3; skips the test where no package index answers."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    command = [python, "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "20", "datasets>=3.6,<4"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"pip could not install datasets 3: {done.stderr.strip().splitlines()[-1]}")
    return python
