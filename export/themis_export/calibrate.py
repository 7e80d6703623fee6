"""From files of pairs and neutral edits to a calibrated bundle."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from themis_export.bundle_writer import replace_folder, write_manifest
from themis_export.calibration import Bin, Fit, Sample, bin_reliability, fit_scale, weigh_pairs
from themis_export.reference import make_tables, sample_units
from themis_lsp.bench.run import ScoredPair, read_changes, score_pairs
from themis_lsp.bundle.manifest import MANIFEST_FILE
from themis_lsp.bundle.percentiles import ReferenceTables
from themis_lsp.bundle.scales import scales_to_json
from themis_lsp.cli.scorer import OpenedScorer, open_scorer
from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.judgement.brief import brief_for
from themis_lsp.neutral import read_neutral
from themis_lsp.pairs import PreferencePair, read_pairs

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class CalibrationFiles:
    """What to fit on; ``limit`` rows of each file are drawn with ``seed``, all by default."""

    pairs: Sequence[Path]
    neutral: Sequence[Path]
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """Code that percentiles are made of: see ``sample_units``."""

    paths: tuple[Path, ...]
    units_per_band: int


@dataclass(frozen=True, slots=True)
class CalibratedCriterion:
    """What was fitted for a criterion, on how many neutral ``edits``, and how reliable it is."""

    criterion: Criterion
    edits: int
    fit: Fit
    reliability: list[Bin]


def calibrate_bundle(
    bundle: Path, out: Path, files: CalibrationFiles, reference: Reference | None = None
) -> list[CalibratedCriterion]:
    """Write ``bundle`` with fitted margins to ``out``, which appears whole or stays as it was.

    Criteria without pairs get no scale. With ``reference`` code, percentiles are made of it; else
    those that the bundle has stay. Raises UserError when there are no pairs to fit on, and as
    the readers of pairs, edits and bundles do.
    """
    opened = open_scorer(model=str(bundle), provider="auto", threads=None, cache=True)
    samples = read_samples(opened, files)
    if not samples:
        raise UserError("no pair of a criterion that the bundle judges; give other pairs")
    calibrated = []
    for criterion, sample in samples.items():
        fit = fit_scale(sample)
        curve = bin_reliability(sample, fit.scale.temperature)
        calibrated.append(CalibratedCriterion(criterion, sample.neutral.size, fit, curve))
    tables = None if reference is None else _make_tables(opened, reference)
    replace_folder(out, lambda folder: _copy(bundle, folder, files, calibrated, tables=tables))
    return calibrated


def read_samples(opened: OpenedScorer, files: CalibrationFiles) -> dict[Criterion, Sample]:
    """Return the margins of each criterion that has pairs, read as a review reads changes.

    What an earlier calibration made of them does not count.
    """
    reading = read_changes(replace(opened.bundle.manifest.calibration, margins={}))

    def score(pairs: Iterable[PreferencePair]) -> tuple[ScoredPair, ...]:
        # Equal texts are no change, and their margin would be no evidence.
        changed = (pair for pair in pairs if pair.chosen != pair.rejected)
        return score_pairs(changed, opened.scorer, reading=reading).pairs

    sources = [score(draw_rows(read_pairs(file), files)) for file in files.pairs]
    edits = [
        edit.as_pair(criterion)
        for file in files.neutral
        for edit in draw_rows(read_neutral(file), files)
        for criterion in edit.stable
    ]
    neutral = score(edits)
    samples = {}
    for criterion in Criterion:
        rows = [
            (place, pair)
            for place, source in enumerate(sources)
            for pair in source
            if pair.criterion is criterion
        ]
        calm = [edit for edit in neutral if edit.criterion is criterion]
        if rows:
            samples[criterion] = Sample(
                np.array([pair.margin for _, pair in rows]),
                weigh_pairs(
                    np.array([place for place, _ in rows]),
                    np.array([pair.length_difference for _, pair in rows]),
                ),
                np.array([edit.margin for edit in calm], dtype=float),
                np.array([pair.scores.tokens for _, pair in rows], dtype=float),
                np.array([edit.scores.tokens for edit in calm], dtype=float),
            )
    return samples


def draw_rows(rows: Iterable[_Row], files: CalibrationFiles) -> list[_Row]:
    """Return ``files.limit`` of the rows, drawn at random, in their order."""
    found = list(rows)
    if files.limit is None or len(found) <= files.limit:
        return found
    places = random.Random(files.seed).sample(range(len(found)), files.limit)
    return [found[place] for place in sorted(places)]


def format_table(calibrated: Iterable[CalibratedCriterion]) -> str:
    """Return a Markdown table of what was fitted, a dash for what is not claimed."""
    lines = [
        "| criterion | pairs | neutral | temperature | prior tokens | warn | gate | improved "
        "| regressions caught | neutral stable | cross-fitted precision |",
        "| --- " * 11 + "|",
    ]
    for entry in calibrated:
        scale, tail = entry.fit.scale, entry.fit.warnings
        cells = [
            entry.criterion.words,
            f"{scale.pairs:,}",
            f"{entry.edits:,}",
            f"{scale.temperature:.3f}",
            f"{scale.prior_tokens:g}",
            *(_figure(x) for x in (scale.warn_below, scale.gate_below, scale.improved_above)),
            *(_percent(x) for x in ((tail.caught, tail.spared) if tail else (None, None))),
            _percent(entry.fit.cross_fitted),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _make_tables(opened: OpenedScorer, reference: Reference) -> ReferenceTables:
    brief = brief_for(opened.scorer.info)
    units = sample_units(reference.paths, reference.units_per_band, brief=brief)
    if not units:
        raise UserError("no unit in the reference code; give folders of sources or files of pairs")
    return make_tables(opened.scorer, units)


def _copy(
    bundle: Path,
    folder: Path,
    files: CalibrationFiles,
    calibrated: Iterable[CalibratedCriterion],
    *,
    tables: ReferenceTables | None,
) -> None:
    fields = json.loads((bundle / MANIFEST_FILE).read_bytes())
    for name in fields["files"]:
        shutil.copyfile(bundle / name, folder / name)
    scales = {entry.criterion: entry.fit.scale for entry in calibrated}
    fields["calibration"]["margins"] = scales_to_json(scales)
    if tables is not None:
        fields["calibration"]["percentiles"] = tables.to_json()
    fields["provenance"]["margins"] = {
        "pairs": [file.name for file in files.pairs],
        "neutral": [file.name for file in files.neutral],
        "limit": files.limit,
        "seed": files.seed,
    }
    write_manifest(folder, fields)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
