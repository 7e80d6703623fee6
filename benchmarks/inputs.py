"""What the benchmarks share: their arguments, drawn rows, the opened bundle, Markdown tables."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from themis_lsp.bench.run import ScoredPair, read_changes, score_pairs
from themis_lsp.cli.scorer import OpenedScorer, open_scorer
from themis_lsp.pairs import PreferencePair

_Row = TypeVar("_Row")


def make_parser(description: str, files: str) -> argparse.ArgumentParser:
    """Return a parser of ``FILES... [--model] [--limit] [--seed]``; ``files`` is their help."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("files", type=Path, nargs="+", help=files)
    parser.add_argument("--model", help="folder of a bundle; the embedded one by default")
    parser.add_argument("--limit", type=int, help="use only N rows of each file, drawn at random")
    parser.add_argument("--seed", type=int, default=0, help="for --limit")
    return parser


def open_model(options: argparse.Namespace) -> OpenedScorer:
    """Return the bundle that the arguments name, behind the score cache."""
    return open_scorer(model=options.model, provider="auto", threads=None, cache=True)


def draw(rows: Iterable[_Row], options: argparse.Namespace) -> list[_Row]:
    """Return as many of the rows as the arguments allow, drawn at random, in their order."""
    found = list(rows)
    if options.limit is None or len(found) <= options.limit:
        return found
    places = random.Random(options.seed).sample(range(len(found)), options.limit)
    return [found[place] for place in sorted(places)]


def score(opened: OpenedScorer, pairs: Iterable[PreferencePair]) -> tuple[ScoredPair, ...]:
    """Score pairs as a review reads changes."""
    reading = read_changes(opened.bundle.manifest.calibration)
    return score_pairs(pairs, opened.scorer, reading=reading).pairs


def print_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a Markdown table; a float is shown with three digits, None as a dash."""
    print(f"| {' | '.join(head)} |")
    print("| --- " * len(head) + "|")
    for row in rows:
        print(f"| {' | '.join(map(_show, row))} |", flush=True)


def _show(cell: object) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)
