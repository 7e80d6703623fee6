"""Operators against readability: the code does the same and is harder to read."""

from __future__ import annotations

from themis_train.degradation.operators import Operator
from themis_train.degradation.readability import clutter, comments, names, nesting, spelling

OPERATORS: tuple[Operator, ...] = (
    *names.OPERATORS,
    *comments.OPERATORS,
    *clutter.OPERATORS,
    *nesting.OPERATORS,
    *spelling.OPERATORS,
)
