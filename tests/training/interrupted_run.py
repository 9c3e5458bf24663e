# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Started by test_trainer.py in a process of its own: a run that is sent SIGTERM in the midst of step 4."""

from __future__ import annotations

import os
import signal
import sys

from tiny_runs import TinyClips, tiny_trainer


class SignallingClips(TinyClips):
    """Sends the signal when the fourth batch is read."""

    def __init__(self, number: int):
        super().__init__(22)
        self.number, self.num_read = number, 0

    def __getitem__(self, index):
        self.num_read += 1
        if self.num_read == 14:
            os.kill(os.getpid(), self.number)
        return super().__getitem__(index)


if __name__ == "__main__":
    clips = SignallingClips(signal.SIGTERM)
    tiny_trainer(sys.argv[1], clips=clips, save_steps=100).train()
    print("not reached")
