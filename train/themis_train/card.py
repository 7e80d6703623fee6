"""The model card of a Nano checkpoint."""

from __future__ import annotations

import math
from pathlib import Path

from themis_lsp.criteria import Criterion
from themis_train.evaluate import Evaluation

_FILE = "README.md"


def write_card(folder: Path, base: str, found: Evaluation, *, pairs: int, dev_pairs: int) -> None:
    """Write README.md beside the weights: what the model is and how well it did on ``dev_pairs``.

    ``base`` names the base model; ``pairs`` is how many the head was fitted to.
    """
    rows = "\n".join(
        f"| {criterion.words} | {_show(value)} |"
        for criterion, value in zip(Criterion, found.changed, strict=True)
    )
    (folder / _FILE).write_text(
        f"""# Themis-Nano

An additive reward model of code: the lowest layers of {base}, one linear reward per criterion, and
a table of what short runs of tokens are worth. `themis-export` makes a bundle of it.

Length-balanced accuracy on {dev_pairs:,} pairs that it was not fitted to, by the margin on the
changed tokens; {pairs:,} pairs were trained on. `nano.json` holds the options.

| criterion | accuracy |
| --- | --- |
{rows}
| mean | {_show(found.mean(found.changed))} |
""",
        encoding="utf-8",
    )


def _show(value: float) -> str:
    return "no pairs" if math.isnan(value) else f"{value:.3f}"
