"""The curves of a run, for TensorBoard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from themis_lsp.errors import UserError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class Curves(Protocol):
    """Takes figures as they come."""

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        """Add a point to each named curve."""


@contextmanager
def open_curves(folder: Path, *, first_step: int, is_main: bool) -> Iterator[Curves]:
    """Yield curves that only the main process writes.

    Points of an earlier, killed start from ``first_step`` on are hidden. Raises UserError when
    TensorBoard is missing.
    """
    if not is_main:
        yield _NoCurves()
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UserError(
            "tensorboard is not installed; pip install 'themis-review[train]'"
        ) from error
    with SummaryWriter(str(folder), purge_step=first_step) as writer:
        yield _TensorBoardCurves(writer)


class _NoCurves:
    def add(self, step: int, figures: Mapping[str, float]) -> None:
        pass


class _TensorBoardCurves:
    def __init__(self, writer: SummaryWriter) -> None:
        self._writer = writer

    def add(self, step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()
