# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""The code that travels with a checkpoint, so that `trust_remote_code=True` does where this package is not installed.

transformers copies files that lie flat beside each other and import each other by `from .sibling import name`. The
files of `modeling`, `processing` and `pipelines` are made so: what they import of each other becomes a sibling, and
what a function of theirs imports of the rest of the package is asked of an installed `tmor_hf`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parents[1]
_PARTS = ("modeling", "processing", "pipelines")
_CONFIGURATION = "configuration_tmor"

_MISSING_PACKAGE = """\
try:
    from {module} import {names}
except ImportError as error:
    raise ImportError("expected {module} of the package tmor_hf, got none; pip install tmor_hf") from error
"""

_CUSTOM_PIPELINES = '''

def _custom_pipelines(self):
    """Task -> the class for `pipeline`. In config.json it would ask users of tmor_hf to trust this code too."""
    return {pipelines!r}


{config}.custom_pipelines = property(_custom_pipelines)
'''


def remote_code(auto_map: Mapping[str, str], pipelines: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The files that the classes of a checkpoint need.

    Args:
        auto_map: Auto class -> `"module.Class"`, as in config.json.
        pipelines: Task -> `{"impl": "module.Class", "pt": [names of Auto classes]}`.

    Returns:
        Name of a file -> its text.

    Raises:
        ValueError: If a module of the package could not travel.
    """
    modules = [reference.partition(".")[0] for reference in auto_map.values()]
    modules += [pipeline["impl"].partition(".")[0] for pipeline in pipelines.values()]
    files = {name: _flatten(_find(name)) for name in _with_siblings(modules)}
    config = auto_map["AutoConfig"].partition(".")[2]
    files[_CONFIGURATION] += _CUSTOM_PIPELINES.format(pipelines=dict(pipelines), config=config)
    return {f"{name}.py": text for name, text in sorted(files.items())}


def _find(module: str) -> Path:
    found = [path for part in _PARTS if (path := _PACKAGE / part / f"{module}.py").is_file()]
    if len(found) != 1:
        raise ValueError(f"expected one file {module}.py in {', '.join(_PARTS)}, got {len(found)}; rename one")
    return found[0]


def _with_siblings(modules: Iterable[str]) -> set[str]:
    """The modules and, again and again, all that they import of the parts that travel."""
    found, new = set(), list(modules)
    while new:
        module = new.pop()
        if module not in found:
            found.add(module)
            new += [sibling for _, sibling in _relative_imports(_find(module)) if sibling is not None]
    return found


@cache  # the files do not change, and each is asked for several times
def _relative_imports(path: Path) -> list[tuple[ast.ImportFrom, str | None]]:
    """Relative imports of a file; each with the sibling that it becomes, or `None` if it stays in the package."""
    imports = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            steps = (node.module or "").split(".")
            if node.level == 1 and len(steps) == 1 and steps[0]:
                imports.append((node, steps[0]))
            elif node.level == 2 and len(steps) == 2 and steps[0] in _PARTS:
                imports.append((node, steps[1]))
            elif node.level == 2 and node.col_offset > 0:
                imports.append((node, None))
            else:
                raise ValueError(f"{path.name} cannot travel to the Hub: move `{ast.unparse(node)}` into a function")
    return imports


def _flatten(path: Path) -> str:
    """The text of a file with its relative imports rewritten; other lines stay as they are."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for node, sibling in sorted(_relative_imports(path), key=lambda found: -found[0].lineno):
        names = ", ".join(ast.unparse(alias) for alias in node.names)
        if sibling is not None:
            first = lines[node.lineno - 1]
            lines[node.lineno - 1] = first.replace(f"{'.' * node.level}{node.module} ", f".{sibling} ", 1)
            continue
        new = _MISSING_PACKAGE.format(module=".".join(filter(None, ["tmor_hf", node.module])), names=names)
        indented = [" " * node.col_offset + line for line in new.splitlines(keepends=True)]
        lines[node.lineno - 1 : node.end_lineno] = indented
    return "".join(lines)


__all__ = ["remote_code"]
