# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""`python -m tmor_hf.cli`, where the command `tmor` is not on the path."""

import sys

from .main import main

if __name__ == "__main__":
    sys.exit(main())
