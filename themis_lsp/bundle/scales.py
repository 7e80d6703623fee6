"""What the margins of a bundle mean: how likely a loss is real, and from where on to say so.

::

    {"Functional_Correctness": {"temperature": 0.4, "warn_below": -0.9, "gate_below": -1.2,
                                "improved_above": 0.8, "pairs": 1200, "prior_tokens": 20.0},
     "Security_Hardness": {"temperature": 0.7, "warn_below": null, "gate_below": null,
                           "improved_above": null, "pairs": 90, "prior_tokens": 0.0}, ...}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from themis_lsp.criteria import Criterion

WARN_PRECISION = 0.90
GATE_PRECISION = 0.95


@dataclass(frozen=True, slots=True)
class MarginScale:
    """What the margins of one criterion mean, fitted on ``pairs`` never trained on.

    A change of margin m is a regression with probability ``sigmoid(-m / temperature)``. Of changes
    with a margin under ``warn_below``, ``WARN_PRECISION`` of a realistic mix are regressions, under
    ``gate_below`` ``GATE_PRECISION``; of those over ``improved_above``, ``WARN_PRECISION`` are
    improvements. What lies between is the dead band. None stands for a threshold that the data
    could not support. A margin read from n tokens counts n / (n + ``prior_tokens``).
    """

    temperature: float
    warn_below: float | None
    gate_below: float | None
    improved_above: float | None
    pairs: int
    prior_tokens: float = 0.0


def scales_to_json(scales: Mapping[Criterion, MarginScale]) -> dict[str, object]:
    """Return the scales as plain JSON data."""
    return {criterion.value: asdict(scale) for criterion, scale in scales.items()}


def scales_from_json(entries: object) -> dict[Criterion, MarginScale]:
    """Return the scales that ``scales_to_json`` wrote. Raises ValueError saying what is wrong."""
    if not isinstance(entries, dict):
        raise ValueError("is not an object")
    scales = {}
    for name, entry in entries.items():
        if name not in list(Criterion):
            raise ValueError(f"names an unknown criterion {name!r}")
        # Bundles of before there was one lack prior_tokens, which is to have none.
        known = {field.name for field in fields(MarginScale)}
        if not isinstance(entry, dict) or {*entry, "prior_tokens"} != known:
            raise ValueError(f"of {name} needs {', '.join(f.name for f in fields(MarginScale))}")
        scales[Criterion(name)] = _parse(name, {"prior_tokens": 0.0, **entry})
    return scales


def _parse(name: str, entry: Mapping[str, object]) -> MarginScale:
    temperature, pairs = _number(name, "temperature", entry), entry["pairs"]
    if temperature is None or temperature <= 0:
        raise ValueError(f"of {name} has a temperature that is not positive")
    if not isinstance(pairs, int) or isinstance(pairs, bool) or pairs < 0:
        raise ValueError(f"of {name} has a number of pairs that is none")
    warn, gate = _number(name, "warn_below", entry), _number(name, "gate_below", entry)
    improved = _number(name, "improved_above", entry)
    if gate is not None and (warn is None or gate > warn):
        raise ValueError(f"of {name} has a gate that closes before the warning")
    if warn is not None and improved is not None and improved < warn:
        raise ValueError(f"of {name} calls the same margin improved and regressed")
    prior = _number(name, "prior_tokens", entry)
    if prior is None or prior < 0:
        raise ValueError(f"of {name} has a prior_tokens below 0")
    return MarginScale(temperature, warn, gate, improved, pairs, prior)


def _number(name: str, key: str, entry: Mapping[str, object]) -> float | None:
    value = entry[key]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"of {name} has a {key} that is not a number")
    return float(value)
