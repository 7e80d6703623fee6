"""The whole way from repositories to files of pairs."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from themis_lsp.criteria import Criterion
from themis_lsp.errors import UserError
from themis_train.mining.candidates import Chunk, mine_chunk
from themis_train.mining.cut import CutLimits
from themis_train.mining.decontaminate import read_forbidden
from themis_train.mining.drops import Drop
from themis_train.mining.repository import name_repositories
from themis_train.mining.rows import COLUMNS, make_row
from themis_train.mining.select import (
    Labelled,
    Origin,
    Selection,
    choose_dev,
    label_candidates,
    select_pairs,
)
from themis_train.mining.shards import Candidate, read_dropped, read_shard
from themis_train.mining.survey import Survey, survey_repository
from themis_train.pair_files import Row, dev_file, format_of, write_pairs
from themis_train.pool import run_each
from themis_train.watcher import Watcher

_CHUNK_COMMITS = 250
_SHARD_FORMAT = "1"


@dataclass(frozen=True, slots=True)
class MiningOptions:
    """What ``themis-train pairs git`` can be told; the names are those of the options."""

    out: Path
    work: Path | None
    min_confidence: float
    cap: int
    max_units: int
    max_chars: int
    beside_tests_and_docs: bool
    decontaminate: tuple[Path, ...]
    dev_share: float
    seed: int
    jobs: int


@dataclass(frozen=True, slots=True)
class Mined:
    """What came of a run: counts by criterion and language, drops by reason, pairs by file."""

    commit_count: int
    pairs: Counter[tuple[Criterion, str]]
    dropped: Counter[Drop]
    files: dict[Path, int]


def mine_repositories(paths: Sequence[Path], options: MiningOptions, *, watcher: Watcher) -> Mined:
    """Mine the repositories and write ``options.out`` (and, beside it, the pairs for validation).

    What was cut stays in the work folder: a run that was ended goes on from there. Raises UserError
    when nothing could be mined or a file cannot be read or written.
    """
    format_of(options.out)
    forbidden = read_forbidden(options.decontaminate)
    surveys = _survey(paths, options, watcher)
    shards = _cut(surveys, options, watcher)
    dropped = sum((survey.dropped for survey in surveys), Counter[Drop]())
    for shard in shards:
        dropped += read_dropped(shard)
    watcher.start("telling the criteria", 1)
    probabilities = label_candidates(_read_all(shards), seed=options.seed)
    labelled = select_pairs(
        _read_all(shards),
        probabilities,
        selection=Selection(options.min_confidence, options.cap),
        forbidden=forbidden,
        dropped=dropped,
    )
    watcher.advance(1)
    licenses = {survey.name: survey.license for survey in surveys}
    pairs, files = _write(shards, labelled, licenses, options)
    return Mined(sum(survey.commit_count for survey in surveys), pairs, dropped, files)


def _survey(paths: Sequence[Path], options: MiningOptions, watcher: Watcher) -> list[Survey]:
    tasks = list(zip(paths, name_repositories(paths), strict=True))
    watcher.start("reading histories", len(tasks))
    look = functools.partial(_look_at, beside_tests_and_docs=options.beside_tests_and_docs)
    found: dict[int, Survey] = {}
    for number, survey in run_each(look, tasks, jobs=options.jobs):
        found[number] = survey
        watcher.advance(1)
        for line in (*survey.warnings, *([survey.problem] if survey.problem else [])):
            watcher.warn(line)
    surveys = [found[number] for number in range(len(tasks))]
    if all(survey.problem for survey in surveys):
        raise UserError("nothing could be mined: no path is a git repository with a history")
    return surveys


def _look_at(task: tuple[Path, str], *, beside_tests_and_docs: bool) -> Survey:
    return survey_repository(*task, beside_tests_and_docs=beside_tests_and_docs)


def _cut(surveys: Sequence[Survey], options: MiningOptions, watcher: Watcher) -> list[Path]:
    """Make the shards that are not there yet; return all, in the order of the repositories."""
    folder = options.work or options.out.with_name(options.out.name + ".work")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left_over in folder.glob("*.part"):
            left_over.unlink()
    except OSError as error:
        raise UserError(f"{folder}: cannot be written to ({error.strerror})") from error
    limits = CutLimits(options.max_units, options.max_chars)
    chunks = [chunk for survey in surveys for chunk in _chunks(survey, limits, folder)]
    missing = [chunk for chunk in chunks if not chunk.shard.exists()]
    watcher.start("cutting changed units", sum(len(chunk.commits) for chunk in missing))
    for _, count in run_each(mine_chunk, missing, jobs=options.jobs):
        watcher.advance(count)
    return [chunk.shard for chunk in chunks]


def _chunks(survey: Survey, limits: CutLimits, folder: Path) -> Iterator[Chunk]:
    for start in range(0, len(survey.commits), _CHUNK_COMMITS):
        commits = survey.commits[start : start + _CHUNK_COMMITS]
        key = repr((_SHARD_FORMAT, survey.name, limits, [commit.id for commit in commits]))
        name = blake2b(key.encode("utf-8", "replace"), digest_size=16).hexdigest()
        yield Chunk(survey.path, survey.name, commits, limits, folder / f"{name}.zst")


def _read_all(shards: Sequence[Path]) -> Iterator[Candidate]:
    for shard in shards:
        yield from read_shard(shard)


def _write(
    shards: Sequence[Path],
    labelled: Sequence[Labelled],
    licenses: dict[str, str],
    options: MiningOptions,
) -> tuple[Counter[tuple[Criterion, str]], dict[Path, int]]:
    chosen = {label.number: label for label in labelled}
    pairs: Counter[tuple[Criterion, str]] = Counter()
    files: dict[Path, int] = {}
    origins = {
        number: Origin(one.repo, one.time)
        for number, one in enumerate(_read_all(shards))
        if number in chosen
    }
    for_dev = choose_dev(origins, options.dev_share)
    dev = dev_file(options.out)
    for path in (options.out, dev) if options.dev_share else (options.out,):
        ours = (
            (one, chosen[number])
            for number, one in enumerate(_read_all(shards))
            if number in chosen and (number in for_dev) is (path is dev)
        )
        counts: Counter[tuple[Criterion, str]] = Counter()
        write_pairs(path, _rows(ours, licenses, counts), columns=COLUMNS)
        files[path] = counts.total()
        pairs += counts
    return pairs, files


def _rows(
    pairs: Iterable[tuple[Candidate, Labelled]],
    licenses: dict[str, str],
    counts: Counter[tuple[Criterion, str]],
) -> Iterator[Row]:
    for idx, (one, label) in enumerate(pairs):
        counts[label.criterion, one.language] += 1
        yield make_row(one, label, licenses[one.repo], idx=idx)
