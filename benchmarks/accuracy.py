"""Accuracy on preference pairs by criterion, language, length sign and source, against baselines.

    python benchmarks/accuracy.py PAIRS... [--train PAIRS...] [--model BUNDLE] [--limit N]

Each cell is length-balanced accuracy, except by length sign, where it is plain. "Longer side wins"
needs nothing; the hashed n-grams of ``baselines.py`` are fitted on ``--train`` when it is given.
Coverage is of the bundle: accuracy on the tenth and the fifth of pairs with the widest margins.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from baselines import fit, load
from inputs import draw, make_parser, open_model, print_table, score
from numpy.typing import NDArray

from themis_lsp.bench.metrics import (
    Margins,
    accuracy,
    length_balanced_accuracy,
    select_surest,
)
from themis_lsp.criteria import Criterion
from themis_lsp.pairs import PreferencePair, read_pairs

Floats = NDArray[np.float64]


def score_grams(train: list[Path], pairs: Sequence[PreferencePair]) -> Floats:
    """Return the margins [pairs] of hashed n-grams fitted on ``train``."""
    margins = np.full(len(pairs), np.nan)
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "pairs.jsonl"
        with sample.open("w", encoding="utf-8") as file:
            for pair in pairs:
                row = {
                    "chosen": pair.chosen,
                    "rejected": pair.rejected,
                    "aspect": pair.criterion,
                    "language": pair.language,
                }
                file.write(json.dumps(row) + "\n")
        known = load(train)
        for criterion, differences in load([sample]).items():
            places = [i for i, pair in enumerate(pairs) if pair.criterion is criterion]
            if criterion in known:
                margins[places] = differences.score(fit(known[criterion]))
    return margins


def name_sign(length: int) -> str:
    """Return which side of a pair is the longer one."""
    return ("better side shorter", "same length", "better side longer")[int(np.sign(length)) + 1]


def main() -> None:
    """Read the arguments, score, print."""
    parser = make_parser("Accuracy by group, against baselines.", "preference pairs")
    parser.add_argument("--train", type=Path, nargs="+", help="pairs to fit the n-grams on")
    options = parser.parse_args()
    opened = open_model(options)
    pairs: list[PreferencePair] = []
    sources: list[str] = []
    for file in options.files:
        rows = [
            pair
            for pair in draw(read_pairs(file), options)
            if pair.criterion in opened.scorer.info.criteria
        ]
        pairs += rows
        sources += [file.name] * len(rows)
    lengths = np.array([len(pair.chosen) - len(pair.rejected) for pair in pairs], dtype=np.int64)
    own = np.array([pair.margin for pair in score(opened, pairs)])
    columns: dict[str, Floats] = {"longer side wins": lengths.astype(np.float64)}
    if options.train:
        columns["hashed n-grams"] = score_grams(options.train, pairs)
    columns[opened.bundle.manifest.name] = own

    groups: dict[str, list[int]] = defaultdict(list)
    for place, (pair, source) in enumerate(zip(pairs, sources, strict=True)):
        groups[pair.criterion.words].append(place)
        groups[pair.language].append(place)
        groups[name_sign(lengths[place])].append(place)
        groups[source].append(place)
    order = [*(criterion.words for criterion in Criterion)]
    names = sorted(groups, key=lambda name: (name not in order, name))
    rows_out: list[tuple[object, ...]] = []
    for name in names:
        places = np.array(groups[name], dtype=np.intp)
        measure = accuracy if "length" in name or "better" in name else length_balanced_accuracy
        figures = [
            measure(Margins(margins, lengths, np.abs(margins)).select(places))
            for margins in columns.values()
        ]
        group = Margins(own, lengths, np.abs(own)).select(places)
        sure = [accuracy(select_surest(group, percent)) for percent in (10, 20)]
        rows_out.append((name, len(places), *figures, *sure))
    print_table(("group", "pairs", *columns, "surest 10 %", "surest 20 %"), rows_out)


if __name__ == "__main__":
    main()
