"""The number formats to train in."""

from __future__ import annotations

from enum import StrEnum


class Precision(StrEnum):
    """The number format of the decoder's arithmetic; weights and optimizer stay in float32."""

    AUTO = "auto"  # bfloat16 where the processor or GPU has it natively
    BFLOAT16 = "bf16"
    FLOAT32 = "fp32"
