"""All neutral operators."""

from __future__ import annotations

from themis_train.neutral import comments, layout, names, order, syntax

OPERATORS = (
    *layout.OPERATORS,
    *names.OPERATORS,
    *order.OPERATORS,
    *comments.OPERATORS,
    *syntax.OPERATORS,
)
