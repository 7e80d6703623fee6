"""Reliability plots from the report of ``themis-export calibrate``, a PNG per criterion.

    python benchmarks/reliability.py report.json --out docs/images

A point on the diagonal is a probability that came true as often as it said. Needs matplotlib
(the extra ``bench``).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

from themis_lsp.criteria import Criterion

matplotlib.use("Agg")
from matplotlib import pyplot as plt


def plot(entry: Mapping[str, Any], out: Path) -> Path:
    """Draw one criterion; return the file."""
    criterion, points = Criterion(entry["criterion"]), entry["reliability"]
    figure, axes = plt.subplots(figsize=(4, 4), dpi=80)
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot([p["predicted"] for p in points], [p["observed"] for p in points], "o-")
    for point in points:
        place = point["predicted"], point["observed"]
        axes.annotate(f"{point['pairs']:,}", place, (4, -10), textcoords="offset points", size=6)
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel="predicted probability of a regression",
        ylabel="share that were regressions",
        title=f"{criterion.words}, {entry['fit']['scale']['pairs']:,} pairs",
    )
    axes.title.set_size(9)
    figure.tight_layout()
    file = out / f"reliability-{criterion.kebab}.png"
    figure.savefig(file)
    plt.close(figure)
    return file


def main() -> None:
    """Read the arguments, draw."""
    parser = argparse.ArgumentParser(description="Reliability plots.")
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for entry in json.loads(options.report.read_text(encoding="utf-8")):
        print(plot(entry, options.out))


if __name__ == "__main__":
    main()
