"""Where a configuration keeps the base of the rotary embedding, which changed between versions.

transformers 5 writes ``rope_parameters.rope_theta``. transformers 4 reads ``rope_theta`` and, where
it finds none, takes 10,000 without a word: every reward is then wrong. So both are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from themis_lsp.errors import UserError


def name_rope_twice(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a config.json with the rotary base where every version looks.

    Raises UserError when the two places contradict each other.
    """
    nested = fields.get("rope_parameters") or {}
    inner = nested.get("rope_theta") if isinstance(nested, dict) else None
    outer = fields.get("rope_theta")
    if inner is not None and outer is not None and float(inner) != float(outer):
        raise UserError(
            f"config.json: rope_theta is {outer} and rope_parameters.rope_theta is {inner}; "
            "ask whoever made the checkpoint which is right and correct the other"
        )
    if inner is not None:
        return {**fields, "rope_theta": inner}
    if outer is not None and "rope_parameters" in fields:
        return {
            **fields,
            "rope_parameters": {"rope_type": "default", **nested, "rope_theta": outer},
        }
    if outer is not None and not fields.get("rope_scaling"):
        default = {"rope_type": "default", "rope_theta": outer}
        return {**fields, "rope_parameters": default}
    return dict(fields)
