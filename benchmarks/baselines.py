"""Two baselines that a model must beat on preference pairs, as a Markdown table per criterion.

    python benchmarks/baselines.py --train FILE... --dev FILE... [--results results.json]

Longer side wins: the reward is the number of characters. Hashed n-grams: the reward is linear in
the counts of token 1- to 3-grams, hashed; one Bradley-Terry fit per criterion, in which the pairs
whose longer side is better and those whose shorter side is better weigh the same. ``--results`` is
what ``themis-review bench --out`` wrote for the same dev files. Needs only the extra ``bench``.
"""

from __future__ import annotations

import argparse
import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from themis_lsp.bench.metrics import Margins, measure
from themis_lsp.criteria import Criterion
from themis_lsp.pairs import PreferencePair, read_pairs

Floats = NDArray[np.float64]

BUCKETS = 1 << 18
STEPS = 200
RIDGE = 1e-4  # of 1e-5 to 3e-3 the best on a tenth of the training repositories
TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Differences:
    """Chosen minus rejected, of each pair of one criterion.

    Features are sparse: ``values`` [entries] stand in ``rows`` and ``columns`` [entries].
    ``lengths`` [pairs] is in characters.
    """

    lengths: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: Floats

    def score(self, weights: Floats) -> Floats:
        """Return the margin [pairs] that ``weights`` [buckets] give."""
        return self._sum(self.rows, weights[self.columns], self.lengths.size)

    def pull_back(self, slopes: Floats) -> Floats:
        """Return the gradient [buckets] of a loss whose slope in each margin is ``slopes``."""
        return self._sum(self.columns, slopes[self.rows], BUCKETS)

    def _sum(self, keys: NDArray[np.int64], factors: Floats, size: int) -> Floats:
        return np.asarray(np.bincount(keys, self.values * factors, size), dtype=np.float64)


def count_grams(tokens: list[str]) -> Counter[int]:
    """Count the 1- to 3-grams of ``tokens`` by their bucket."""
    grams = (" ".join(tokens[i : i + n]) for n in (1, 2, 3) for i in range(len(tokens) - n + 1))
    return Counter(zlib.crc32(gram.encode()) % BUCKETS for gram in grams)


def compare(pair: PreferencePair) -> dict[int, float]:
    """Return the damped, normalized differences of the gram counts of a pair."""
    chosen, rejected = TOKEN.findall(pair.chosen), TOKEN.findall(pair.rejected)
    start = count_equal(zip(chosen, rejected, strict=False))
    shorter = min(len(chosen), len(rejected)) - start
    end = min(count_equal(zip(reversed(chosen), reversed(rejected), strict=False)), shorter)
    # Grams that lie wholly in the common start or end cancel out; two tokens reach into the change.
    first, cut = max(start - 2, 0), max(end - 2, 0)
    counts = count_grams(chosen[first : len(chosen) - cut])
    counts.subtract(count_grams(rejected[first : len(rejected) - cut]))
    damped = {key: np.sign(n) * np.log1p(abs(n)) for key, n in counts.items() if n}
    norm = sum(value**2 for value in damped.values()) ** 0.5
    return {key: value / norm for key, value in damped.items()}


def count_equal(couples: Iterable[tuple[str, str]]) -> int:
    """Count the couples of equal tokens before the first unequal one."""
    count = 0
    for left, right in couples:
        if left != right:
            break
        count += 1
    return count


def load(paths: list[Path]) -> dict[Criterion, Differences]:
    """Read pairs and compare their sides, by criterion."""
    lengths: dict[Criterion, list[int]] = defaultdict(list)
    entries: dict[Criterion, list[Floats]] = defaultdict(list)  # packed at once: there are millions
    for pair in (pair for path in paths for pair in read_pairs(path)):
        row = len(lengths[pair.criterion])
        triples = [(row, column, value) for column, value in compare(pair).items()]
        entries[pair.criterion].append(np.array(triples, dtype=np.float64).reshape(-1, 3))
        lengths[pair.criterion].append(len(pair.chosen) - len(pair.rejected))
    differences = {}
    for key in (key for key in Criterion if key in lengths):
        rows, columns, values = np.concatenate(entries.pop(key)).T
        keys = rows.astype(np.int64), columns.astype(np.int64)
        differences[key] = Differences(np.array(lengths[key]), *keys, values)
    return differences


def fit(train: Differences) -> Floats:
    """Return the weights [buckets] of least length-balanced Bradley-Terry loss, by Nesterov."""
    _, sides, counts = np.unique(np.sign(train.lengths), return_inverse=True, return_counts=True)
    balance = 1 / counts[sides]
    balance /= balance.sum()
    weights = ahead = np.zeros(BUCKETS)
    for step in range(STEPS):
        slopes = -balance / (1 + np.exp(train.score(ahead)))
        # Rows have norm 1, so the loss bends by at most 1/4 + RIDGE: a step of 3 is safe.
        moved = ahead - 3 * (train.pull_back(slopes) + RIDGE * ahead)
        ahead = moved + step / (step + 3) * (moved - weights)
        weights = moved
    return weights


def format_row(name: str, figures: list[float | None]) -> str:
    """Return a line of the table."""
    cells = ["-" if figure is None else f"{figure:.3f}" for figure in figures]
    return f"| {' | '.join([name, *cells])} |"


def main() -> None:
    """Read the arguments, fit, print."""
    parser = argparse.ArgumentParser(description="Baselines on preference pairs.")
    for name in ("--train", "--dev"):
        parser.add_argument(name, type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--results", type=Path, metavar="FILE", help="results.json of a bundle")
    options = parser.parse_args()
    results: dict[str, Any] = json.loads(options.results.read_text()) if options.results else {}
    names = ["longer side wins", "hashed n-grams", *([results["model"]["name"]] if results else [])]
    print("| criterion | pairs |", " | ".join(f"{name} | length-balanced" for name in names), "|")
    print("| --- " * (2 + 2 * len(names)) + "|")
    train, dev = load(options.train), load(options.dev)
    balanced: list[list[float | None]] = []
    for criterion, pairs in dev.items():
        figures: list[float | None] = []
        for margins in (pairs.lengths.astype(np.float64), pairs.score(fit(train[criterion]))):
            measured = measure(Margins(margins, pairs.lengths, np.abs(margins)))
            figures += [measured.accuracy, measured.length_balanced_accuracy]
        if results:
            group = results["by_aspect"].get(criterion, {})
            figures += [group.get("accuracy"), group.get("length_balanced_accuracy")]
        print(format_row(f"{criterion.words} | {pairs.lengths.size:,}", figures), flush=True)
        balanced.append(figures[1::2])
    means = [
        np.mean([x for x in column if x is not None]) for column in zip(*balanced, strict=True)
    ]
    print(format_row("mean of the criteria | ", [x for mean in means for x in (None, mean)]))


if __name__ == "__main__":
    main()
