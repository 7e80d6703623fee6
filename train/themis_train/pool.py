"""Work spread over processes that end when the one that started them does."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process
from typing import TypeVar

from themis_lsp.errors import UserError

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def run_each(
    work: Callable[[_Task], _Result], tasks: Sequence[_Task], *, jobs: int
) -> Iterator[tuple[int, _Result]]:
    """Yield the number and result of each task, as they are done; with one job, in this process.

    Raises UserError when a process dies.
    """
    if jobs == 1 or len(tasks) < 2:
        yield from ((number, work(task)) for number, task in enumerate(tasks))
        return
    # Not by forking: this process may have threads.
    pool = ProcessPoolExecutor(
        min(jobs, len(tasks)), mp_context=get_context("spawn"), initializer=_prepare
    )
    try:
        numbers = {pool.submit(work, task): number for number, task in enumerate(tasks)}
        for future in as_completed(numbers):
            yield numbers[future], future.result()
    except BrokenProcessPool as error:
        raise UserError(
            "a worker process died, perhaps for want of memory; run the same command again: what "
            "is finished is kept, and --jobs 1 takes the least memory"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    # An interrupt from the keyboard reaches every process; only the first is to act on it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
