"""What a session on a GPU is told: how much memory it may take, and to repeat itself."""

from __future__ import annotations

import re
from collections.abc import Mapping

from themis_lsp.errors import UserError

MEMORY_VARIABLE = "THEMIS_GPU_MEMORY"

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?)(i?)B?", re.IGNORECASE)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3}


def provider_options(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the options of the CUDA provider. Raises UserError as ``memory_limit_bytes``."""
    options = {
        # TensorFloat-32 would cut float32 down to 10 bits, on some GPUs and not on others.
        "use_tf32": "0",
        # By default each growth of the arena takes twice what is asked for.
        "arena_extend_strategy": "kSameAsRequested",
    }
    limit = memory_limit_bytes(variables.get(MEMORY_VARIABLE, ""))
    return options if limit is None else {**options, "gpu_mem_limit": str(limit)}


def memory_limit_bytes(text: str) -> int | None:
    """Return the bytes that ``6 GB``, ``6GiB`` or ``6000000000`` stand for; None for no text.

    Raises UserError when it is something else, or nothing.
    """
    if not text.strip():
        return None
    found = _AMOUNT.fullmatch(text.strip())
    limit = 0
    if found is not None:
        number, prefix, binary = found.groups()
        limit = int(float(number) * (1024 if binary else 1000) ** _POWERS[prefix.upper()])
    if limit <= 0:
        raise UserError(
            f"{MEMORY_VARIABLE} is {text!r}, which is no amount of memory; write it like 6GB"
        )
    return limit
