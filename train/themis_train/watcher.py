"""Who is told how far a long piece of work is."""

from __future__ import annotations

from typing import Protocol


class Watcher(Protocol):
    """Is told how far the work is."""

    def start(self, task: str, total: int) -> None:
        """A task of ``total`` steps begins; the one before is over."""

    def advance(self, steps: int) -> None:
        """So many more steps are done."""

    def warn(self, line: str) -> None:
        """Something is missing from the result."""
