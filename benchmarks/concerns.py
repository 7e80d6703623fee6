"""How often the reason that a reviewer gives is right, on kinds of faults it was not taught.

    python benchmarks/concerns.py --tokenizer tokenizer.json --degraded FILE... --other FILE...

Operators of `themis-train pairs degrade` are left out by fifths; a head fitted to the others names
the pairs of those left out. A name is right when another operator of the same concern was learned
and that concern is named; any other name is wrong. Of ``other`` pairs a fifth is left out as well:
no name is right there.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from themis_train.concerns.examples import Example, make_examples
from themis_train.concerns.fit import fit_concerns
from themis_train.concerns.labels import concern_of_operator

from themis_lsp.concerns.head import ConcernHead
from themis_lsp.pairs import read_pairs
from themis_lsp.scoring.encode import TextEncoder

FOLDS = 5


@dataclass(slots=True)
class Count:
    """Changes, those that got a name, and those whose name is right."""

    seen: int = 0
    named: int = 0
    right: int = 0

    def add(self, name: str | None, truth: str | None) -> None:
        """Count one change."""
        self.seen += 1
        self.named += name is not None
        self.right += name is not None and name == truth


def likeliest(head: ConcernHead, example: Example) -> str | None:
    """Return the name that the head would show, whatever the criterion."""
    named = head.likeliest(example.columns)
    return None if named is None else named.concern.name


def measure(known: Sequence[Example], others: Sequence[Example]) -> dict[str, Count]:
    """Return counts for operators with a learned sibling, those without, and other pairs."""
    counts = {"operators with a sibling": Count(), "operators without": Count(), "others": Count()}
    for fold in range(FOLDS):
        learned = [e for e in known if crc32(e.operator.encode()) % FOLDS != fold]
        quiet = [e for e in others if e.source % FOLDS != fold]
        head, _ = fit_concerns([*learned, *quiet], seed=0)
        for example in known:
            if crc32(example.operator.encode()) % FOLDS == fold:
                has_sibling = example.concern in head.names
                kind = "operators with a sibling" if has_sibling else "operators without"
                counts[kind].add(likeliest(head, example), example.concern)
        for example in others:
            if example.source % FOLDS == fold:
                counts["others"].add(likeliest(head, example), None)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--degraded", type=Path, nargs="+", required=True)
    parser.add_argument("--other", type=Path, nargs="+", required=True)
    parser.add_argument("--limit", type=int, default=10_000, help="pairs of each kind, at random")
    options = parser.parse_args()
    encoder = TextEncoder(options.tokenizer)
    chance = random.Random(0)
    sides: list[list[Example]] = []
    for files, concerns in ((options.degraded, concern_of_operator()), (options.other, {})):
        pairs = [pair for path in files for pair in read_pairs(path)]
        pairs = chance.sample(pairs, min(len(pairs), options.limit))
        sides.append(list(make_examples(pairs, encoder, concerns)))
    print("| changes | of them | named | right |", "| --- | --- | --- | --- |", sep="\n")
    for kind, count in measure(sides[0], sides[1]).items():
        right = f"{count.right / count.named:.0%}" if count.named else ""
        print(f"| {kind} | {count.seen} | {count.named / max(count.seen, 1):.1%} | {right} |")


if __name__ == "__main__":
    main()
