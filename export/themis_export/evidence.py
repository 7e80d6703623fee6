"""The margins that a bundle gives to pairs and neutral edits, for calibration."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from themis_export.calibration import FOLDS, Evidence, weigh
from themis_lsp.bench.run import read_changes, score_pairs
from themis_lsp.bundle import Bundle
from themis_lsp.criteria import Criterion
from themis_lsp.judgement.crop import crop_pair
from themis_lsp.judgement.margin import ScoredText, read_difference
from themis_lsp.neutral import NeutralEdit, read_neutral
from themis_lsp.pairs import read_pairs
from themis_lsp.scoring.score import Scorer, Snippet

_SEED = 0
_CHUNK_EDITS = 256  # token rewards of one chunk are alive at a time
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class CalibrationFiles:
    """What to calibrate on; of each file at most ``limit`` pairs or edits, drawn at random."""

    pairs: Sequence[Path]
    neutral: Sequence[Path]
    limit: int | None = None


def gather_evidence(
    bundle: Bundle, scorer: Scorer, files: CalibrationFiles
) -> dict[Criterion, Evidence]:
    """Return the margins on each criterion that the bundle judges.

    Raises PairsError when a file cannot be read and BundleError when a score is not a number.
    """
    reading = read_changes(bundle.manifest.calibration.empty_side)
    own: dict[Criterion, list[tuple[float, int, int, str]]] = {
        criterion: [] for criterion in bundle.manifest.criteria
    }
    for number, path in enumerate(files.pairs):
        pairs = _sample(list(read_pairs(path)), files.limit)
        for pair in score_pairs(pairs, scorer, reading=reading).pairs:
            own[pair.criterion].append((pair.margin, pair.length_difference, number, pair.id))
    edits = [
        edit for path in files.neutral for edit in _sample(list(read_neutral(path)), files.limit)
    ]
    still = _read_neutral(edits, scorer, bundle)
    return {
        criterion: Evidence(
            margins=np.array([row[0] for row in rows], dtype=np.float64),
            weights=weigh([row[1] for row in rows], [row[2] for row in rows]),
            neutral=np.array([row[0] for row in still[criterion]], dtype=np.float64),
            pair_folds=_folds([row[3] for row in rows]),
            edit_folds=_folds([row[1] for row in still[criterion]]),
        )
        for criterion, rows in own.items()
    }


def _sample(items: list[_Item], limit: int | None) -> list[_Item]:
    if limit is None or len(items) <= limit:
        return items
    return random.Random(_SEED).sample(items, limit)


def _read_neutral(
    edits: Sequence[NeutralEdit], scorer: Scorer, bundle: Bundle
) -> dict[Criterion, list[tuple[float, str]]]:
    """Return margins and ids of the edits on each criterion that they must be stable on."""
    criteria = bundle.manifest.criteria
    margins: dict[Criterion, list[tuple[float, str]]] = {criterion: [] for criterion in criteria}
    for start in range(0, len(edits), _CHUNK_EDITS):
        chunk = edits[start : start + _CHUNK_EDITS]
        cropped = [crop_pair(edit.before, edit.after) for edit in chunk]
        scores = scorer.score(
            [
                Snippet(edit.language, text)
                for edit, sides in zip(chunk, cropped, strict=True)
                for text in (sides.left, sides.right)
            ]
        )
        for place, (edit, sides) in enumerate(zip(chunk, cropped, strict=True)):
            difference = read_difference(
                ScoredText(sides.left, scores[2 * place]),
                ScoredText(sides.right, scores[2 * place + 1]),
                bundle.manifest.calibration.empty_side,
            )
            change = difference.after - difference.before
            for column, criterion in enumerate(criteria):
                if criterion in edit.stable:
                    margins[criterion].append((float(change[column]), edit.id))
    return margins


def _folds(ids: Sequence[str]) -> NDArray[np.int64]:
    return np.array([zlib.crc32(name.encode()) % FOLDS for name in ids], dtype=np.int64)
