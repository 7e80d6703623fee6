"""The learning rate of a step: linear up, then a cosine down."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """``peak`` is reached after the share ``warm_up`` of the steps, ``final`` at the last one."""

    peak: float
    final: float
    warm_up: float


def rate_at(step: int, steps: int, rates: Rates) -> float:
    """Return the learning rate of ``step`` (from 0) of ``steps``."""
    warm_up = max(1, round(rates.warm_up * steps))
    if step < warm_up:
        return rates.peak * (step + 1) / warm_up
    share = (step + 1 - warm_up) / max(1, steps - warm_up)
    height = 0.5 * (1 + math.cos(math.pi * share))
    return rates.final + (rates.peak - rates.final) * height
