"""A progress bar for work that takes long enough to wonder about."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

_PATIENCE_S = 1.0


@contextlib.contextmanager
def scoring_progress(
    count: int, noun: str, *, steps: int = 1, is_quiet: bool = False
) -> Iterator[Callable[[int], None]]:
    """Yield what to call with the number of steps just finished.

    The work is ``count`` things, called ``noun`` in the plural, of ``steps`` steps each. A bar
    appears on standard error when that is a terminal and the work is not done within a second; it
    leaves nothing behind.
    """
    if is_quiet or not sys.stderr.isatty():
        yield lambda _done: None
        return
    with contextlib.ExitStack() as stack:
        started = time.perf_counter()
        finished, total = 0, count * steps
        advance: Callable[[int], None] | None = None

        def report(done: int) -> None:
            nonlocal finished, advance
            finished += done
            if advance is not None:
                advance(done)
            elif finished < total and time.perf_counter() - started > _PATIENCE_S:
                advance = _open_bar(stack, f"scoring {count:,} {noun}", total)
                advance(finished)

        yield report


def _open_bar(stack: contextlib.ExitStack, title: str, total: int) -> Callable[[int], None]:
    from rich.console import Console
    from rich.progress import Progress

    bar = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
    task = bar.add_task(title, total=total)
    return lambda done: bar.advance(task, done)
