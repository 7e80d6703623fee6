"""Operators against memory efficiency: more is held, longer, or never let go."""

from __future__ import annotations

from themis_train.degradation.memory import copies, planted, resources, retention, sizes
from themis_train.degradation.operators import Operator

OPERATORS: tuple[Operator, ...] = (
    *resources.OPERATORS,
    *copies.OPERATORS,
    *retention.OPERATORS,
    *sizes.OPERATORS,
    *planted.OPERATORS,
)
