"""Operators against security: what an attacker can make use of."""

from __future__ import annotations

from themis_train.degradation.operators import Operator
from themis_train.degradation.security import (
    buffers,
    checks,
    crypto,
    injection,
    leaks,
    places,
    trust,
)

OPERATORS: tuple[Operator, ...] = (
    *checks.OPERATORS,
    *injection.OPERATORS,
    *places.OPERATORS,
    *crypto.OPERATORS,
    *trust.OPERATORS,
    *leaks.OPERATORS,
    *buffers.OPERATORS,
)
