"""From paths to balanced pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_lsp.languages import Language
from themis_lsp.sources.load import load_sources
from themis_lsp.sources.source import SourceFile, show_path
from themis_train.degradation.pair import DegradedPair, degrade_file
from themis_train.degradation.registry import OPERATORS
from themis_train.degradation.selection import Reservoir, Selection, balance, hold_out_operators
from themis_train.mining.files import is_test_or_document
from themis_train.pool import run_each
from themis_train.watcher import Watcher

_FILES_PER_TASK = 16
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class DegradeOptions:
    """What to make of the files.

    ``limit`` is of the pairs of learned and of held-out operators each; None for no limit.
    ``dev_share`` of the operators of each criterion are held out, or else ``dev_operators``.
    """

    per_operator: int = 400
    per_file: int = 60
    per_file_operator: int = 3
    limit: int | None = None
    dev_share: float = 0.0
    dev_operators: tuple[str, ...] = ()
    seed: int = 0
    jobs: int = 1
    criteria: tuple[Criterion, ...] = tuple(Criterion)
    languages: tuple[Language, ...] = tuple(Language)


@dataclass(frozen=True, slots=True)
class Degradation:
    """What a run made: the pairs, those of held-out operators, and what it read and left out."""

    learned: Selection
    held_out: Selection
    file_count: int
    found: Counter[str] = field(default_factory=Counter)


def degrade_paths(paths: Sequence[Path], options: DegradeOptions, watcher: Watcher) -> Degradation:
    """Make pairs from the source files under ``paths``.

    The pairs are the same whatever ``jobs`` is. Raises UserError when a path cannot be read, or
    there is no source file.
    """
    files = read_files(paths, options.languages)
    reservoir = Reservoir(options.per_operator)
    found: Counter[str] = Counter()
    degrade = partial(_degrade_files, options)
    for pairs in each_chunk(files, degrade, jobs=options.jobs, watcher=watcher):
        found.update(pair.operator for pair in pairs)
        reservoir.add(pairs)
    kept = reservoir.pairs()
    names = frozenset(options.dev_operators)
    names = names or hold_out_operators(OPERATORS, kept, options.dev_share)
    learned, held_out = (
        balance([p for p in kept if (p.operator in names) is is_dev], options.limit)
        for is_dev in (False, True)
    )
    return Degradation(learned, held_out, len(files), found)


def read_files(paths: Sequence[Path], languages: Collection[Language]) -> list[SourceFile]:
    """Return the source files under paths; each is named from the folder that was given."""
    sources = load_sources([str(path) for path in paths])
    if sources.problems:
        raise UserError("; ".join(problem.message for problem in sources.problems))
    named = [
        replace(file, path=_path_from(file.path, paths))
        for file in sources.files
        if file.language in languages
    ]
    files = [file for file in named if not _is_beside_the_code(file.path)]
    if not files:
        raise UserError(
            f"no source files in {', '.join(map(show_path, paths))} but tests; give files or "
            f"folders in one of the languages {', '.join(languages)}"
            if named
            else f"no source files in {', '.join(map(show_path, paths))}; give files or folders in "
            f"one of the languages {', '.join(languages)}"
        )
    return files


def _is_beside_the_code(path: str) -> bool:
    """Tell whether a file of a folder is a test, a benchmark or an example."""
    _, _, inside = path.partition("/")
    return bool(inside) and is_test_or_document(inside)


def _path_from(shown: str, roots: Sequence[Path]) -> str:
    for root in roots:
        if root.is_dir() and Path(shown).is_relative_to(root):
            name = root.resolve().name
            return f"{name}/{show_path(Path(shown).relative_to(root))}".removeprefix("/")
    return Path(shown).name


def each_chunk(
    files: Sequence[SourceFile],
    make: Callable[[Sequence[SourceFile]], list[DegradedPair]],
    *,
    jobs: int,
    watcher: Watcher,
) -> Iterator[list[DegradedPair]]:
    """Yield what ``make`` makes of the files, a few at a time, in their order whatever ``jobs``."""
    chunks = [files[i : i + _FILES_PER_TASK] for i in range(0, len(files), _FILES_PER_TASK)]
    watcher.start("files", len(files))
    for number, pairs in _in_order(run_each(make, chunks, jobs=jobs)):
        yield pairs
        watcher.advance(len(chunks[number]))


def _degrade_files(options: DegradeOptions, files: Sequence[SourceFile]) -> list[DegradedPair]:
    operators = [op for op in OPERATORS if op.criterion in options.criteria]
    return [
        pair
        for file in files
        for pair in degrade_file(
            file,
            operators,
            seed=options.seed,
            cap=options.per_file,
            operator_cap=options.per_file_operator,
        )
    ]


def _in_order(results: Iterable[tuple[int, _Result]]) -> Iterator[tuple[int, _Result]]:
    """Yield numbered results by number, from 0 on, as soon as it is their turn."""
    waiting: dict[int, _Result] = {}
    turn = 0
    for number, result in results:
        waiting[number] = result
        while turn in waiting:
            yield turn, waiting.pop(turn)
            turn += 1
