# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Runs transformers' own common tests on the classes of this package: `make test-conventions`.

The tests are not in the wheel of transformers but in its source distribution on PyPI. This script downloads the one of
the installed version into `.conventions/` (ignored by git; the tests are others' code under Apache-2.0), adds the few
modules that the source distribution lacks, and starts pytest on this folder. Further arguments go to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import transformers

HERE = Path(__file__).resolve().parent
DOWNLOADS = HERE.parents[1] / ".conventions"

# Modules that the common tests import and the source distribution leaves out. Our models do not generate, and export
# is tested elsewhere: those testers are empty here. The values of `config_common_kwargs` differ from all defaults, as
# they must.
MISSING_FILES = {
    "tests/__init__.py": "",
    "tests/exporters/__init__.py": "",
    "tests/exporters/test_export.py": "class ExportTesterMixin:\n    pass\n",
    "tests/generation/__init__.py": "",
    "tests/generation/test_utils.py": "class GenerationTesterMixin:\n    pass\n",
    "tests/utils/__init__.py": "",
    "tests/utils/test_configuration_utils.py": """config_common_kwargs = {
    "return_dict": False,
    "output_hidden_states": True,
    "output_attentions": True,
    "dtype": "float16",
    "chunk_size_feed_forward": 5,
    "architectures": ["TMorModel"],
    "id2label": {0: "label"},
    "label2id": {"label": "0"},
    "problem_type": "regression",
}
""",
    "tests/utils/tiny_model_summary.json": "{}",
    "utils/fetch_hub_objects_for_ci.py": "def url_to_local_path(url, return_url_if_not_found=True):\n    return url\n",
    "pytest.ini": "[pytest]\naddopts = --import-mode=prepend --noconftest\nfilterwarnings =\n    ignore\n",
}


def download_tests(version: str, target: Path) -> None:
    """Unpacks `tests/` of the source distribution of transformers into `target`.

    Raises:
        subprocess.CalledProcessError: If pip cannot download it.
    """
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        options = ["--no-deps", "--no-binary", "transformers", "--dest", folder]
        subprocess.run([*pip, *options, f"transformers=={version}"], check=True)
        with tarfile.open(next(Path(folder).glob("transformers-*.tar.gz"))) as archive:
            root = f"transformers-{version}/"
            for member in archive.getmembers():
                name = member.name.removeprefix(root)
                path = (target / name).resolve()
                if member.isfile() and name.startswith("tests/") and path.is_relative_to(target.resolve()):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.extractfile(member).read())


def set_up() -> Path:
    """The folder with transformers' tests, made on the first call for each version of transformers."""
    version = transformers.__version__
    target = DOWNLOADS / f"transformers-{version}"
    if not (target / "pytest.ini").exists():
        print(f"downloading the tests of transformers {version} into {target}")
        download_tests(version, target)
        for name, text in MISSING_FILES.items():
            path = target / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    source = target / "src" / "transformers"
    source.parent.mkdir(exist_ok=True)
    if not source.exists():
        source.unlink(missing_ok=True)
        source.symlink_to(Path(transformers.__file__).parent, target_is_directory=True)
    return target


def main() -> int:
    target = set_up()
    environment = {**os.environ, "PYTHONPATH": str(target), "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    environment.setdefault("OMP_NUM_THREADS", "1")
    command = [sys.executable, "-m", "pytest", "-c", str(target / "pytest.ini"), "-q", str(HERE), *sys.argv[1:]]
    return subprocess.run(command, cwd=target, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
