"""A progress bar for work that takes long enough to wonder about."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

_PATIENCE_S = 1.0


@contextlib.contextmanager
def scoring_progress(total: int, *, is_quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Yield what to call with the number of units just finished.

    A bar appears on standard error when that is a terminal and the work is not done within a
    second; it leaves nothing behind.
    """
    if is_quiet or not sys.stderr.isatty():
        yield lambda _count: None
        return
    with contextlib.ExitStack() as stack:
        started = time.perf_counter()
        finished = 0
        advance: Callable[[int], None] | None = None

        def report(count: int) -> None:
            nonlocal finished, advance
            finished += count
            if advance is not None:
                advance(count)
            elif finished < total and time.perf_counter() - started > _PATIENCE_S:
                advance = _open_bar(stack, total)
                advance(finished)

        yield report


def _open_bar(stack: contextlib.ExitStack, total: int) -> Callable[[int], None]:
    from rich.console import Console
    from rich.progress import Progress

    bar = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
    task = bar.add_task(f"scoring {total:,} units", total=total)
    return lambda count: bar.advance(task, count)
