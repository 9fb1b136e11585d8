"""Batches prepared ahead, by processes that nobody sees: neither in an error nor when a signal comes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Generator
from functools import partial
from multiprocessing.synchronize import Event

import torch
from torch.utils.data import DataLoader, Dataset

from ..datasets import DatasetError
from ..imaging.radiograph import RadiographError
from .data import Batch, Batches

GRACE_SECONDS = 120


def stream(batches: Batches, start: int, workers: int) -> Generator[Batch, None, None]:
    """Batches from step `start` on, prepared ahead by `workers` processes (0: in this one).

    Close it (`contextlib.closing`) where it is not used up, for its processes to end. What is wrong with an
    image is raised here as it was there: RadiographError, DatasetError or OSError.
    """
    ending = multiprocessing.get_context().Event()
    loader = DataLoader(
        _Told(batches),
        batch_size=None,
        sampler=range(start, len(batches)),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=torch.cuda.is_available(),
        worker_init_fn=partial(_leave_signals, ending),
    )
    reading = iter(loader)
    try:
        for batch in reading:
            if isinstance(batch, Exception):
                raise batch
            yield batch
    finally:
        ending.set()
        # torch leaves this to the iterator's end, which an error's traceback puts off until Python's own.
        getattr(reading, "_shutdown_workers", lambda: None)()


class _Told(Dataset):
    """Batches, or what was wrong with one: torch would wrap an error in its own words and a traceback."""

    def __init__(self, batches: Batches):
        self.batches = batches

    def __getitem__(self, step: int) -> Batch | Exception:
        try:
            return self.batches[step]
        except (RadiographError, DatasetError, OSError) as error:
            return error


def _leave_signals(ending: Event, worker: int) -> None:
    """Signals to the whole group are for the process that trains: it ends its step, and then this one.

    Were this one gone before, that step could not be ended. Should it be left over, it goes by itself; so it
    does at once where it is told to, with `ending` set, by that process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "alarm"):
        signal.signal(
            signal.SIGTERM, lambda number, frame: signal.alarm(1 if ending.is_set() else GRACE_SECONDS)
        )
