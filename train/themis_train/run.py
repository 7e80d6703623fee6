"""Where a run takes place, handed from step to step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from themis_train.machine import Machine
from themis_train.resume import WorkFolder

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Run:
    """The processes of a run, the folder of what is finished, and who is told of it.

    ``work`` must be one folder for all processes.
    """

    machine: Machine
    work: WorkFolder
    log: Log
