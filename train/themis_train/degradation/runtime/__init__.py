"""Operators against runtime efficiency: the same result, later."""

from __future__ import annotations

from themis_train.degradation.operators import Operator
from themis_train.degradation.runtime import containers, growth, loops, searches

OPERATORS: tuple[Operator, ...] = (
    *loops.OPERATORS,
    *searches.OPERATORS,
    *containers.OPERATORS,
    *growth.OPERATORS,
)
