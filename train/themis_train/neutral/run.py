"""From paths to neutral edits."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from themis_lsp.languages import Language
from themis_lsp.sources.source import SourceFile
from themis_train.degradation.pair import DegradedPair, degrade_file
from themis_train.degradation.run import each_chunk, read_files
from themis_train.degradation.selection import Reservoir
from themis_train.neutral.operators import STABLE, Family
from themis_train.neutral.registry import OPERATORS
from themis_train.watcher import Watcher

_FAMILIES = {operator.name: operator.family for operator in OPERATORS}


@dataclass(frozen=True, slots=True)
class NeutralOptions:
    """What to make of the files; the options are those of degradations."""

    per_operator: int = 200
    per_file: int = 40
    per_file_operator: int = 2
    dev_share: float = 0.0
    seed: int = 0
    jobs: int = 1
    languages: tuple[Language, ...] = tuple(Language)


@dataclass(frozen=True, slots=True)
class NeutralEdits:
    """What a run made: the edits, those of held-out operators, and how many files were read."""

    learned: tuple[DegradedPair, ...]
    held_out: tuple[DegradedPair, ...]
    file_count: int

    def count(self) -> Counter[tuple[Family, Language]]:
        """How many edits there are by family and language."""
        edits = (*self.learned, *self.held_out)
        return Counter((_FAMILIES[edit.operator], edit.language) for edit in edits)


def make_neutral(paths: Sequence[Path], options: NeutralOptions, watcher: Watcher) -> NeutralEdits:
    """Make edits of the source files under ``paths``.

    The edits are the same whatever ``jobs`` is. Raises UserError when a path cannot be read, or
    there is no source file.
    """
    files = read_files(paths, options.languages)
    reservoir = Reservoir(options.per_operator)
    edit_files = partial(_edit_files, options)
    for edits in each_chunk(files, edit_files, jobs=options.jobs, watcher=watcher):
        reservoir.add(edits)
    kept = reservoir.pairs()
    held_out = held_out_operators(options.dev_share)
    return NeutralEdits(
        tuple(edit for edit in kept if edit.operator not in held_out),
        tuple(edit for edit in kept if edit.operator in held_out),
        len(files),
    )


def held_out_operators(share: float) -> frozenset[str]:
    """Return the names of the operators to hold out: about ``share`` of each family of several."""
    names: set[str] = set()
    for family in Family:
        own = sorted(
            (name for name, its in _FAMILIES.items() if its is family),
            key=lambda name: zlib.crc32(name.encode()),
        )
        if share > 0 and len(own) > 1:
            names |= set(own[: min(max(1, round(share * len(own))), len(own) - 1)])
    return frozenset(names)


def neutral_row(edit: DegradedPair, *, license_id: str) -> Mapping[str, object]:
    """Return the row of an edit; whether it was made or undone is as good as random.

    The spans are lists of places that one side has and the other has not, as those of degradations.
    """
    sides = edit.sides
    code = [
        (sides.chosen, [asdict(span) for span in sides.chosen_spans]),
        (sides.rejected, [asdict(span) for span in sides.rejected_spans]),
    ]
    if int(edit.rank[:2], 16) % 2:
        code.reverse()
    (before, before_span), (after, after_span) = code
    return {
        "id": f"{edit.path}:{edit.start_line}#{edit.operator}",
        "before": before,
        "after": after,
        "language": edit.language.value,
        "operator": edit.operator,
        "family": _FAMILIES[edit.operator].value,
        "stable": [criterion.value for criterion in STABLE],
        "path": edit.path,
        "license": license_id,
        "before_span": before_span,
        "after_span": after_span,
    }


def _edit_files(options: NeutralOptions, files: Sequence[SourceFile]) -> list[DegradedPair]:
    return [
        edit
        for file in files
        for edit in degrade_file(
            file,
            [operator.operator for operator in OPERATORS],
            seed=options.seed,
            cap=options.per_file,
            operator_cap=options.per_file_operator,
        )
    ]
