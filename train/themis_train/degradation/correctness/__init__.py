"""Operators against functional correctness: the code does something else than it should."""

from __future__ import annotations

from themis_train.degradation.correctness import comparisons, flow, values
from themis_train.degradation.operators import Operator

OPERATORS: tuple[Operator, ...] = (*comparisons.OPERATORS, *flow.OPERATORS, *values.OPERATORS)
