"""The results of a benchmark run, in the layout in which the Themis results are published."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from themis_lsp.bench.metrics import Margins, measure
from themis_lsp.bench.run import ScoredPair, ScoredPairs
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.rows import import_bench_module
from themis_lsp.scoring.score import ScorerInfo

Results = dict[str, Any]
"""What ``results.json`` holds: only dictionaries, lists, strings, numbers and None."""

_Key = TypeVar("_Key", bound=Hashable)


def build_results(
    scored: ScoredPairs,
    info: ScorerInfo,
    *,
    files: Sequence[str],
    confidences: NDArray[np.float64] | None = None,
) -> Results:
    """Return the figures of all pairs, and by criterion (``by_aspect``), language and subset.

    ``confidences`` [pairs] ranks the pairs for the coverage figures; by default the surest pair is
    the one with the widest margin.
    """
    pairs = scored.pairs
    margins = _collect_margins(pairs, confidences)
    by_aspect = _measure_groups(pairs, margins, lambda pair: pair.criterion, tuple(Criterion))
    subsets = sorted({pair.subset for pair in pairs})
    return {
        "model": {
            "name": info.model,
            "bundle_sha256": info.bundle_sha256,
            "provider": info.provider,
            **(
                {"reading": "faithful" if info.is_faithful else "hardened"}
                if info.reads_tasks
                else {}
            ),
            "criteria": [criterion.value for criterion in info.criteria],
        },
        "files": list(files),
        "skipped": {
            criterion.value: scored.skipped[criterion]
            for criterion in Criterion
            if criterion in scored.skipped
        },
        "overall": {
            "total_examples": len(pairs),  # the published name; groups have only their count
            **asdict(measure(margins)),
            "length_balanced_accuracy_by_criterion_mean": _mean_over_groups(by_aspect),
        },
        "by_aspect": by_aspect,
        "by_language": _measure_groups(pairs, margins, lambda pair: pair.language, tuple(Language)),
        "by_subset": _measure_groups(pairs, margins, lambda pair: pair.subset, subsets),
    }


def format_json(results: Results) -> str:
    """Return ``results`` as JSON text, without a line end after it."""
    return json.dumps(results, indent=2, ensure_ascii=False, allow_nan=False)


def write_results(folder: Path, results: Results, pairs: Sequence[ScoredPair]) -> None:
    """Write ``scores.parquet`` and ``results.json`` to ``folder``, making it if need be.

    A file appears whole or not at all. Raises UserError when the folder cannot be written or the
    extra ``bench`` is missing.
    """
    parquet = import_bench_module("pyarrow.parquet")
    table = _tabulate(pairs)
    text = format_json(results) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / "scores.parquet", lambda path: parquet.write_table(table, path))
        _replace(folder / "results.json", lambda path: path.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{folder}: results cannot be written ({error.strerror}); choose another folder"
        ) from error


def _collect_margins(
    pairs: Sequence[ScoredPair], confidences: NDArray[np.float64] | None
) -> Margins:
    margins = np.array([pair.margin for pair in pairs], dtype=np.float64)
    lengths = np.array([pair.length_difference for pair in pairs], dtype=np.int64)
    return Margins(margins, lengths, np.abs(margins) if confidences is None else confidences)


def _measure_groups(
    pairs: Sequence[ScoredPair],
    margins: Margins,
    key: Callable[[ScoredPair], _Key],
    order: Sequence[_Key],
) -> dict[str, dict[str, Any]]:
    rows: dict[_Key, list[int]] = {name: [] for name in order}
    for row, pair in enumerate(pairs):
        rows[key(pair)].append(row)
    return {
        str(name): asdict(measure(margins.select(np.array(members, dtype=np.intp))))
        for name, members in rows.items()
        if members
    }


def _mean_over_groups(groups: dict[str, dict[str, Any]]) -> float | None:
    values = [group["length_balanced_accuracy"] for group in groups.values()]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _tabulate(pairs: Sequence[ScoredPair]) -> object:
    columns = {
        "id": [pair.id for pair in pairs],
        "chosen_score": [pair.scores.chosen for pair in pairs],
        "rejected_score": [pair.scores.rejected for pair in pairs],
        "correct": [pair.margin > 0 for pair in pairs],
        "score_diff": [pair.margin for pair in pairs],
        "language": [pair.language.value for pair in pairs],
        "aspect": [pair.criterion.value for pair in pairs],
        "subset": [pair.subset for pair in pairs],
    }
    return import_bench_module("pyarrow").table(columns)


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
