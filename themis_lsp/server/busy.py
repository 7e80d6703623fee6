"""Whether the machine has other things to do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

_STATISTICS = Path("/proc/stat")
_BUSY_SHARE = 0.7


def watch_others() -> Callable[[], bool]:
    """Return a function that tells whether other processes keep most of the machine busy.

    It looks at the time since it was asked last. Where the system does not say, it is never busy.
    """
    last = _read_times()

    def is_busy() -> bool:
        nonlocal last
        now = _read_times()
        earlier, last = last, now
        if now is None or earlier is None or now[0] - earlier[0] < 0.1:
            return False
        others_s = (now[1] - earlier[1]) - (now[2] - earlier[2])
        return others_s > _BUSY_SHARE * (now[0] - earlier[0])

    return is_busy


def _read_times() -> tuple[float, float, float] | None:
    """Return seconds, over all cores: passed, worked by anybody, worked by this process."""
    try:
        with _STATISTICS.open(encoding="ascii") as file:
            ticks = [int(word) for word in file.readline().split()[1:9]]
        per_second = os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None
    idle = ticks[3] + ticks[4]
    return sum(ticks) / per_second, (sum(ticks) - idle) / per_second, time.process_time()
