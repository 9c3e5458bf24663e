# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The shape of the package: which part may import which, read from the sources."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "tmor_hf"
HEADER = "# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0."

# Part of the package -> the other parts that it may import. What is not here (`__init__.py`, ...) stands above.
ARROWS: dict[str, set[str]] = {
    "modeling": set(),
    "processing": set(),
    "io": {"processing"},
    "pipelines": {"modeling", "processing", "io", "export"},
    "data": {"processing", "io", "arguments"},
    "training": {"modeling", "data", "arguments"},
    "evaluation": {"processing"},
    "few_shot": {"modeling", "processing", "data", "evaluation", "training"},
    "streaming": {"modeling", "processing", "io", "pipelines"},
    "search": {"modeling", "processing", "io", "evaluation"},
    "visualization": {"processing", "io"},
    "hub": {"modeling", "checkpoints"},
    "export": {"modeling", "evaluation"},
    "arguments": set(),
    "checkpoints": set(),
    "auto": {"checkpoints", "export", "modeling", "processing", "pipelines", "few_shot"},
}
# The parts that travel to the Hub as remote code, and the third parties that they may import.
REMOTE_CODE: dict[str, set[str]] = {
    "modeling": {"torch", "transformers", "huggingface_hub"},
    "processing": {"numpy", "transformers", "huggingface_hub"},
}
# Installed with the package; everything else is an extra and may only be imported where it is used.
REQUIRED = {
    "accelerate", "huggingface_hub", "numpy", "safetensors", "tokenizers", "torch", "tqdm", "transformers",
}  # fmt: skip
# Files that subclass what an extra brings: they import it, and nothing of the package imports them. The first is a
# script that `datasets` runs by itself.
SCRIPTS: dict[str, set[str]] = {
    "data/posecap_1m.py": {"datasets", "pyarrow"},
    "evaluation/evaluate_metrics.py": {"datasets", "evaluate"},
}
PICKLES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
REGISTRIES = {"PIPELINE_REGISTRY", "_LazyAutoMapping", "_BaseAutoModelClass", "auto_class_update"}


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def python_files(*folders: str) -> list[Path]:
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert files, f"no files in {folders}"
    return files


def imported_modules(tree: ast.AST, package: str) -> Iterator[str]:
    """Absolute names of all that a module in `package` imports; for `from x import y` both `x` and `x.y`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def modules_of(path: Path) -> set[str]:
    package = ".".join(["tmor_hf", *path.relative_to(SOURCE).parent.parts])
    return set(imported_modules(parse(path), package))


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def own_parts(modules: set[str]) -> set[str]:
    """Parts of this package among modules; names that are no part (functions of `__init__.py`) are left out."""
    names = {name.split(".")[1] for name in modules if name.startswith("tmor_hf.")}
    return {name for name in names if (SOURCE / name).is_dir() or (SOURCE / f"{name}.py").is_file()}


def third_parties(modules: set[str]) -> set[str]:
    return {name.split(".")[0] for name in modules} - sys.stdlib_module_names - {"tmor_hf", ""}


def run_at_import(tree: ast.Module) -> ast.Module:
    """The module without the bodies of its functions and without what only type checkers read."""

    class Pruner(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        visit_AsyncFunctionDef = visit_FunctionDef

        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if "TYPE_CHECKING" in ast.unparse(node.test) else self.generic_visit(node)

    return Pruner().visit(tree)


SOURCES = python_files("src/tmor_hf")
ids = {"ids": lambda path: str(path.relative_to(ROOT))}


@pytest.mark.parametrize("path", [path for path in SOURCES if part_of(path) in ARROWS], **ids)
def test_imports_follow_the_arrows(path):
    part = part_of(path)
    assert own_parts(modules_of(path)) <= ARROWS[part] | {part}


@pytest.mark.parametrize("path", [path for path in SOURCES if part_of(path) in REMOTE_CODE], **ids)
def test_remote_code_imports_flat_siblings_and_few_third_parties(path):
    part = part_of(path)
    assert path.parent == SOURCE / part, "transformers flattens the files of remote code: no sub-packages"
    assert third_parties(modules_of(path)) <= REMOTE_CODE[part]
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            # transformers copies a sibling only for `from .sibling import name`.
            assert node.level == 1 and node.module and "." not in node.module, ast.unparse(node)
            assert (path.parent / f"{node.module}.py").is_file(), ast.unparse(node)
        assert not any(name == "tmor_hf" or name.startswith("tmor_hf.") for name in absolute_imports(node))


def absolute_imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and not node.level and node.module else []


@pytest.mark.parametrize("path", SOURCES, **ids)
def test_extras_are_imported_where_they_are_used(path):
    package = ".".join(["tmor_hf", *path.relative_to(SOURCE).parent.parts])
    allowed = REQUIRED | SCRIPTS.get(path.relative_to(SOURCE).as_posix(), set())
    assert third_parties(set(imported_modules(run_at_import(parse(path)), package))) <= allowed


@pytest.mark.parametrize("path", SOURCES, **ids)
def test_only_auto_touches_the_registries(path):
    if part_of(path) == "auto":
        pytest.skip("this is the file that may")
    tree = parse(path)
    assert not {name.rsplit(".", 1)[-1] for name in modules_of(path)} & REGISTRIES
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not [call for call in calls if call.startswith("Auto") and call.endswith(".register")]


@pytest.mark.parametrize("path", python_files("src", "examples", "benchmarks"), **ids)
def test_nothing_reads_or_writes_pickles(path):
    tree = parse(path)
    assert not third_parties_and_stdlib(tree) & PICKLES
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            options = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert options.get("allow_pickle", "False") == "False", ast.unparse(node)
            if ast.unparse(node.func) == "torch.load":
                assert options.get("weights_only") == "True", ast.unparse(node)


def third_parties_and_stdlib(tree: ast.Module) -> set[str]:
    return {name.split(".")[0] for name in imported_modules(tree, "tmor_hf")}


@pytest.mark.parametrize("path", python_files("examples"), **ids)
def test_examples_use_public_names(path):
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "tmor_hf":
            public = __import__(node.module, fromlist=["__all__"]).__all__
            assert {alias.name for alias in node.names} <= set(public), ast.unparse(node)


@pytest.mark.parametrize("path", python_files("src", "tests", "examples", "benchmarks"), **ids)
def test_every_file_has_the_header(path):
    assert path.read_text(encoding="utf-8").split("\n", 1)[0] == HEADER


def test_the_readers_of_imports_see_what_they_should():
    tree = ast.parse(
        "import torch\nfrom ..data import clips\nfrom .sibling import name\n"
        "if TYPE_CHECKING:\n    import pandas\n"
        "def use():\n    import datasets\n"
    )
    modules = set(imported_modules(tree, "tmor_hf.training"))
    assert {"torch", "tmor_hf.data", "tmor_hf.data.clips", "tmor_hf.training.sibling", "datasets"} <= modules
    assert own_parts(modules) == {"data", "training"}
    assert third_parties(modules) == {"torch", "pandas", "datasets"}
    assert third_parties(set(imported_modules(run_at_import(tree), "tmor_hf.training"))) == {"torch"}
