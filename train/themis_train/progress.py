"""Progress on standard error: a bar on a terminal, else a line for each task."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TimeRemainingColumn

_COLUMNS = (
    "{task.description}",
    BarColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
)


@dataclass(slots=True)
class ProgressLines:
    """Says which task begins, and every tenth of it."""

    _task: str = ""
    _total: int = 0
    _done: int = 0

    def start(self, task: str, total: int) -> None:
        """Say what begins."""
        self._task, self._total, self._done = task, total, 0
        click.echo(f"{task}: {total:,}", err=True)

    def advance(self, steps: int) -> None:
        """Say how far it is, now and then."""
        tenths = 10 * self._done // max(self._total, 1)
        self._done += steps
        if 10 * self._done // max(self._total, 1) > tenths and self._total > 10:
            click.echo(f"{self._task}: {self._done:,} of {self._total:,}", err=True)

    def warn(self, line: str) -> None:
        """Print a warning."""
        click.echo(f"warning: {line}", err=True)


@dataclass(slots=True)
class ProgressBar:
    """Shows one bar a task."""

    _bar: Progress
    _tasks: list[TaskID] = field(default_factory=list)

    def start(self, task: str, total: int) -> None:
        """Open a bar."""
        self._tasks.append(self._bar.add_task(task, total=total))

    def advance(self, steps: int) -> None:
        """Move the bar."""
        self._bar.advance(self._tasks[-1], steps)

    def warn(self, line: str) -> None:
        """Print a warning above the bars."""
        self._bar.console.print(f"warning: {line}", markup=False, highlight=False)


@contextlib.contextmanager
def show_progress() -> Iterator[ProgressBar | ProgressLines]:
    """Yield what to tell the progress to."""
    if not sys.stderr.isatty():
        yield ProgressLines()
        return
    with Progress(*_COLUMNS, console=Console(stderr=True)) as bar:
        yield ProgressBar(bar)
