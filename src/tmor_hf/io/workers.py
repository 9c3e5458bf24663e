# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Processes that read many files: how many of them pay, and how they leave Ctrl-C to the one that started them."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ProcessPoolExecutor

FILES_PER_TASK = 16
_FILES_PER_WORKER = 256  # a process of its own pays from about so many files on


def workers_that_pay(num_files: int) -> int:
    """How many processes pay for so many files, up to the number of cores; below two, none but this one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, num_files // _FILES_PER_WORKER)


def start_readers(num_workers: int) -> ProcessPoolExecutor:
    """A pool of processes that read."""
    # Ctrl-C goes to all processes; only the one that started them answers, by leaving.
    return ProcessPoolExecutor(num_workers, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))


__all__ = ["FILES_PER_TASK", "start_readers", "workers_that_pay"]
